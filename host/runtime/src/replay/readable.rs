//! Results as a person reads them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Fields that are bytes in the contract.
pub(super) const BYTES: [&str; 3] = ["token", "quote", "raw"];

/// The same with bytes as text, or as Base64 where they are none.
pub(super) fn value(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, field)| (name.clone(), named(&name, field))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(self::value).collect()),
        other => other,
    }
}

fn named(name: &str, field: Value) -> Value {
    let bytes = BYTES.contains(&name).then(|| serde_json::from_value::<Vec<u8>>(field.clone()).ok()).flatten();
    match bytes.map(String::from_utf8) {
        Some(Ok(text)) => Value::String(text),
        Some(Err(error)) => Value::String(format!("base64:{}", STANDARD.encode(error.as_bytes()))),
        None => value(field),
    }
}

/// Bytes from the text that [`value`] makes of them.
pub(super) fn bytes(text: &str) -> Vec<u8> {
    let decoded = text.strip_prefix("base64:").and_then(|encoded| STANDARD.decode(encoded).ok());
    decoded.unwrap_or_else(|| text.as_bytes().to_vec())
}
