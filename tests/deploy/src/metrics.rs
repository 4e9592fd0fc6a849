//! Which metrics there are, and which are looked at.

use crate::documents::{document, files, text, under, yaml};
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::BTreeSet;

/// Metrics of others that dashboards and alerts look at, by who tells them.
pub const FOREIGN: &[(&str, &[&str])] = &[
    ("Prometheus itself", &["up", "ALERTS"]),
    (
        "prometheus' process collector",
        &[
            "process_cpu_seconds_total",
            "process_max_fds",
            "process_open_fds",
            "process_resident_memory_bytes",
            "process_start_time_seconds",
        ],
    ),
    (
        "postgres_exporter",
        &[
            "pg_settings_max_connections",
            "pg_stat_database_numbackends",
            "pg_stat_database_xact_commit",
            "pg_stat_database_xact_rollback",
            "pg_up",
        ],
    ),
    (
        "redis_exporter",
        &[
            "redis_cluster_state",
            "redis_evicted_keys_total",
            "redis_memory_max_bytes",
            "redis_memory_used_bytes",
            "redis_up",
        ],
    ),
    (
        "kafka_exporter",
        &["kafka_brokers", "kafka_consumergroup_lag", "kafka_topic_partition_under_replicated_partition"],
    ),
];

/// An expression, and where it stands.
#[derive(Debug, Clone)]
pub struct Expression {
    /// File, and the alert, rule or panel.
    pub place: String,
    /// PromQL.
    pub text: String,
}

/// A rule of `deploy/prometheus/rules`.
#[derive(Debug, Clone)]
pub struct Rule {
    /// What it records; none: an alert.
    pub record: Option<String>,
    /// The alert's name; none: a recording.
    pub alert: Option<String>,
    /// The whole of it.
    pub rule: Value,
}

/// All rules.
pub fn rules() -> Result<Vec<Rule>> {
    let mut rules = Vec::new();
    for file in files("deploy/prometheus/rules", ".yaml")? {
        let document = document(&file)?;
        for rule in under(&document, "rules").into_iter().filter_map(Value::as_array).flatten() {
            let name = |key: &str| rule[key].as_str().map(str::to_owned);
            rules.push(Rule { record: name("record"), alert: name("alert"), rule: rule.clone() });
        }
    }
    Ok(rules)
}

/// All expressions: of rules, dashboards and the autoscaler.
pub fn expressions() -> Result<Vec<Expression>> {
    let mut found = Vec::new();
    let mut add = |place: String, text: &str| found.push(Expression { place, text: text.to_owned() });
    for rule in rules()? {
        let name = rule.record.or(rule.alert).context("a rule has no name")?;
        add(format!("rule {name}"), rule.rule["expr"].as_str().with_context(|| format!("{name} has no expr"))?);
    }
    for file in files("deploy/grafana/dashboards", ".json")? {
        let dashboard: Value = serde_json::from_str(&text(&file)?).with_context(|| format!("parsing {file}"))?;
        for expr in under(&dashboard, "expr").into_iter().filter_map(Value::as_str) {
            add(file.clone(), expr);
        }
        for query in under(&dashboard["templating"], "query").into_iter().filter_map(Value::as_str) {
            let query = query.strip_prefix("label_values(").and_then(|query| query.split_once(','));
            add(file.clone(), query.with_context(|| format!("{file}: a variable that is no label_values"))?.0);
        }
    }
    for document in yaml("deploy/kubernetes/autoscaling.yaml")? {
        for query in under(&document, "query").into_iter().filter_map(Value::as_str) {
            add("deploy/kubernetes/autoscaling.yaml".to_owned(), query);
        }
    }
    Ok(found)
}

/// Names that the sources of `host/` give to metrics.
pub fn registered() -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for file in files("host", ".rs")? {
        let text = text(&file)?;
        let literals = text.split("\"interline_").skip(1).filter_map(|rest| rest.split_once('"'));
        let name = |rest: &str| rest.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        names.extend(literals.filter(|(rest, _)| name(rest)).map(|(rest, _)| format!("interline_{rest}")));
    }
    Ok(names)
}

/// A series' metric: a histogram's parts are the histogram's.
pub fn family<'n>(name: &'n str, registered: &BTreeSet<String>) -> &'n str {
    let parts = ["_bucket", "_sum", "_count"].iter().filter_map(|part| name.strip_suffix(part));
    parts.into_iter().find(|whole| registered.contains(*whole)).unwrap_or(name)
}
