//! What the host offers beside HTTP: configuration, log, state and signatures. Natively (in unit tests) there is no host:
//! configuration and state are empty, the log goes nowhere, and no secret is granted.

#[cfg(target_family = "wasm")]
use crate::bindings::supplier::interline::host as wit;

pub use crate::bindings::supplier::interline::host::log::Level;
pub use crate::bindings::supplier::interline::host::secrets::{Form, Hash, SecretError};
pub use crate::bindings::supplier::interline::host::state::{Entry, StateError};

/// The operator's configuration for a key.
pub fn config(key: &str) -> Option<String> {
    #[cfg(target_family = "wasm")]
    return wit::config::get(key);
    #[cfg(not(target_family = "wasm"))]
    return None.filter(|_: &String| key.is_empty());
}

/// Whether a recorded reply is fed through the component (`interline plugin map`): it was made for a request that is not
/// at hand, so that numbers of passengers and ids need not agree with the one given.
pub fn replaying() -> bool {
    config("replay").as_deref() == Some("true")
}

/// Writes to the structured log. No passenger's data and no secret belongs here.
pub fn log(level: Level, message: &str, fields: &[(&str, &str)]) {
    #[cfg(target_family = "wasm")]
    {
        let field =
            |(key, value): &(&str, &str)| wit::log::Field { key: (*key).to_owned(), value: (*value).to_owned() };
        wit::log::write(level, message, &fields.iter().map(field).collect::<Vec<_>>());
    }
    #[cfg(not(target_family = "wasm"))]
    let _ = (level, message, fields);
}

/// An entry of the state store; none, however short a time ago it was written.
pub fn state_get(key: &str) -> Option<Entry> {
    #[cfg(target_family = "wasm")]
    return wit::state::get(key);
    #[cfg(not(target_family = "wasm"))]
    return None.filter(|_: &Entry| key.is_empty());
}

/// Writes an entry if its revision is still `expected`; answers the new revision.
pub fn state_swap(key: &str, expected: Option<u64>, value: &[u8], ttl_seconds: u32) -> Result<u64, StateError> {
    #[cfg(target_family = "wasm")]
    return wit::state::compare_and_swap(key, expected, value, ttl_seconds);
    #[cfg(not(target_family = "wasm"))]
    {
        let _ = (key, expected, value, ttl_seconds);
        Err(StateError::Unavailable)
    }
}

/// Removes an entry.
pub fn state_delete(key: &str) {
    #[cfg(target_family = "wasm")]
    wit::state::delete(key);
    #[cfg(not(target_family = "wasm"))]
    let _ = key;
}

/// Whether `mac` is the HMAC of `message` under the secret `key`; the host compares in constant time.
pub fn verify_hmac(key: &str, hash: Hash, message: &[u8], mac: &[u8]) -> Result<bool, SecretError> {
    #[cfg(target_family = "wasm")]
    return wit::secrets::verify_hmac(key, hash, message, mac);
    #[cfg(not(target_family = "wasm"))]
    {
        let _ = (hash, message, mac);
        Err(SecretError::NotGranted(key.to_owned()))
    }
}

/// A placeholder for a secret, to stand in a request header. [`crate::http::Request`] puts it there by itself.
pub fn placeholder(name: &str, form: Form) -> Result<String, SecretError> {
    #[cfg(target_family = "wasm")]
    return wit::secrets::placeholder(name, form);
    #[cfg(not(target_family = "wasm"))]
    {
        let _ = form;
        Err(SecretError::NotGranted(name.to_owned()))
    }
}
