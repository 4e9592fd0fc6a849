//! `componentize` turns the core modules of rule sets into WebAssembly components.
//!
//! A rule set is built for `wasm32-unknown-unknown`, where neither a clock nor a network nor a source of chance exists
//! to be imported, and wit-bindgen leaves the description of its world in the module. This tool wraps such a module
//! into a component and refuses it if anything would still have to be given to it from outside.

mod encode;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use clap::Parser;

use crate::encode::component;

/// Makes components of core modules, and checks that they import nothing.
#[derive(Parser)]
struct Arguments {
    /// The folder to write the components to; it is made if it isn't there.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Core modules built for wasm32-unknown-unknown; NAME=FILE writes NAME.wasm, FILE alone keeps its own name.
    #[arg(required = true, value_name = "[NAME=]CORE.wasm")]
    modules: Vec<String>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("componentize: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    std::fs::create_dir_all(&arguments.out)
        .with_context(|| format!("making the folder {}", arguments.out.display()))?;
    for module in &arguments.modules {
        let (name, file) = name_and_file(module)?;
        let core = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
        let component = component(&core).with_context(|| format!("{}", file.display()))?;
        write_if_changed(&arguments.out.join(format!("{name}.wasm")), &component)?;
    }
    Ok(())
}

/// Splits `NAME=FILE`; a bare `FILE` is named by its stem.
fn name_and_file(module: &str) -> Result<(&str, &Path)> {
    if let Some((name, file)) = module.split_once('=') {
        return Ok((name, Path::new(file)));
    }
    let file = Path::new(module);
    let stem = file.file_stem().and_then(|stem| stem.to_str());
    Ok((stem.ok_or_else(|| anyhow!("{module}: no file name"))?, file))
}

/// Writes through a temporary file, so that a gateway that watches the folder never reads half a component, and leaves
/// an unchanged file alone, so that it doesn't reload one for nothing.
fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<()> {
    if std::fs::read(path).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    let partial = path.with_extension("wasm.partial");
    std::fs::write(&partial, bytes).with_context(|| format!("writing {}", partial.display()))?;
    std::fs::rename(&partial, path).with_context(|| format!("renaming {} into place", partial.display()))
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn a_module_is_named_by_hand_or_by_its_file() -> Result<()> {
        assert_eq!(name_and_file("fares=a/fare_rules.wasm")?, ("fares", Path::new("a/fare_rules.wasm")));
        assert_eq!(name_and_file("a/fares.wasm")?, ("fares", Path::new("a/fares.wasm")));
        assert!(name_and_file("..").is_err());
        Ok(())
    }

    #[test]
    fn an_unchanged_component_is_not_written_again() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("fares.wasm");
        write_if_changed(&path, b"one")?;
        std::fs::File::options().write(true).open(&path)?.set_modified(SystemTime::UNIX_EPOCH)?;
        write_if_changed(&path, b"one")?;
        assert_eq!(std::fs::metadata(&path)?.modified()?, SystemTime::UNIX_EPOCH);
        write_if_changed(&path, b"two")?;
        assert_eq!(std::fs::read(&path)?, b"two");
        assert_eq!(std::fs::read_dir(folder.path())?.count(), 1);
        Ok(())
    }

    #[test]
    fn a_missing_file_is_named_in_the_error() {
        let folder = tempfile::tempdir().unwrap();
        let arguments = Arguments { out: folder.path().to_owned(), modules: vec!["/nowhere/fares.wasm".to_owned()] };
        assert!(format!("{:#}", run(&arguments).unwrap_err()).contains("/nowhere/fares.wasm"));
    }
}
