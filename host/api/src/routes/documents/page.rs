//! The pages for people, made once at start.

use super::schema::{definition, label, text};
use crate::problem::catalog::Kind;
use serde_json::Value;
use std::fmt::Write;

/// The whole document as one page.
pub fn render(document: &Value) -> String {
    let mut html = head("Interline API");
    let info = &document["info"];
    let _ = write!(html, "<h1>Interline API</h1><p class=\"muted\">Version {}</p>", field(&info["version"]));
    html.push_str(&paragraphs(&info["description"]));
    html.push_str("<p><a href=\"/openapi.json\">openapi.json</a> · <a href=\"/problems\">problems</a></p>");
    for tag in document["tags"].as_array().into_iter().flatten() {
        let _ = write!(html, "<h2>{}</h2><p>{}</p>", field(&tag["name"]), field(&tag["description"]));
        for (path, operations) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in operations.as_object().into_iter().flatten() {
                if operation["tags"].as_array().is_some_and(|tags| tags.contains(&tag["name"])) {
                    html.push_str(&describe(method, path, operation));
                }
            }
        }
    }
    html.push_str("<h2>Types</h2>");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        html.push_str(&definition(name, schema));
    }
    html.push_str("</body></html>");
    html
}

/// Kinds of problem, explained.
pub fn problems(kinds: &[&Kind]) -> String {
    let mut html = head("Interline problems");
    html.push_str("<h1>Problems</h1><p><a href=\"/docs\">API</a> · <a href=\"/problems\">all problems</a></p>");
    for kind in kinds {
        let (title, slug, status) = (text(kind.title), text(kind.slug), kind.status);
        let _ = write!(html, "<h2 id=\"{slug}\">{title}</h2><p><code>/problems/{slug}</code>, status {status}</p>");
        let _ = write!(html, "<p>{}</p>", text(kind.explanation));
    }
    html.push_str("</body></html>");
    html
}

fn head(title: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><link rel=\"stylesheet\" href=\"/docs/style.css\"></head><body>",
        text(title)
    )
}

fn describe(method: &str, path: &str, operation: &Value) -> String {
    let mut html = format!(
        "<details><summary><span class=\"method\">{}</span><code>{}</code> {}</summary>",
        text(&method.to_uppercase()),
        text(path),
        field(&operation["summary"])
    );
    html.push_str(&paragraphs(&operation["description"]));
    if operation["security"].as_array().is_some_and(|ways| ways.iter().any(|way| !way["UserToken"].is_null())) {
        html.push_str("<p class=\"muted\">API key and user token</p>");
    }
    let parameters: Vec<_> = operation["parameters"].as_array().into_iter().flatten().collect();
    if !parameters.is_empty() {
        html.push_str("<table><tr><th>Parameter</th><th>In</th><th>Type</th><th>Meaning</th></tr>");
        for parameter in parameters {
            let optional = if parameter["required"] == true { "" } else { " <span class=\"muted\">optional</span>" };
            let (name, place) = (field(&parameter["name"]), field(&parameter["in"]));
            let (kind, meaning) = (label(&parameter["schema"]), field(&parameter["description"]));
            let _ = write!(
                html,
                "<tr><td><code>{name}</code>{optional}</td><td>{place}</td><td>{kind}</td><td>{meaning}</td></tr>"
            );
        }
        html.push_str("</table>");
    }
    for (kind, content) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
        let _ = write!(html, "<p>Body: {} <span class=\"muted\">{}</span></p>", label(&content["schema"]), text(kind));
    }
    html.push_str("<table><tr><th>Status</th><th>Answer</th><th>Meaning</th></tr>");
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let kinds = response["content"].as_object().into_iter().flatten().map(|(_, content)| label(&content["schema"]));
        let kinds = kinds.collect::<Vec<_>>().join(", ");
        let meaning = field(&response["description"]);
        let _ = write!(html, "<tr><td>{}</td><td>{kinds}</td><td>{meaning}</td></tr>", text(status));
    }
    html.push_str("</table></details>");
    html
}

fn paragraphs(value: &Value) -> String {
    let paragraphs = value.as_str().unwrap_or_default().split("\n\n").filter(|paragraph| !paragraph.is_empty());
    paragraphs.map(|paragraph| format!("<p>{}</p>", text(paragraph))).collect()
}

fn field(value: &Value) -> String {
    text(value.as_str().unwrap_or_default())
}
