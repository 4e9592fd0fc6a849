//! Names of rules, made once for each version of a rule set.

use arc_swap::ArcSwapOption;
use foldhash::fast::RandomState;
use interline_runtime::{PluginVersion, RuleSetInfo};
use std::collections::HashMap;
use std::sync::Arc;

/// The names that one version of a rule set gives to its rules.
#[derive(Debug)]
pub struct Names {
    version: PluginVersion,
    rule_set: Arc<str>,
    rules: HashMap<u32, Arc<str>, RandomState>,
}

impl Names {
    /// Characters of a rule's name that are kept.
    const LENGTH: usize = 120;

    fn of(version: &PluginVersion, info: &RuleSetInfo) -> Self {
        let name = |name: &str| -> Arc<str> { name.chars().take(Self::LENGTH).collect::<String>().into() };
        let rules = info.rules.iter().map(|rule| (rule.id, name(&rule.name))).collect();
        Self { version: version.clone(), rule_set: version.name.as_str().into(), rules }
    }

    /// The rule set's name.
    pub fn rule_set(&self) -> Arc<str> {
        self.rule_set.clone()
    }

    /// Whether the rule set told of a rule.
    pub fn has(&self, id: u32) -> bool {
        self.rules.contains_key(&id)
    }

    /// A rule's name; none if the rule set never told of it.
    pub fn rule(&self, id: u32) -> Option<Arc<str>> {
        self.rules.get(&id).cloned()
    }
}

/// The names of the version that answered last.
#[derive(Debug, Default)]
pub struct NamesCache(ArcSwapOption<Names>);

impl NamesCache {
    /// Names by this version.
    pub fn names(&self, version: &PluginVersion, info: &RuleSetInfo) -> Arc<Names> {
        if let Some(names) = self.0.load_full().filter(|names| names.version == *version) {
            return names;
        }
        let names = Arc::new(Names::of(version, info));
        self.0.store(Some(names.clone()));
        names
    }
}
