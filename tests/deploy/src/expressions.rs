//! PromQL, as far as telling which series an expression looks at. Whether it is well-formed is for `promtool`.

/// A series that an expression selects: its name, and the labels that it is selected by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Selector {
    /// Of the metric.
    pub name: String,
    /// Names of labels, without their values.
    pub labels: Vec<String>,
}

/// Words between series that are neither functions nor metrics.
const WORDS: [&str; 14] = [
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
    "and",
    "or",
    "unless",
    "bool",
    "offset",
    "le",
    "inf",
    "nan",
];

/// All series of an expression.
pub fn selectors(expression: &str) -> Vec<Selector> {
    let mut found = Vec::new();
    let mut rest = expression;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '"') {
        rest = &rest[start..];
        if let Some(quoted) = rest.strip_prefix('"') {
            rest = quoted.split_once('"').map_or("", |(_, after)| after);
            continue;
        }
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':')).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let after = after.trim_start();
        if let Some(inner) = after.strip_prefix('{') {
            let (labels, after) = matchers(inner);
            found.push(Selector { name: word.to_owned(), labels });
            rest = after;
        } else if matches!(word, "by" | "without" | "on" | "ignoring" | "group_left" | "group_right") {
            rest = after.strip_prefix('(').and_then(|list| list.split_once(')')).map_or(after, |(_, after)| after);
        } else {
            let duration = expression[..expression.len() - rest.len()].ends_with(|c: char| c.is_ascii_digit());
            if !after.starts_with('(') && !WORDS.contains(&word.to_ascii_lowercase().as_str()) && !duration {
                // An aggregation may be named before its labels: `sum by (x) (…)`.
                let aggregates = ["by", "without"].iter().any(|word| after.starts_with(word));
                if !aggregates {
                    found.push(Selector { name: word.to_owned(), labels: Vec::new() });
                }
            }
            rest = after;
        }
    }
    found
}

/// The labels up to the closing brace, and what follows it.
fn matchers(mut rest: &str) -> (Vec<String>, &str) {
    let mut labels = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', ',', '\n']);
        if let Some(after) = rest.strip_prefix('}') {
            return (labels, after);
        }
        let Some((label, value)) = rest.split_once('"') else { return (labels, "") };
        labels.push(label.trim_end_matches(['=', '~', '!', ' ']).to_owned());
        rest = value.split_once('"').map_or("", |(_, after)| after);
    }
}

/// The labels that an expression groups by.
pub fn grouped_by(expression: &str) -> Vec<String> {
    let lists = expression.split("by (").skip(1).filter_map(|after| after.split_once(')'));
    lists.flat_map(|(list, _)| list.split(',').map(|label| label.trim().to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(expression: &str) -> Vec<String> {
        let tell = |selector: Selector| format!("{} {}", selector.name, selector.labels.join(" "));
        selectors(expression).into_iter().map(|selector| tell(selector).trim_end().to_owned()).collect()
    }

    #[test]
    fn only_series_are_found() {
        let quantile = r#"histogram_quantile(0.95, sum by (le, route) (rate(a_bucket{x="y z", w=~"}"}[5m]))) > 1e3"#;
        assert_eq!(told(quantile), ["a_bucket x w"]);
        assert_eq!(told("(count(up{job=\"g\"} == 1) or vector(0)) < 2"), ["up job"]);
        assert_eq!(told("time() - max(seen_seconds) > 180"), ["seen_seconds"]);
        assert_eq!(told("sum(a) by (b) / on (c) group_left (d) e:f:rate5m{g!=\"\"} offset 5m"), ["a", "e:f:rate5m g"]);
        assert_eq!(grouped_by("sum by (a, b) (x) / max by (c) (y)"), ["a", "b", "c"]);
    }
}
