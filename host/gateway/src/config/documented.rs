//! docs/configuration.md against the code: a section's table has its keys, all of them, with their defaults.

use super::*;

const DOCUMENT: &str = include_str!("../../../../docs/configuration.md");

/// A section's heading, and its rows: key and default.
type Section = (&'static str, Vec<(&'static str, Option<&'static str>)>);

fn sections() -> Vec<Section> {
    let headed = DOCUMENT.split("\n## ").skip(1).map(|text| {
        let heading = text.lines().next().unwrap_or_default().trim_matches(['[', ']']);
        let rows = text.lines().filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split('|').map(|cell| cell.trim().trim_matches('`'));
            let (key, default) = (cells.next()?, cells.next()?);
            Some((key, (!default.is_empty()).then_some(default)))
        });
        (heading, rows.collect())
    });
    headed.collect()
}

/// The file of one section.
fn file(heading: &str, content: &str) -> String {
    match heading {
        "At the top" => content.to_owned(),
        table => format!("[{table}]\n{content}"),
    }
}

fn parse(text: &str) -> Result<Config> {
    Config::parse(text, "documented", &BTreeMap::new())
}

#[test]
fn every_key_is_in_its_sections_table_and_no_other() {
    for (heading, rows) in sections() {
        let told = parse(&file(heading, "nobody_knows_this = 1\n")).unwrap_err().to_string();
        let expected = told.split_once("expected ").unwrap_or_else(|| panic!("{heading}: {told}")).1;
        let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
        let tables: Vec<&str> = sections().iter().map(|(heading, _)| *heading).collect();
        // At the top stand the other sections, too; Redis has its table in operators.md.
        let own = known.into_iter().filter(|key| {
            let of_grants = ["suppliers", "payments", "rules", "redis"].contains(key);
            heading != "At the top" || !(tables.contains(key) || of_grants)
        });
        let mut own: Vec<&str> = own.collect();
        let mut documented: Vec<&str> = rows.iter().map(|(key, _)| *key).collect();
        own.sort_unstable();
        documented.sort_unstable();
        assert_eq!(documented, own, "{heading}");
    }
}

#[test]
fn each_default_is_the_one_that_holds_without_the_key() {
    for (heading, rows) in sections() {
        let without = format!("{:?}", parse(&file(heading, "")).unwrap());
        for (key, default) in rows {
            let Some(default) = default else { continue };
            let with = parse(&file(heading, &format!("{key} = {default}\n"))).unwrap();
            let with = format!("{with:?}");
            // A limit that is not set is the default for all, and a grant shows that it sets it.
            let same =
                if heading.ends_with("limits") { limit(key) == Some(default.to_owned()) } else { with == without };
            assert!(same, "{heading}: {key} = {default}");
        }
    }
}

/// A limit's default, as it is shown.
fn limit(key: &str) -> Option<String> {
    let shown = serde_json::to_value(Limits::default()).ok()?;
    shown.get(key).map(ToString::to_string)
}
