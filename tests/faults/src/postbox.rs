//! The folder that mail is written to, watched: a repeat overwrites the file before it, and would not be seen otherwise.

use anyhow::{Context, Result};
use jiff::Timestamp;
use notify::event::{EventKind, ModifyKind, RenameMode};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A message as it was delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mail {
    /// Its `Message-ID`, as it stands in the message.
    pub message_id: String,
    /// Every moment at which it was delivered.
    pub delivered: Vec<Timestamp>,
}

type Deliveries = BTreeMap<PathBuf, Vec<Timestamp>>;

/// Watches a folder of mail.
pub struct Postbox {
    folder: PathBuf,
    deliveries: Arc<Mutex<Deliveries>>,
    _watcher: RecommendedWatcher,
}

impl Postbox {
    /// Makes the folder, and watches it from now on.
    pub fn watch(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let deliveries = Arc::<Mutex<Deliveries>>::default();
        let noted = deliveries.clone();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if let Ok(event) = event {
                note(&event, &mut noted.lock());
            }
        })?;
        watcher.watch(folder, RecursiveMode::NonRecursive)?;
        Ok(Self { folder: folder.to_owned(), deliveries, _watcher: watcher })
    }

    /// Every message in the folder.
    pub fn mails(&self) -> Result<Vec<Mail>> {
        let deliveries = self.deliveries.lock();
        let mut mails = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if !is_mail(&path) {
                continue;
            }
            let text = std::fs::read_to_string(&path)?;
            let id = text.lines().find_map(|line| line.strip_prefix("Message-ID: "));
            let message_id = id.with_context(|| format!("{} has no Message-ID", path.display()))?.trim().to_owned();
            mails.push(Mail { message_id, delivered: deliveries.get(&path).cloned().unwrap_or_default() });
        }
        Ok(mails)
    }
}

fn is_mail(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "eml")
}

/// A message is there once its draft has got its name.
fn note(event: &Event, deliveries: &mut Deliveries) {
    if event.kind != EventKind::Modify(ModifyKind::Name(RenameMode::To)) {
        return;
    }
    for path in event.paths.iter().filter(|path| is_mail(path)) {
        deliveries.entry(path.clone()).or_default().push(Timestamp::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::ensure;
    use interline_journey::wait::until;

    #[tokio::test]
    async fn a_message_written_twice_is_seen_twice() -> Result<()> {
        let folder = tempfile::TempDir::new()?;
        let postbox = Postbox::watch(folder.path())?;
        for times in 1..=2 {
            std::fs::write(folder.path().join(".a.draft"), "Message-ID: <a@example>\r\n\r\nhello")?;
            std::fs::rename(folder.path().join(".a.draft"), folder.path().join("a.eml"))?;
            until("the delivery", || async {
                let mails = postbox.mails()?;
                ensure!(mails.len() == 1 && mails[0].message_id == "<a@example>", "{mails:?}");
                Ok(if mails[0].delivered.len() == times { Ok(()) } else { Err(format!("{mails:?}")) })
            })
            .await?;
        }
        Ok(())
    }
}
