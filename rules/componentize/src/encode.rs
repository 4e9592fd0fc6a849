//! From core module to component.

use anyhow::{Context, Result, anyhow, bail};
use wit_component::{ComponentEncoder, DecodedWasm};
use wit_parser::{Resolve, TypeDefKind, WorldItem};

/// Wraps `core` into a component, by the world that wit-bindgen described in it.
///
/// Fails if `core` is no core module, has no such description, misses an export of its world, or if the component would
/// import a function, a resource or anything else that must be given at run time. Interfaces that only carry types may
/// be imported: nothing has to be linked for them.
pub fn component(core: &[u8]) -> Result<Vec<u8>> {
    refuse_what_is_no_core_module(core)?;
    refuse_what_has_no_world(core)?;
    let component = ComponentEncoder::default()
        .validate(true)
        .module(core)
        .and_then(|encoder| encoder.encode())
        .context("it doesn't fit the world that it was built for")?;
    let imports = imports(&component)?;
    if !imports.is_empty() {
        bail!("a rule set may import nothing, but this one imports {}", imports.join(", "));
    }
    Ok(component)
}

/// The first four bytes say WebAssembly, the next two the version, the last two whether it is a module or a component.
fn refuse_what_is_no_core_module(core: &[u8]) -> Result<()> {
    match core.get(..8) {
        Some(b"\0asm\x01\0\0\0") => Ok(()),
        Some([b'\0', b'a', b's', b'm', _, _, 1, 0]) => bail!("this is a component already, not a core module"),
        _ => bail!("this is not a WebAssembly module"),
    }
}

fn refuse_what_has_no_world(core: &[u8]) -> Result<()> {
    let (described, _) = wit_component::metadata::decode(core).context("reading the world that it was built for")?;
    if described.is_none() {
        bail!("no world is described in it: it was not built with wit_bindgen::generate!, or its exports were dropped");
    }
    Ok(())
}

/// What must be linked before the component can run, as `interface#function` or the import's own name.
fn imports(component: &[u8]) -> Result<Vec<String>> {
    let (resolve, world) = match wit_component::decode(component).context("reading the component back")? {
        DecodedWasm::Component(resolve, world) => (resolve, world),
        DecodedWasm::WitPackage(..) => return Err(anyhow!("the encoder made a WIT package, not a component")),
    };
    let mut found = Vec::new();
    for (key, item) in &resolve.worlds[world].imports {
        let name = resolve.name_world_key(key);
        match item {
            WorldItem::Interface { id, .. } => {
                let interface = &resolve.interfaces[*id];
                found.extend(interface.functions.keys().map(|function| format!("{name}#{function}")));
                let resources = interface.types.iter().filter(|(_, id)| is_resource(&resolve, **id));
                found.extend(resources.map(|(resource, _)| format!("{name}#{resource}")));
            }
            WorldItem::Function(_) => found.push(name),
            WorldItem::Type { id, .. } if is_resource(&resolve, *id) => found.push(name),
            WorldItem::Type { .. } => {}
        }
    }
    Ok(found)
}

fn is_resource(resolve: &Resolve, id: wit_parser::TypeId) -> bool {
    matches!(resolve.types[id].kind, TypeDefKind::Resource)
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection, ImportSection, Module,
        TypeSection, ValType,
    };
    use wit_component::{StringEncoding, embed_component_metadata};

    use super::*;

    const WIT: &str = "
        package test:rules@0.1.0;
        interface facts { record row { amount: s64 } }
        interface clock { now: func() -> s64; }
        interface fares { use facts.{row}; price: func(r: row) -> s64; }
        world pure { export fares; }
        world curious { import clock; export fares; }
    ";

    /// A core module that exports `price`, and imports `clock` if told to; described as `world`.
    fn core(world: &str, imports_clock: bool, exports_price: bool) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], [ValType::I64]);
        types.ty().function([ValType::I64], [ValType::I64]);
        let mut module = Module::new();
        module.section(&types);
        if imports_clock {
            let mut imports = ImportSection::new();
            imports.import("test:rules/clock@0.1.0", "now", EntityType::Function(0));
            module.section(&imports);
        }
        let mut functions = FunctionSection::new();
        functions.function(1);
        module.section(&functions);
        if exports_price {
            let mut exports = ExportSection::new();
            exports.export("test:rules/fares@0.1.0#price", ExportKind::Func, u32::from(imports_clock));
            module.section(&exports);
        }
        let mut price = Function::new([]);
        price.instructions().local_get(0).end();
        let mut code = CodeSection::new();
        code.function(&price);
        module.section(&code);

        let mut bytes = module.finish();
        let mut resolve = Resolve::default();
        let package = resolve.push_str("test.wit", WIT).unwrap();
        let world = resolve.select_world(&[package], Some(world)).unwrap();
        embed_component_metadata(&mut bytes, &resolve, world, StringEncoding::UTF8, false).unwrap();
        bytes
    }

    fn refusal(core: &[u8]) -> String {
        format!("{:#}", component(core).unwrap_err())
    }

    #[test]
    fn a_pure_rule_set_becomes_a_component() {
        let component = component(&core("pure", false, true)).unwrap();
        assert_eq!(&component[..8], b"\0asm\x0d\0\x01\0");
    }

    #[test]
    fn the_same_module_makes_the_same_bytes() {
        let core = core("pure", false, true);
        assert_eq!(component(&core).unwrap(), component(&core).unwrap());
    }

    #[test]
    fn a_rule_set_that_asks_for_the_time_is_refused_by_name() {
        assert!(refusal(&core("curious", true, true)).contains("imports test:rules/clock@0.1.0#now"));
    }

    #[test]
    fn an_import_that_the_world_does_not_know_is_refused() {
        assert!(refusal(&core("pure", true, true)).contains("doesn't fit the world"));
    }

    #[test]
    fn a_missing_export_is_refused() {
        assert!(refusal(&core("pure", false, false)).contains("doesn't fit the world"));
    }

    #[test]
    fn a_component_is_not_wrapped_twice() {
        let component = component(&core("pure", false, true)).unwrap();
        assert!(refusal(&component).contains("a component already"));
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(refusal(b"hello, world").contains("not a WebAssembly module"));
        assert!(refusal(b"").contains("not a WebAssembly module"));
    }

    #[test]
    fn a_module_without_a_world_is_refused() {
        assert!(refusal(b"\0asm\x01\0\0\0").contains("no world is described"));
    }
}
