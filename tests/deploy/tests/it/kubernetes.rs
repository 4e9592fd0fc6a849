//! The manifests: what can be told of them without a cluster.

use anyhow::{Context, Result, bail, ensure};
use interline_deploy::documents::{document, files, strings, text, under, yaml};
use serde_json::Value;
use std::collections::BTreeSet;

/// The one object of a kind and name in a file.
fn object(file: &str, kind: &str) -> Result<Value> {
    let found = yaml(&format!("deploy/kubernetes/{file}.yaml"))?.into_iter().find(|object| object["kind"] == kind);
    found.with_context(|| format!("no {kind} in {file}"))
}

/// Gateway and worker: the name, and the pod's specification.
fn pods() -> Result<Vec<(&'static str, Value)>> {
    let gateway = object("gateway", "Deployment")?["spec"]["template"]["spec"].clone();
    let worker = object("worker", "StatefulSet")?["spec"]["template"]["spec"].clone();
    Ok(vec![("gateway", gateway), ("worker", worker)])
}

#[test]
fn every_file_is_applied_and_every_dashboard_is_taken_along() -> Result<()> {
    let all = document("deploy/kustomization.yaml")?;
    let listed: BTreeSet<String> = strings(&all["resources"]).iter().map(|path| format!("deploy/{path}")).collect();
    let there: BTreeSet<String> = files("deploy/kubernetes", ".yaml")?.into_iter().collect();
    let left_out: Vec<_> = there.symmetric_difference(&listed).collect();
    // Secrets are no part of a rollout.
    ensure!(left_out == ["deploy/kubernetes/secret.example.yaml"], "{left_out:?}");
    let maps = all["configMapGenerator"].as_array().context("no config maps")?;
    let dashboards = maps.iter().find(|map| map["name"] == "interline-dashboards").context("no dashboards")?;
    let taken: Vec<String> = strings(&dashboards["files"]).iter().map(|path| format!("deploy/{path}")).collect();
    ensure!(taken == files("deploy/grafana/dashboards", ".json")?, "{taken:?}");
    Ok(())
}

#[test]
fn liveness_never_asks_for_the_database_and_readiness_does() -> Result<()> {
    for (name, pod) in pods()? {
        let container = &pod["containers"][0];
        for (probe, path) in
            [("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")]
        {
            ensure!(container[probe]["httpGet"]["path"] == path, "{name}: {probe} does not ask {path}");
            ensure!(container[probe]["httpGet"]["port"] == "http", "{name}: {probe} asks another port");
        }
        let ports = container["ports"].as_array().context("no ports")?;
        ensure!(ports.iter().any(|port| port["name"] == "http" && port["containerPort"] == 8080), "{name}: {ports:?}");
    }
    Ok(())
}

#[test]
fn a_pod_has_the_time_to_end_that_it_was_promised() -> Result<()> {
    let config = text("deploy/interline.toml")?;
    let drain = config.lines().find_map(|line| line.strip_prefix("drain_seconds = ")).context("no drain_seconds")?;
    let drain: u64 = drain.trim().parse()?;
    for (name, pod) in pods()? {
        let grace =
            pod["terminationGracePeriodSeconds"].as_u64().with_context(|| format!("{name}: no grace period"))?;
        let before = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"].as_u64().unwrap_or(0);
        ensure!(
            grace > before + drain,
            "{name} is killed after {grace} s, of which it waits {before} and drains {drain}"
        );
        ensure!(name != "gateway" || before > 0, "balancers have no time to hear that a gateway ends");
    }
    Ok(())
}

#[test]
fn pods_may_do_no_more_than_they_need() -> Result<()> {
    let job = object("migrate", "Job")?["spec"]["template"]["spec"].clone();
    for (name, pod) in pods()?.into_iter().chain([("migrate", job)]) {
        let container = &pod["containers"][0];
        ensure!(pod["securityContext"]["runAsNonRoot"] == true, "{name} may run as root");
        ensure!(container["securityContext"]["readOnlyRootFilesystem"] == true, "{name} may write anywhere");
        ensure!(container["securityContext"]["allowPrivilegeEscalation"] == false, "{name} may gain privileges");
        ensure!(container["resources"]["limits"]["memory"].is_string(), "{name} may take all memory");
        ensure!(container["resources"]["requests"]["cpu"].is_string(), "{name} is promised no CPU");
        for volume in container["volumeMounts"].as_array().context("no mounts")? {
            let declared = pod["volumes"].as_array().into_iter().flatten().any(|one| one["name"] == volume["name"]);
            ensure!(declared, "{name} mounts {}, which is not there", volume["name"]);
        }
    }
    Ok(())
}

#[test]
fn selectors_find_their_pods() -> Result<()> {
    for (file, kind) in [("gateway", "Deployment"), ("worker", "StatefulSet")] {
        let labels = &object(file, kind)?["spec"]["template"]["metadata"]["labels"];
        let name = labels["app.kubernetes.io/name"].as_str().context("no name")?;
        ensure!(name == format!("interline-{file}"), "rules know it as interline-{file}");
        for selector in [
            &object(file, kind)?["spec"]["selector"]["matchLabels"],
            &object(file, "Service")?["spec"]["selector"],
            &object(file, "PodDisruptionBudget")?["spec"]["selector"]["matchLabels"],
        ] {
            let labels_of = selector.as_object().context("no selector")?;
            ensure!(labels_of.iter().all(|(key, value)| labels[key] == *value), "{file}: {selector} selects others");
        }
    }
    let mut targets = BTreeSet::new();
    for scaled in yaml("deploy/kubernetes/autoscaling.yaml")? {
        let target = &scaled["spec"]["scaleTargetRef"];
        let name = target["name"].as_str().and_then(|name| name.strip_prefix("interline-")).context("whose?")?;
        let kind = target["kind"].as_str().context("of what kind?")?;
        ensure!(object(name, kind)?["spec"]["replicas"].is_null(), "two decide how many of {name} there are");
        targets.insert(name.to_owned());
    }
    ensure!(targets.len() == 2, "{targets:?}");
    Ok(())
}

#[test]
fn the_autoscaler_asks_for_the_lag_of_the_workers_own_group() -> Result<()> {
    let config: String = text("deploy/interline.toml")?;
    let defaults = ["topic_prefix", "group"].iter().all(|key| !config.contains(&format!("\n{key} = ")));
    ensure!(defaults, "put the group and topic here too");
    for scaled in yaml("deploy/kubernetes/autoscaling.yaml")? {
        for trigger in under(&scaled, "triggers").into_iter().filter_map(Value::as_array).flatten() {
            match trigger["type"].as_str() {
                Some("cpu" | "prometheus") => {}
                Some("kafka") => {
                    let asked = &trigger["metadata"];
                    ensure!(asked["consumerGroup"] == "interline" && asked["topic"] == "interline.jobs", "{asked}");
                }
                other => bail!("no trigger {other:?}"),
            }
        }
    }
    Ok(())
}

#[test]
fn the_fleet_at_its_largest_fits_the_database() -> Result<()> {
    let config = text("deploy/interline.toml")?;
    let each = config.lines().find_map(|line| line.strip_prefix("max_connections = ")).context("no max_connections")?;
    let each: u64 = each.trim().parse()?;
    let most = |name: &str| -> Result<u64> {
        let all = yaml("deploy/kubernetes/autoscaling.yaml")?;
        let scaled = all.iter().find(|scaled| scaled["metadata"]["name"] == name).with_context(|| name.to_owned())?;
        scaled["spec"]["maxReplicaCount"].as_u64().context("no maximum")
    };
    let (gateways, workers) = (most("interline-gateway")?, most("interline-worker")?);
    let needed = (gateways + gateways.div_ceil(4) + workers) * each;
    let told = text("deploy/kubernetes/autoscaling.yaml")?.contains(&format!("= {needed}."));
    ensure!(told, "it may need {needed} connections: say so in autoscaling.yaml");
    Ok(())
}
