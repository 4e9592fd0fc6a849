//! Secrets that guests use by name and never see.

use crate::config::{Grant, SecretSource};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The secrets that a component's manifest names and its operator grants.
#[derive(Clone, Default)]
pub(crate) struct Secrets {
    by_name: Arc<BTreeMap<String, Secret>>,
}

struct Secret {
    value: Vec<u8>,
    /// Hosts that it may be sent to; none: all that are granted.
    hosts: Option<Vec<String>>,
}

impl Secrets {
    /// Reads those that the manifest names; the error names the secret and where it should be.
    pub(crate) fn read(wanted: &[String], grant: &Grant) -> Result<Self, String> {
        let mut by_name = BTreeMap::new();
        for name in wanted {
            if let Some(source) = grant.secrets.get(name) {
                by_name.insert(name.clone(), read(source).map_err(|error| format!("secret `{name}`: {error}"))?);
            }
        }
        Ok(Self { by_name: Arc::new(by_name) })
    }

    /// Stand-ins for replays.
    pub(crate) fn dummies(wanted: &[String]) -> Self {
        let dummy = |name: &String| (name.clone(), Secret { value: b"replayed:secret".to_vec(), hosts: None });
        Self { by_name: Arc::new(wanted.iter().map(dummy).collect()) }
    }

    /// The bytes, for signing.
    pub(crate) fn value(&self, name: &str) -> Option<&[u8]> {
        self.by_name.get(name).map(|secret| secret.value.as_slice())
    }
}

fn read(source: &SecretSource) -> Result<Secret, String> {
    match source {
        SecretSource::Value(value) => Ok(Secret { value: value.clone().into_bytes(), hosts: None }),
        SecretSource::Env(source) => {
            let value = std::env::var(&source.env);
            let value = value.map_err(|_| format!("environment variable {} is not set", source.env))?;
            Ok(Secret { value: value.into_bytes(), hosts: source.hosts.clone() })
        }
        SecretSource::File(source) => {
            let value = std::fs::read_to_string(&source.file);
            let value = value.map_err(|error| format!("file {} cannot be read: {error}", source.file.display()))?;
            let value = value.trim_end_matches(['\r', '\n']).to_owned().into_bytes();
            Ok(Secret { value, hosts: source.hosts.clone() })
        }
    }
}

/// How a secret is written into a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    Base64,
}

/// The placeholders of one call.
pub(crate) struct CallSecrets {
    secrets: Secrets,
    /// Begins every placeholder of this call; nobody can guess it.
    prefix: String,
    issued: Mutex<Vec<(String, Form)>>,
}

/// A placeholder that may not go where it was sent; the secret's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotForThisHost(pub(crate) String);

impl CallSecrets {
    pub(crate) fn new(secrets: &Secrets) -> Self {
        let prefix = format!("secret.{:032x}.", rand::random::<u128>());
        Self { secrets: secrets.clone(), prefix, issued: Mutex::default() }
    }

    /// A placeholder; none where there is no such secret.
    pub(crate) fn placeholder(&self, name: &str, form: Form) -> Option<String> {
        self.secrets.by_name.get(name)?;
        let mut issued = self.issued.lock();
        let wanted = (name.to_owned(), form);
        let index = issued.iter().position(|known| *known == wanted).unwrap_or_else(|| {
            issued.push(wanted);
            issued.len() - 1
        });
        Some(format!("{}{index:04x}", self.prefix))
    }

    /// The header value with secrets in their places, on the way to one of `hosts` (as the guest names it, and as it is
    /// reached); none where there is no placeholder in it.
    pub(crate) fn fill(&self, value: &HeaderValue, hosts: [&str; 2]) -> Result<Option<HeaderValue>, NotForThisHost> {
        let Some(text) = value.to_str().ok().filter(|text| text.contains(&self.prefix)) else { return Ok(None) };
        let mut filled = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find(&self.prefix) {
            filled.extend_from_slice(&rest.as_bytes()[..start]);
            rest = &rest[start + self.prefix.len()..];
            let unknown = || NotForThisHost("unknown".to_owned());
            let index = rest.get(..4).and_then(|index| usize::from_str_radix(index, 16).ok()).ok_or_else(unknown)?;
            rest = &rest[4..];
            let (name, form) = self.issued.lock().get(index).cloned().ok_or_else(unknown)?;
            let secret = self.secrets.by_name.get(&name).ok_or_else(unknown)?;
            let granted = |allowed: &Vec<String>| allowed.iter().any(|host| hosts.contains(&host.as_str()));
            if !secret.hosts.as_ref().is_none_or(granted) {
                return Err(NotForThisHost(name));
            }
            match form {
                Form::Plain => filled.extend_from_slice(&secret.value),
                Form::Base64 => filled.extend_from_slice(STANDARD.encode(&secret.value).as_bytes()),
            }
        }
        filled.extend_from_slice(rest.as_bytes());
        // A secret with a line end in it would split the header.
        let mut value = HeaderValue::from_bytes(&filled).map_err(|_| NotForThisHost("malformed".to_owned()))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SecretEnv;

    fn call(hosts: Option<Vec<String>>) -> CallSecrets {
        let secret = Secret { value: b"user:pass".to_vec(), hosts };
        CallSecrets::new(&Secrets { by_name: Arc::new(BTreeMap::from([("token".to_owned(), secret)])) })
    }

    fn header(text: &str) -> HeaderValue {
        HeaderValue::from_str(text).unwrap()
    }

    #[test]
    fn a_placeholder_becomes_the_secret_on_its_way_out() {
        let call = call(None);
        let (plain, basic) = (call.placeholder("token", Form::Plain), call.placeholder("token", Form::Base64));
        let value = header(&format!("a {} b {}", plain.unwrap(), basic.unwrap()));
        let filled = call.fill(&value, ["api.example.com"; 2]).unwrap().unwrap();
        assert_eq!(filled, "a user:pass b dXNlcjpwYXNz");
        assert!(filled.is_sensitive());
    }

    #[test]
    fn a_placeholder_is_worth_nothing_for_another_host_or_call() {
        let bound = call(Some(vec!["api.example.com".to_owned()]));
        let placeholder = header(&bound.placeholder("token", Form::Plain).unwrap());
        assert!(bound.fill(&placeholder, ["evil.example.com"; 2]).is_err());
        assert!(bound.fill(&placeholder, ["api.example.com", "127.0.0.1:1"]).is_ok());
        assert_eq!(call(None).fill(&placeholder, ["api.example.com"; 2]), Ok(None));
    }

    #[test]
    fn a_secret_that_is_not_there_is_named() {
        let source = SecretSource::Env(SecretEnv { env: "INTERLINE_TEST_NOT_SET".to_owned(), hosts: None });
        let grant = Grant { secrets: BTreeMap::from([("token".to_owned(), source)]), ..Grant::default() };
        let error = Secrets::read(&["token".to_owned()], &grant).err().unwrap();
        assert!(error.contains("token") && error.contains("INTERLINE_TEST_NOT_SET"), "{error}");
    }
}
