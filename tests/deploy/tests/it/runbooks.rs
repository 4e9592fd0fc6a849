//! Whoever is woken finds what to do.

use anyhow::{Context, Result, ensure};
use interline_deploy::documents::text;
use interline_deploy::metrics::rules;
use std::collections::BTreeSet;

const GUIDE: &str = "docs/operations.md";

/// Headings of the third level in the section `Alerts`: the runbooks, each with its text.
fn runbooks() -> Result<Vec<(String, String)>> {
    let guide = text(GUIDE)?;
    let (_, alerts) = guide.split_once("\n## Alerts\n").context("no section Alerts")?;
    let alerts = alerts.split("\n## ").next().unwrap_or_default();
    Ok(alerts
        .split("\n### ")
        .skip(1)
        .filter_map(|part| part.split_once('\n'))
        .map(|(name, text)| (name.trim().to_owned(), text.to_owned()))
        .collect())
}

#[test]
fn every_alert_has_a_runbook_and_every_runbook_an_alert() -> Result<()> {
    let written: BTreeSet<String> = runbooks()?.into_iter().map(|(name, _)| name).collect();
    let mut alerts = BTreeSet::new();
    for rule in rules()? {
        let Some(alert) = rule.alert else { continue };
        let annotations = &rule.rule["annotations"];
        let link = annotations["runbook_url"].as_str().with_context(|| format!("{alert} has no runbook_url"))?;
        ensure!(link == format!("{GUIDE}#{}", alert.to_lowercase()), "{alert}: {link} leads elsewhere");
        ensure!(annotations["summary"].as_str().is_some_and(|text| text.ends_with('.')), "{alert} has no summary");
        let severity = rule.rule["labels"]["severity"].as_str();
        ensure!(matches!(severity, Some("page" | "ticket")), "{alert}: severity {severity:?}");
        ensure!(alerts.insert(alert.clone()), "{alert} stands twice");
    }
    let without: Vec<_> = alerts.difference(&written).collect();
    ensure!(without.is_empty(), "alerts without a runbook: {without:?}");
    let stray: Vec<_> = written.difference(&alerts).collect();
    ensure!(stray.is_empty(), "runbooks of no alert: {stray:?}");
    Ok(())
}

#[test]
fn every_runbook_says_what_it_means_and_what_to_do() -> Result<()> {
    for (name, text) in runbooks()? {
        for part in ["**Means:**", "**Look at:**", "**Do:**", "**Escalate:**"] {
            ensure!(text.contains(part), "{name} lacks {part}");
        }
    }
    Ok(())
}
