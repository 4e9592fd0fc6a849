//! `${NAME}` and `${NAME:-default}` in the configuration file.

use std::collections::BTreeMap;

/// Puts the environment's values in. Comment lines are left alone; a value is escaped so that it stays one string.
pub fn fill(text: &str, environment: &BTreeMap<String, String>) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if line.trim_start().starts_with('#') {
            filled.push_str(line);
        } else {
            fill_line(line, environment, &mut filled).map_err(|error| format!("line {}: {error}", index + 1))?;
        }
    }
    Ok(filled)
}

fn fill_line(mut line: &str, environment: &BTreeMap<String, String>, filled: &mut String) -> Result<(), String> {
    while let Some(start) = line.find("${") {
        filled.push_str(&line[..start]);
        let rest = &line[start + 2..];
        let end = rest.find('}').ok_or("`${` without `}`")?;
        let (name, default) = match rest[..end].split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (&rest[..end], None),
        };
        let value = environment.get(name).map(String::as_str).filter(|value| !value.is_empty()).or(default);
        let value = value.ok_or_else(|| format!("the environment variable {name} is not set"))?;
        filled.extend(value.chars().flat_map(|c| match c {
            '"' | '\\' => vec!['\\', c],
            c if c.is_control() => Vec::new(),
            c => vec![c],
        }));
        line = &rest[end + 1..];
    }
    filled.push_str(line);
    Ok(())
}
