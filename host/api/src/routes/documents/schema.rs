//! JSON schemas as HTML.

use serde_json::Value;
use std::fmt::Write;

/// Text made safe for HTML; `code` in back-quotes.
pub fn text(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    let mut code = false;
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '`' => {
                html.push_str(if code { "</code>" } else { "<code>" });
                code = !code;
            }
            c => html.push(c),
        }
    }
    if code {
        html.push_str("</code>");
    }
    html
}

/// A type in a few words, with links to the types that have a name.
pub fn label(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return format!("<a href=\"#{0}\">{0}</a>", text(name));
    }
    for (key, separator) in [("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")] {
        if let Some(kinds) = schema[key].as_array() {
            return kinds.iter().map(label).collect::<Vec<_>>().join(separator);
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<_> = values.iter().map(|value| format!("<code>{}</code>", text(&plain(value)))).collect();
        return values.join(" ");
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(plain).collect::<Vec<_>>().join(" or "),
        kind => plain(kind),
    };
    let mut label = if kind == "array" { format!("list of {}", label(&schema["items"])) } else { text(&kind) };
    for (key, sign) in [("format", ""), ("pattern", ""), ("minimum", "≥ "), ("maximum", "≤ ")] {
        if !schema[key].is_null() {
            let _ = write!(label, " <span class=\"muted\">{sign}{}</span>", text(&plain(&schema[key])));
        }
    }
    label
}

/// A type of its own: what it is, and its members.
pub fn definition(name: &str, schema: &Value) -> String {
    let mut html = format!("<h3 id=\"{0}\">{0}</h3>", text(name));
    if let Some(description) = schema["description"].as_str() {
        let _ = write!(html, "<p>{}</p>", text(description));
    }
    let parts = ["allOf", "oneOf"].iter().find_map(|key| schema[*key].as_array());
    match parts {
        Some(parts) => parts.iter().for_each(|part| html.push_str(&members(part))),
        None => html.push_str(&members(schema)),
    }
    html
}

fn members(schema: &Value) -> String {
    let Some(properties) = schema["properties"].as_object() else { return format!("<p>{}</p>", label(schema)) };
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut html = String::from("<table><tr><th>Member</th><th>Type</th><th>Meaning</th></tr>");
    for (name, member) in properties {
        let optional = if required.contains(&name.as_str()) { "" } else { " <span class=\"muted\">optional</span>" };
        let meaning = text(member["description"].as_str().unwrap_or_default());
        let _ = write!(
            html,
            "<tr><td><code>{}</code>{optional}</td><td>{}</td><td>{meaning}</td></tr>",
            text(name),
            label(member)
        );
    }
    html.push_str("</table>");
    html
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned)
}
