//! Which file goes to which component as which operation, by the `[replay]` sections of the manifests:
//!
//! ```toml
//! [replay]
//! folders = ["duffel"]        # folders that hold its replies; its own name if not given
//! status = "/meta/status"     # JSON pointer to the HTTP status within a reply, where replies tell it
//! error_status = 422          # of the messages in `errors`, where nothing tells it; 500 if not given
//! [replay.messages]
//! "offer-requests" = ["search"]
//! errors = ["create", "search"]
//! ```
//!
//! A file whose name begins with three digits has that status.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Debug, Default, Deserialize)]
struct Manifest {
    #[serde(default)]
    replay: Replay,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Replay {
    folders: Vec<String>,
    status: Option<String>,
    error_status: Option<u16>,
    messages: BTreeMap<String, Vec<String>>,
}

/// A file to be replayed.
#[derive(Debug, PartialEq, Eq)]
pub struct Job {
    /// SUPPLIER/MESSAGE/FILE.
    pub name: String,
    /// Where it is.
    pub file: PathBuf,
    /// The component that takes it.
    pub component: String,
    /// Operations that it may answer.
    pub operations: Vec<String>,
    /// HTTP status.
    pub status: u16,
}

/// All files of a folder.
#[derive(Debug, Default)]
pub struct Plan {
    /// Files to be replayed, by name.
    pub jobs: Vec<Job>,
    /// Messages (SUPPLIER/MESSAGE) that no manifest gives an operation.
    pub without_operation: Vec<String>,
}

impl Plan {
    /// Looks through the manifests and the folder.
    pub fn make(components: &Path, folder: &Path) -> Result<Self> {
        let mut plan = Self::default();
        let manifests = manifests(components)?;
        for supplier in folders(folder)? {
            let named = name(&supplier);
            let of = |(component, replay): &&(String, Replay)| match replay.folders.is_empty() {
                true => *component == named,
                false => replay.folders.contains(&named),
            };
            let taken = manifests.iter().find(of);
            for message in folders(&supplier)? {
                let operations = taken.and_then(|(_, replay)| replay.messages.get(&name(&message)));
                match (taken, operations) {
                    (Some((component, replay)), Some(operations)) => {
                        plan.add(&message, &named, component, replay, operations)?
                    }
                    _ => plan.without_operation.push(format!("{named}/{}", name(&message))),
                }
            }
        }
        Ok(plan)
    }

    fn add(
        &mut self,
        message: &Path,
        supplier: &str,
        component: &str,
        replay: &Replay,
        operations: &[String],
    ) -> Result<()> {
        for file in entries(message)?.into_iter().filter(|path| path.is_file()) {
            self.jobs.push(Job {
                name: format!("{supplier}/{}/{}", name(message), name(&file)),
                status: status(&file, &name(message), replay),
                component: component.to_owned(),
                operations: operations.to_vec(),
                file,
            });
        }
        Ok(())
    }

    /// Names of the components that are needed.
    pub fn components(&self) -> std::collections::BTreeSet<&str> {
        self.jobs.iter().map(|job| job.component.as_str()).collect()
    }
}

fn status(file: &Path, message: &str, replay: &Replay) -> u16 {
    let told = replay.status.as_ref().and_then(|pointer| {
        let reply: Value = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
        u16::try_from(reply.pointer(pointer)?.as_u64()?).ok()
    });
    let by_name = || name(file).get(..3).and_then(|digits| digits.parse().ok());
    let by_folder = || if message == "errors" { replay.error_status.unwrap_or(500) } else { 200 };
    told.or_else(by_name).filter(|status| (100..600).contains(status)).unwrap_or_else(by_folder)
}

fn manifests(components: &Path) -> Result<Vec<(String, Replay)>> {
    let mut found = Vec::new();
    for file in entries(components)?.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
    {
        let text = std::fs::read_to_string(&file)?;
        let manifest: Manifest = toml::from_str(&text).with_context(|| file.display().to_string())?;
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        found.push((stem, manifest.replay));
    }
    Ok(found)
}

fn folders(path: &Path) -> Result<Vec<PathBuf>> {
    Ok(entries(path)?.into_iter().filter(|path| path.is_dir()).collect())
}

fn entries(path: &Path) -> Result<Vec<PathBuf>> {
    let read =
        || -> std::io::Result<Vec<PathBuf>> { std::fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect() };
    let mut entries = read().with_context(|| format!("{} can't be read", path.display()))?;
    entries.sort();
    Ok(entries)
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_say_what_becomes_of_a_folder() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let replay = "name = \"one\"\n[replay]\nfolders = [\"one-v2\"]\nstatus = \"/meta/status\"\nerror_status = 418\n\
                      [replay.messages]\nfind = [\"search\"]\nerrors = [\"create\", \"search\"]\n";
        write("components/one.toml", replay);
        write("components/two.toml", "name = \"two\"\n");
        write("replies/one-v2/find/a.json", "{}");
        write("replies/one-v2/errors/404_gone.json", "{}");
        write("replies/one-v2/errors/b.json", "{\"meta\": {\"status\": 429}}");
        write("replies/one-v2/errors/c.json", "{}");
        write("replies/one-v2/other/d.json", "{}");
        write("replies/two/find/e.json", "{}");
        let plan = Plan::make(&root.path().join("components"), &root.path().join("replies")).unwrap();
        let jobs: Vec<_> = plan.jobs.iter().map(|job| (job.name.as_str(), job.status, job.operations.len())).collect();
        let expected = [
            ("one-v2/errors/404_gone.json", 404, 2),
            ("one-v2/errors/b.json", 429, 2),
            ("one-v2/errors/c.json", 418, 2),
            ("one-v2/find/a.json", 200, 1),
        ];
        assert_eq!(jobs, expected);
        assert_eq!(plan.without_operation, ["one-v2/other", "two/find"]);
    }
}
