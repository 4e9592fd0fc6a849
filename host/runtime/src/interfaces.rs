//! What a component imports and exports, checked against what the host offers before anything is linked.

use crate::version::ComponentKind;
use std::collections::BTreeSet;
use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime::component::types::{ComponentExtern, ComponentItem};

/// Releases of the contract that the host offers. One that changes a package brings that package's new version, and the
/// versions before it stay on offer.
pub(crate) const RELEASED: &[&str] = &["0.1.0", "0.2.0"];

/// The version of the packages that components import from.
const IMPORTED: &str = "0.1.0";

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

/// Interfaces of the contract that a component may export, in each version on offer.
const EXPORTS: &[(&str, &str, ComponentKind)] = &[
    ("interline:supplier/describe", "0.1.0", ComponentKind::Supplier),
    ("interline:supplier/flight-search", "0.1.0", ComponentKind::Supplier),
    ("interline:supplier/flight-price-check", "0.1.0", ComponentKind::Supplier),
    ("interline:supplier/order", "0.1.0", ComponentKind::Supplier),
    ("interline:supplier/ticketing", "0.1.0", ComponentKind::Supplier),
    ("interline:supplier/order-cancel", "0.1.0", ComponentKind::Supplier),
    ("interline:payment/provider", "0.1.0", ComponentKind::Payment),
    ("interline:rules/fares", "0.1.0", ComponentKind::Rules),
    ("interline:rules/fares", "0.2.0", ComponentKind::Rules),
    ("interline:rules/baggage", "0.1.0", ComponentKind::Rules),
    ("interline:rules/cancellation", "0.1.0", ComponentKind::Rules),
];

/// What rule sets export, one of them at least.
const RULES: &[&str] = &["interline:rules/fares", "interline:rules/baggage", "interline:rules/cancellation"];

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

/// The interfaces of the contract that a component exports, each with its versions: `flight-search`, `fares`, …
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Exported(BTreeSet<(&'static str, &'static str)>);

impl Exported {
    /// Whether the interface is exported in that version.
    pub(crate) fn has(&self, interface: &str, version: &str) -> bool {
        self.0.contains(&(interface, version))
    }

    /// Refuses what is of a later release than the one that the manifest says it was built for.
    pub(crate) fn fits(&self, component: &str, contract: &str) -> Result<(), String> {
        let release = |version: &str| RELEASED.iter().position(|released| *released == version);
        match self.0.iter().find(|(_, version)| release(version) > release(contract)) {
            Some((interface, version)) => Err(format!(
                "component `{component}` exports `{interface}@{version}`, and its manifest says contract {contract}"
            )),
            None => Ok(()),
        }
    }

    /// The interfaces' names, in order, each once.
    pub(crate) fn names(&self) -> BTreeSet<&'static str> {
        self.0.iter().map(|(interface, _)| *interface).collect()
    }
}

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
        let mut exported = Exported::default();
        for export in self.exports.iter().filter(|export| export.starts_with("interline:")) {
            let (interface, version) = split(export);
            let offered: Vec<_> = EXPORTS.iter().filter(|(name, ..)| *name == interface).collect();
            if offered.is_empty() {
                if version == IMPORTED && is_types(interface) {
                    continue;
                }
                return Err(format!("component `{component}` exports `{export}`, which the contract does not have"));
            }
            let versions: Vec<_> = offered.iter().map(|(_, version, _)| *version).collect();
            check_version(component, "exports", export, version, &versions)?;
            let Some((name, version, _)) = offered.iter().find(|(_, of, what)| *of == version && *what == kind) else {
                return Err(format!("component `{component}` exports `{export}`, and its manifest says another kind"));
            };
            exported.0.insert((name.rsplit('/').next().unwrap_or(name), *version));
        }
        let needed: &[&str] = match kind {
            ComponentKind::Supplier if !exported.names().contains("describe") => &["interline:supplier/describe"],
            ComponentKind::Payment if exported.0.is_empty() => &["interline:payment/provider"],
            ComponentKind::Rules if exported.0.is_empty() => RULES,
            _ => return Ok(exported),
        };
        let offered: Vec<_> = EXPORTS.iter().filter(|(name, ..)| needed.contains(name)).collect();
        let offered: Vec<_> = offered.iter().map(|(name, version, _)| format!("{name}@{version}")).collect();
        Err(format!("component `{component}` does not export {}", offered.join(" or ")))
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
        check_version(component, "imports", import, version, &[IMPORTED])?;
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

fn check_version(component: &str, verb: &str, name: &str, version: &str, offered: &[&str]) -> Result<(), String> {
    if offered.contains(&version) {
        return Ok(());
    }
    let offered = offered.join(", ");
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
        assert_eq!(exported.names().into_iter().collect::<Vec<_>>(), ["describe", "flight-search"]);
    }

    #[test]
    fn a_version_that_is_not_offered_names_component_import_and_versions() {
        let error = error(&["interline:host/log@0.7.0"]);
        for part in ["acme", "interline:host/log@0.7.0", "on offer: 0.1.0"] {
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn each_interface_has_versions_of_its_own() {
        let fares =
            |version| names(&[], &[&format!("interline:rules/fares@{version}")]).check("acme", ComponentKind::Rules);
        for version in ["0.1.0", "0.2.0"] {
            let exported = fares(version).unwrap();
            let is_only = |has| exported.has("fares", has) == (has == version);
            assert!(is_only("0.1.0") && is_only("0.2.0"), "{version}");
        }
        assert!(fares("0.3.0").unwrap_err().contains("on offer: 0.1.0, 0.2.0"));
        let baggage = names(&[], &["interline:rules/baggage@0.2.0"]).check("acme", ComponentKind::Rules);
        assert!(baggage.unwrap_err().ends_with("on offer: 0.1.0"));
        assert!(error(&["interline:host/log@0.2.0"]).ends_with("on offer: 0.1.0"));
    }

    #[test]
    fn nothing_is_exported_of_a_later_release_than_the_manifest_says() {
        let exports = ["interline:rules/fares@0.2.0", "interline:rules/baggage@0.1.0"];
        let exported = names(&[], &exports).check("acme", ComponentKind::Rules).unwrap();
        assert_eq!(exported.fits("acme", "0.2.0"), Ok(()));
        let error = exported.fits("acme", "0.1.0").unwrap_err();
        for part in ["acme", "fares@0.2.0", "contract 0.1.0"] {
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
        let searching = names(&[], &["interline:supplier/flight-search@0.1.0"]);
        let error = searching.check("acme", ComponentKind::Supplier).unwrap_err();
        assert!(error.ends_with("does not export interline:supplier/describe@0.1.0"), "{error}");
        let error = names(&[], &[]).check("acme", ComponentKind::Rules).unwrap_err();
        assert!(error.contains("interline:rules/fares@0.1.0 or interline:rules/fares@0.2.0 or"), "{error}");
    }
}
