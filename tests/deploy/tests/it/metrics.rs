//! Dashboards, alerts and the autoscaler look at what is really told.

use anyhow::{Result, ensure};
use interline_deploy::documents::{document, files, text};
use interline_deploy::expressions::selectors;
use interline_deploy::metrics::{FOREIGN, expressions, family, registered, rules};
use serde_json::Value;
use std::collections::BTreeSet;

#[test]
fn every_metric_that_is_looked_at_is_told_by_somebody() -> Result<()> {
    let ours = registered()?;
    ensure!(ours.contains("interline_http_request_seconds"), "the sources were not read: {ours:?}");
    let foreign: BTreeSet<&str> = FOREIGN.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    let recorded: BTreeSet<String> = rules()?.into_iter().filter_map(|rule| rule.record).collect();
    let mut missing = BTreeSet::new();
    let mut looked_at = BTreeSet::new();
    for expression in expressions()? {
        let selectors = selectors(&expression.text);
        ensure!(!selectors.is_empty(), "{}: no series in {}", expression.place, expression.text);
        for selector in selectors {
            let name = family(&selector.name, &ours);
            looked_at.insert(name.to_owned());
            if !ours.contains(name) && !foreign.contains(name) && !recorded.contains(name) {
                missing.insert(format!("{name}, in {}", expression.place));
            }
        }
    }
    ensure!(missing.is_empty(), "nobody tells {missing:#?}");
    let idle: Vec<_> = foreign.iter().filter(|name| !looked_at.contains(**name)).collect();
    ensure!(idle.is_empty(), "the list of foreign metrics has some that nobody looks at: {idle:?}");
    Ok(())
}

#[test]
fn the_operator_of_a_cluster_gets_the_same_rules() -> Result<()> {
    let generated = interline_deploy::documents::yaml("deploy/kubernetes/rules.yaml")?;
    let names = files("deploy/prometheus/rules", ".yaml")?;
    ensure!(generated.len() == names.len(), "scripts/deploy-rules.sh writes deploy/kubernetes/rules.yaml anew");
    for (rules, file) in generated.iter().zip(&names) {
        ensure!(rules["kind"] == "PrometheusRule", "{rules}");
        ensure!(rules["spec"] == document(file)?, "{file} was changed: run scripts/deploy-rules.sh");
    }
    Ok(())
}

#[test]
fn dashboards_are_told_apart_and_ask_the_datasource_that_is_there() -> Result<()> {
    let provisioned = document("deploy/grafana/provisioning/datasources/datasources.yaml")?;
    let known: BTreeSet<&str> = provisioned["datasources"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|source| source["uid"].as_str())
        .collect();
    let mut names = BTreeSet::new();
    for file in files("deploy/grafana/dashboards", ".json")? {
        let dashboard: Value = serde_json::from_str(&text(&file)?)?;
        ensure!(names.insert(dashboard["uid"].to_string()), "{file}: its uid is taken");
        ensure!(names.insert(dashboard["title"].to_string()), "{file}: its title is taken");
        let panels = dashboard["panels"].as_array().map_or(0, Vec::len);
        let ids: BTreeSet<String> =
            dashboard["panels"].as_array().into_iter().flatten().map(|panel| panel["id"].to_string()).collect();
        ensure!(panels > 0 && ids.len() == panels, "{file}: panels without an id of their own");
        for source in interline_deploy::documents::under(&dashboard, "datasource") {
            ensure!(source["uid"].as_str().is_some_and(|uid| known.contains(uid)), "{file}: no datasource {source}");
        }
    }
    Ok(())
}
