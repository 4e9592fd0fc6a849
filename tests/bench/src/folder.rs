//! Folders of components that differ from the built one.

use anyhow::{Context, Result};
use interline_journey::process::components;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// The built components, one of them under other names.
pub fn with_copies(of: &str, names: &[&str]) -> Result<TempDir> {
    let (built, folder) = (components()?, TempDir::new()?);
    let manifest = fs::read_to_string(built.join(format!("{of}.toml")))?;
    for entry in fs::read_dir(&built)? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).context("a file without a name")?;
        if stem != of || names.contains(&of) {
            fs::copy(&path, folder.path().join(path.file_name().unwrap_or_default()))?;
        }
    }
    for name in names.iter().filter(|name| **name != of) {
        fs::copy(built.join(format!("{of}.wasm")), folder.path().join(format!("{name}.wasm")))?;
        let manifest = manifest.replacen(&format!("name = \"{of}\""), &format!("name = \"{name}\""), 1);
        fs::write(folder.path().join(format!("{name}.toml")), manifest)?;
    }
    Ok(folder)
}

/// Puts another version of a component into a folder: the same code under another hash.
pub fn swap(folder: &Path, name: &str, number: u8) -> Result<()> {
    let (file, partial) = (folder.join(format!("{name}.wasm")), folder.join(format!("{name}.partial")));
    let mut wasm = fs::read(&file)?;
    // A custom section of one byte, by the name `n`.
    wasm.extend_from_slice(&[0, 3, 1, b'n', number]);
    fs::write(&partial, wasm)?;
    fs::rename(&partial, &file).with_context(|| format!("replacing {}", file.display()))
}
