//! Form-encoded parameters, with Stripe's brackets: `metadata[booking]=7`, `expand[]=latest_charge`.

use std::collections::BTreeMap;

use super::errors::{self, Error};

/// The parameters of a call.
#[derive(Debug)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub fn parse(encoded: &[u8]) -> Self {
        Form(url::form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The last value of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The same, refused if it is missing or empty.
    pub fn required(&self, name: &str) -> Result<&str, Error> {
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(|| errors::required(name))
    }

    /// A whole number.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, Error> {
        let parse = |value: &str| value.parse().map_err(|_| errors::not_an_integer(name, value));
        self.get(name).map(parse).transpose()
    }

    /// `true` or `false`.
    pub fn flag(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// The pairs in a name's brackets.
    pub fn map(&self, name: &str) -> BTreeMap<String, String> {
        let key = |known: &str| Some(known.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?.to_owned());
        self.0.iter().filter_map(|(known, value)| Some((key(known)?, value.clone()))).collect()
    }

    /// The values of `name[]` or `name[0]`.
    pub fn list(&self, name: &str) -> Vec<String> {
        self.map(name)
            .into_values()
            .chain(self.0.iter().filter(|(known, _)| known == name).map(|(_, v)| v.clone()))
            .collect()
    }

    /// Refuses a parameter that Stripe doesn't have there.
    pub fn only(&self, known: &[&str]) -> Result<(), Error> {
        let root = |name: &'_ str| name.split('[').next().unwrap_or_default().to_owned();
        match self.0.iter().map(|(name, _)| root(name)).find(|root| !known.contains(&root.as_str())) {
            Some(unknown) => Err(errors::unknown_parameter(&unknown)),
            None => Ok(()),
        }
    }
}
