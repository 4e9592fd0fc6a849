//! Idempotency keys: the first answer is every later one's, and another request under the same key is refused.

use std::collections::HashMap;

use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use crate::wire::{Call, Reply};

/// What a request under a key is to do.
#[derive(Debug)]
pub(super) enum Claim {
    /// Go on, and settle the key.
    Mine,
    /// Give the first answer again.
    Known(Reply),
    /// The first is still at work.
    Running,
    /// The key was used for something else.
    OtherRequest,
}

#[derive(Debug)]
struct Entry {
    fingerprint: String,
    reply: Option<Reply>,
}

/// All keys used.
#[derive(Debug, Default)]
pub(super) struct Keys(Mutex<HashMap<String, Entry>>);

impl Keys {
    pub fn claim(&self, key: &str, fingerprint: &str) -> Claim {
        let mut entries = self.0.lock();
        match entries.get(key) {
            None => {
                entries.insert(key.to_owned(), Entry { fingerprint: fingerprint.to_owned(), reply: None });
                Claim::Mine
            }
            Some(entry) if entry.fingerprint != fingerprint => Claim::OtherRequest,
            Some(Entry { reply: Some(reply), .. }) => Claim::Known(reply.clone()),
            Some(Entry { reply: None, .. }) => Claim::Running,
        }
    }

    /// Keeps the answer under its key, or frees the key where the request never began.
    pub fn settle(&self, key: &str, reply: Option<Reply>) {
        let mut entries = self.0.lock();
        match (reply, entries.get_mut(key)) {
            (Some(reply), Some(entry)) => entry.reply = Some(reply),
            (None, _) => {
                entries.remove(key);
            }
            (Some(_), None) => {}
        }
    }

    pub fn clear(&self) {
        self.0.lock().clear();
    }
}

/// What tells one request from another: where it went, and its parameters in any order.
pub(super) fn fingerprint(call: &Call) -> String {
    let mut pairs: Vec<_> = url::form_urlencoded::parse(&call.body).into_owned().collect();
    pairs.sort();
    let mut hash = Sha256::new();
    hash.update(call.path.as_bytes());
    for (name, value) in pairs {
        hash.update([0]);
        hash.update(name.as_bytes());
        hash.update([1]);
        hash.update(value.as_bytes());
    }
    hex::encode(hash.finalize())
}
