//! Query strings.

use super::Errors;
use std::collections::BTreeMap;
use std::str::FromStr;

/// A query string whose parameters are all known, each given once.
#[derive(Debug)]
pub struct Query(BTreeMap<String, String>);

impl Query {
    /// Reads a raw query string; unknown and repeated parameters are named in `errors`.
    pub fn read(raw: Option<&str>, known: &[&str], errors: &mut Errors) -> Self {
        let mut parameters = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(raw.unwrap_or_default().as_bytes()) {
            if !known.contains(&name.as_ref()) {
                let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
                errors.push(shown, "unknown", format!("not a parameter; there are: {}", known.join(", ")));
            } else if parameters.insert(name.to_string(), value.into_owned()).is_some() {
                errors.push(name, "repeated", "may be given once");
            }
        }
        Self(parameters)
    }

    /// The value as text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value by its own reading; none, with the error noted, if it can't be read.
    pub fn optional<T: FromStr>(&self, name: &str, rule: &str, message: &str, errors: &mut Errors) -> Option<T> {
        let value = self.text(name)?.parse().ok();
        if value.is_none() {
            errors.push(name, rule, message);
        }
        value
    }

    /// Likewise, for what can't be left out.
    pub fn required<T: FromStr>(&self, name: &str, rule: &str, message: &str, errors: &mut Errors) -> Option<T> {
        if self.text(name).is_none() {
            errors.push(name, "required", format!("is required: {message}"));
            return None;
        }
        self.optional(name, rule, message, errors)
    }

    /// A comma-separated list; empty if the parameter is not given.
    pub fn list<T: FromStr>(&self, name: &str, rule: &str, message: &str, errors: &mut Errors) -> Vec<T> {
        let Some(text) = self.text(name) else { return Vec::new() };
        let values: Option<Vec<T>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
        values.unwrap_or_else(|| {
            errors.push(name, rule, message);
            Vec::new()
        })
    }

    /// A whole number within bounds.
    pub fn number(&self, name: &str, bounds: std::ops::RangeInclusive<u32>, errors: &mut Errors) -> Option<u32> {
        let text = self.text(name)?;
        // `u32::from_str` takes a sign, which the document does not.
        let value = text.parse().ok().filter(|value| bounds.contains(value) && !text.starts_with('+'));
        if value.is_none() {
            errors.push(name, "range", format!("is a whole number from {} to {}", bounds.start(), bounds.end()));
        }
        value
    }

    /// `true` or `false`.
    pub fn flag(&self, name: &str, errors: &mut Errors) -> Option<bool> {
        self.optional(name, "format", "is `true` or `false`", errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn unknown_and_repeated_parameters_are_all_named() {
        let mut errors = Errors::default();
        let query = Query::read(Some("a=1&b=2&a=3&c=4&d"), &["a"], &mut errors);
        let found: Vec<_> = errors.list().iter().map(|error| (error.field.as_str(), error.rule.as_str())).collect();
        assert_eq!(found, [("b", "unknown"), ("a", "repeated"), ("c", "unknown"), ("d", "unknown")]);
        assert!(query.text("b").is_none());
    }

    proptest! {
        #[test]
        fn no_query_string_breaks_the_reader(raw in ".*") {
            let mut errors = Errors::default();
            let query = Query::read(Some(&raw), &["a", "b"], &mut errors);
            query.number("a", 1..=9, &mut errors);
            query.list::<u8>("b", "format", "numbers", &mut errors);
            query.flag("a", &mut errors);
        }
    }
}
