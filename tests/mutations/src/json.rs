//! JSON, as a tree.

use crate::{Change, Kind};
use serde_json::{Map, Value};

/// The text with one value changed; which, is counted in the order of the text.
pub fn json(text: &str, change: &Change) -> Vec<u8> {
    let Ok(mut tree) = serde_json::from_str::<Value>(text) else { return text.as_bytes().to_vec() };
    let parts = count(&tree);
    let mut left = if parts == 0 { 0 } else { change.at % parts };
    walk(&mut tree, &mut left, change.kind);
    tree.to_string().into_bytes()
}

/// Values within a value.
fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(|item| 1 + count(item)).sum(),
        Value::Object(fields) => fields.values().map(|field| 1 + count(field)).sum(),
        _ => 0,
    }
}

/// Changes the value that is `left` further on, and answers whether it was met.
fn walk(value: &mut Value, left: &mut usize, kind: Kind) -> bool {
    let places = match value {
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        _ => 0,
    };
    for place in 0..places {
        if *left == 0 {
            match value {
                Value::Array(items) => in_list(items, place, kind),
                Value::Object(fields) => in_object(fields, place, kind),
                _ => {}
            }
            return true;
        }
        *left -= 1;
        let inner = match value {
            Value::Array(items) => items.get_mut(place),
            Value::Object(fields) => fields.values_mut().nth(place),
            _ => None,
        };
        if inner.is_some_and(|inner| walk(inner, left, kind)) {
            return true;
        }
    }
    false
}

fn in_list(items: &mut Vec<Value>, at: usize, kind: Kind) {
    match kind {
        Kind::Drop => _ = items.remove(at),
        Kind::Twice => items.insert(at, items[at].clone()),
        Kind::Later => {
            let one = items.remove(at);
            items.push(one);
        }
        Kind::Unknown => items.insert(at, serde_json::json!({"unheard_of": [1, null]})),
        Kind::Empty | Kind::Text(_) | Kind::Deep => items[at] = instead(&items[at], kind),
    }
}

fn in_object(fields: &mut Map<String, Value>, at: usize, kind: Kind) {
    let Some(name) = fields.keys().nth(at).cloned() else { return };
    match kind {
        Kind::Drop | Kind::Later => {
            let one = fields.remove(&name);
            if let (Kind::Later, Some(one)) = (kind, one) {
                fields.insert(name, one);
            }
        }
        Kind::Twice | Kind::Unknown => _ = fields.insert(format!("{name}_unheard_of"), fields[&name].clone()),
        Kind::Empty | Kind::Text(_) | Kind::Deep => fields[&name] = instead(&fields[&name], kind),
    }
}

fn instead(value: &Value, kind: Kind) -> Value {
    match (kind, value) {
        (Kind::Text(text), Value::Number(_)) => text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from),
        (Kind::Text(text), _) => Value::from(text),
        (Kind::Deep, _) => (0..100).fold(Value::Null, |inner, _| Value::Array(vec![inner])),
        _ => Value::Null,
    }
}
