//! JSON as suppliers write it.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Error, Value};
use std::borrow::Cow;
use std::ops::Deref;

/// A text of a message: a place in it, unless it is written there with escapes. What is read of a large reply and told on in
/// other words is not copied before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Reads a message. A name that stands twice in an object is no error: the last one holds, as with most readers of JSON
/// (RFC 8259 §4 leaves it open), so that one slip of a supplier doesn't cost the whole reply.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).or_else(|why| {
        // A tree takes what types refuse; it is slower, and so only made where it is needed.
        let twice = why.is_data() && why.to_string().starts_with("duplicate field");
        if twice { serde_json::from_str::<Value>(text).and_then(serde_json::from_value) } else { Err(why) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Flight {
        number: u32,
        terminal: Option<String>,
    }

    #[test]
    fn a_text_is_borrowed_unless_it_has_escapes() {
        let texts: Vec<Option<Text<'_>>> = serde_json::from_str(r#"["CGK", "S\u00e3o Paulo", null]"#).unwrap();
        assert_eq!(texts.iter().map(Option::as_deref).collect::<Vec<_>>(), [Some("CGK"), Some("São Paulo"), None]);
        let borrowed = |text: &Option<Text<'_>>| text.as_ref().is_some_and(|text| matches!(text.0, Cow::Borrowed(_)));
        assert_eq!(texts.iter().map(borrowed).collect::<Vec<_>>(), [true, false, false]);
    }

    #[test]
    fn a_name_that_stands_twice_has_the_last_value() {
        let text = r#"{"terminal": "1", "number": 7, "terminal": "2"}"#;
        assert_eq!(parse::<Flight>(text).unwrap(), Flight { number: 7, terminal: Some("2".to_owned()) });
    }

    #[test]
    fn what_is_wrong_otherwise_stays_an_error() {
        assert!(parse::<Flight>(r#"{"terminal": "1", "terminal": "2"}"#).is_err());
        assert!(parse::<Flight>(r#"{"number": "seven"}"#).is_err());
        assert!(parse::<Flight>(r#"{"number": 7"#).is_err());
    }
}
