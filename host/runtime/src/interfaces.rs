//! What a component imports and exports, checked against what the host offers before anything is linked.

use crate::version::ComponentKind;
use std::collections::BTreeSet;
use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime::component::types::{ComponentExtern, ComponentItem};

/// Versions of the contract that the host offers, all packages alike.
pub(crate) const RELEASED: &[&str] = &["0.1.0"];

/// Interfaces of the contract with functions for guests to call.
const HOST: &[&str] = &["config", "log", "secrets", "state"];

/// The part of WASI that a language's standard library and HTTP client bring in. No files, no sockets.
const WASI: &[&str] = &[
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:http/outgoing-handler",
    "wasi:http/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
];

/// Interfaces of the contract that a component may export.
const EXPORTS: &[(&str, ComponentKind)] = &[
    ("interline:supplier/describe", ComponentKind::Supplier),
    ("interline:supplier/flight-search", ComponentKind::Supplier),
    ("interline:supplier/flight-price-check", ComponentKind::Supplier),
    ("interline:supplier/order", ComponentKind::Supplier),
    ("interline:supplier/ticketing", ComponentKind::Supplier),
    ("interline:supplier/order-cancel", ComponentKind::Supplier),
    ("interline:payment/provider", ComponentKind::Payment),
    ("interline:rules/fares", ComponentKind::Rules),
    ("interline:rules/baggage", ComponentKind::Rules),
    ("interline:rules/cancellation", ComponentKind::Rules),
];

/// The names of a component's imports and exports, as they stand in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Names {
    /// Imports that bring functions or resources, and imports of types alone.
    imports: Vec<(String, Brings)>,
    exports: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Brings {
    Code,
    Types,
}

/// The interfaces of the contract that a component exports: `flight-search`, `fares`, …
pub(crate) type Exported = BTreeSet<&'static str>;

impl Names {
    pub(crate) fn of(component: &Component, engine: &Engine) -> Self {
        let ty = component.component_type();
        let imports = ty.imports(engine).map(|(name, item)| (name.to_owned(), brings(&item, engine))).collect();
        Self { imports, exports: ty.exports(engine).map(|(name, _)| name.to_owned()).collect() }
    }

    /// Checks all names; answers what is exported.
    pub(crate) fn check(&self, component: &str, kind: ComponentKind) -> Result<Exported, String> {
        for (import, brings) in &self.imports {
            check_import(component, kind, import, *brings)?;
        }
        let mut exported = Exported::new();
        for export in self.exports.iter().filter(|export| export.starts_with("interline:")) {
            let (interface, version) = split(export);
            let Some((known, of)) = EXPORTS.iter().find(|(known, _)| *known == interface) else {
                if RELEASED.contains(&version) && is_types(interface) {
                    continue;
                }
                return Err(format!("component `{component}` exports `{export}`, which the contract does not have"));
            };
            check_version(component, "exports", export, version)?;
            if *of != kind {
                return Err(format!("component `{component}` exports `{export}`, and its manifest says another kind"));
            }
            exported.insert(known.rsplit('/').next().unwrap_or(known));
        }
        let needed = match kind {
            ComponentKind::Supplier if !exported.contains("describe") => Some("interline:supplier/describe"),
            ComponentKind::Payment if exported.is_empty() => Some("interline:payment/provider"),
            ComponentKind::Rules if exported.is_empty() => Some("interline:rules/fares, baggage or cancellation"),
            _ => None,
        };
        match needed {
            Some(needed) => Err(format!("component `{component}` does not export {needed}@{}", RELEASED.join(" or "))),
            None => Ok(exported),
        }
    }
}

fn brings(item: &ComponentExtern<'_>, engine: &Engine) -> Brings {
    match &item.ty {
        ComponentItem::ComponentInstance(instance) => {
            let mut exports = instance.exports(engine);
            let only_types = exports.all(|(_, item)| matches!(item.ty, ComponentItem::Type(_)));
            if only_types { Brings::Types } else { Brings::Code }
        }
        ComponentItem::Type(_) => Brings::Types,
        _ => Brings::Code,
    }
}

fn check_import(component: &str, kind: ComponentKind, import: &str, brings: Brings) -> Result<(), String> {
    let (interface, version) = split(import);
    let host_interface = interface.strip_prefix("interline:host/");
    if interface.starts_with("interline:") {
        let known = host_interface.map_or_else(|| is_types(interface), |name| HOST.contains(&name));
        if !known {
            let offered = HOST.join(", ");
            return Err(format!(
                "component `{component}` imports `{import}`, which the host does not offer; interline:host has {offered}"
            ));
        }
        check_version(component, "imports", import, version)?;
    } else if !WASI.contains(&interface) {
        return Err(format!(
            "component `{component}` imports `{import}`; components may import interline:host and, of WASI, {} alone",
            "cli (without files), clocks, http, io and random"
        ));
    }
    if kind == ComponentKind::Rules && brings == Brings::Code {
        return Err(format!("component `{component}` imports `{import}`; rule sets are pure and import nothing"));
    }
    Ok(())
}

fn check_version(component: &str, verb: &str, name: &str, version: &str) -> Result<(), String> {
    if RELEASED.contains(&version) {
        return Ok(());
    }
    let offered = RELEASED.join(", ");
    Err(format!("component `{component}` {verb} `{name}`; versions on offer: {offered}"))
}

/// Packages whose interfaces come along as types of the exported ones.
fn is_types(interface: &str) -> bool {
    ["interline:types/", "interline:rules/facts", "interline:supplier/order"]
        .iter()
        .any(|prefix| interface.starts_with(prefix))
}

fn split(name: &str) -> (&str, &str) {
    name.split_once('@').unwrap_or((name, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(imports: &[&str], exports: &[&str]) -> Names {
        Names {
            imports: imports.iter().map(|name| ((*name).to_owned(), Brings::Code)).collect(),
            exports: exports.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn error(imports: &[&str]) -> String {
        names(imports, &["interline:supplier/describe@0.1.0"]).check("acme", ComponentKind::Supplier).unwrap_err()
    }

    #[test]
    fn what_is_exported_is_found() {
        let names = names(
            &["interline:host/log@0.1.0", "wasi:http/types@0.2.12"],
            &["interline:supplier/describe@0.1.0", "interline:supplier/flight-search@0.1.0", "memory"],
        );
        let exported = names.check("acme", ComponentKind::Supplier).unwrap();
        assert_eq!(exported.into_iter().collect::<Vec<_>>(), ["describe", "flight-search"]);
    }

    #[test]
    fn a_version_that_is_not_offered_names_component_import_and_versions() {
        let error = error(&["interline:host/log@0.7.0"]);
        for part in ["acme", "interline:host/log@0.7.0", "on offer: 0.1.0"] {
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn files_and_sockets_are_refused_by_name() {
        for import in ["wasi:filesystem/types@0.2.12", "wasi:sockets/tcp@0.2.12", "acme:backdoor/open@1.0.0"] {
            assert!(error(&[import]).contains(import));
        }
    }

    #[test]
    fn rule_sets_import_nothing() {
        let names = names(&["wasi:clocks/wall-clock@0.2.12"], &["interline:rules/fares@0.1.0"]);
        assert!(names.check("fares", ComponentKind::Rules).unwrap_err().contains("pure"));
    }

    #[test]
    fn a_supplier_without_a_description_is_refused() {
        let names = names(&[], &["interline:supplier/flight-search@0.1.0"]);
        assert!(names.check("acme", ComponentKind::Supplier).unwrap_err().contains("describe"));
    }
}
