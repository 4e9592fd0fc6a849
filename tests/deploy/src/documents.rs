//! The files of `deploy/`, as documents.

use anyhow::{Context, Result};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file's text, by its path from the root.
pub fn text(path: &str) -> Result<String> {
    std::fs::read_to_string(root().join(path)).with_context(|| format!("reading {path}"))
}

/// All documents of a YAML file, anchors and merge keys resolved.
pub fn yaml(path: &str) -> Result<Vec<Value>> {
    serde_saphyr::from_multiple(&text(path)?).with_context(|| format!("parsing {path}"))
}

/// The one document of a YAML file.
pub fn document(path: &str) -> Result<Value> {
    serde_saphyr::from_str(&text(path)?).with_context(|| format!("parsing {path}"))
}

/// Paths from the root of all files below a folder whose names end so, in order.
pub fn files(folder: &str, ending: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root().join(folder)).with_context(|| format!("listing {folder}"))? {
        let entry = entry?;
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            found.extend(files(&path, ending)?);
        } else if path.ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Every value that stands under a key, wherever it is.
pub fn under<'v>(value: &'v Value, key: &str) -> Vec<&'v Value> {
    match value {
        Value::Object(fields) => {
            let here = fields.get(key).into_iter();
            here.chain(fields.values().flat_map(|inner| under(inner, key))).collect()
        }
        Value::Array(items) => items.iter().flat_map(|inner| under(inner, key)).collect(),
        _ => Vec::new(),
    }
}

/// The strings among the items of a list; none if it is no list.
pub fn strings(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}
