//! The compose file and the image: what can be told of them without starting them.

use anyhow::{Context, Result, ensure};
use interline_deploy::documents::{document, files, root, strings, text, under};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

const COMPOSE: &str = "deploy/compose.yaml";

fn services() -> Result<Map<String, Value>> {
    document(COMPOSE)?["services"].as_object().cloned().context("no services")
}

/// Seconds of a duration like `50s`.
fn seconds(value: &Value) -> Option<u64> {
    value.as_str()?.strip_suffix('s')?.parse().ok()
}

fn drain_seconds() -> Result<u64> {
    let config = text("deploy/interline.toml")?;
    let line = config.lines().find_map(|line| line.strip_prefix("drain_seconds = ")).context("no drain_seconds")?;
    Ok(line.trim().parse()?)
}

#[test]
fn the_whole_stack_is_there() -> Result<()> {
    let services = services()?;
    let count = |prefix: &str| services.keys().filter(|name| name.starts_with(prefix)).count();
    ensure!(services["gateway"]["deploy"]["replicas"] == 3, "three gateways");
    ensure!(count("worker-") == 2, "two workers");
    ensure!(services.keys().filter(|name| name.starts_with("redis-") && name.len() == 7).count() == 6, "six Redis");
    ensure!(services.keys().filter(|name| name.starts_with("kafka-") && name.len() == 7).count() == 3, "three Kafka");
    for name in
        ["balancer", "postgres", "migrate", "sandbox", "mailpit", "prometheus", "grafana", "otel-collector", "jaeger"]
    {
        ensure!(services.contains_key(name), "no {name}");
    }
    // A worker's name is what Kafka knows it by.
    let names: BTreeSet<_> = services
        .iter()
        .filter(|(name, _)| name.starts_with("worker-"))
        .map(|(_, it)| it["hostname"].to_string())
        .collect();
    ensure!(names.len() == 2, "workers share a name: {names:?}");
    Ok(())
}

#[test]
fn what_a_service_names_is_there() -> Result<()> {
    let compose = document(COMPOSE)?;
    let services = services()?;
    let volumes = compose["volumes"].as_object().context("no volumes")?;
    for (name, service) in &services {
        let needs = service["depends_on"].as_object().into_iter().flatten();
        for (needed, how) in needs {
            let other = services.get(needed).with_context(|| format!("{name} needs {needed}, which is not there"))?;
            let healthy = how["condition"] == "service_healthy";
            let probed = other["healthcheck"]["test"].is_array() || other["build"].is_object();
            ensure!(!healthy || probed, "{name} waits for the health of {needed}, which has no check");
        }
        for volume in strings(&service["volumes"]) {
            let source = volume.split(':').next().unwrap_or_default();
            if source.starts_with('.') {
                ensure!(root().join("deploy").join(source).exists(), "{name} mounts {source}, which is not there");
            } else {
                ensure!(volumes.contains_key(source), "{name} mounts the volume {source}, which is not declared");
            }
        }
        let image = service["image"].as_str().with_context(|| format!("{name} has no image"))?;
        let tag = image.rsplit_once(':').map_or("latest", |(_, tag)| tag);
        ensure!(tag != "latest", "{name}: {image} may be another one tomorrow");
    }
    Ok(())
}

#[test]
fn a_process_has_the_time_to_end_that_it_was_promised() -> Result<()> {
    let drain = drain_seconds()?;
    for (name, service) in services()?.iter().filter(|(_, service)| service["build"].is_object()) {
        let grace = seconds(&service["stop_grace_period"]).with_context(|| format!("{name} has no grace period"))?;
        ensure!(grace > drain, "{name} is killed after {grace} s and drains for {drain} s");
    }
    Ok(())
}

#[test]
fn every_secret_is_made_up_by_the_script() -> Result<()> {
    let script = text("scripts/deploy-secrets.sh")?;
    let entries = script.lines().find(|line| line.contains("for entry in")).context("no list of secrets")?;
    let compose = text(COMPOSE)?;
    let mut names = BTreeSet::new();
    for part in compose.split("${").skip(1) {
        let variable = part.split('}').next().unwrap_or_default();
        let name = variable.split(':').next().unwrap_or_default();
        ensure!(entries.contains(&format!(" {name}:")), "${{{variable}}} is not made by scripts/deploy-secrets.sh");
        names.insert(name.to_owned());
    }
    ensure!(names.len() > 3, "no secrets: {names:?}");
    Ok(())
}

#[test]
fn prometheus_scrapes_services_that_are_there() -> Result<()> {
    let services = services()?;
    let prometheus = document("deploy/prometheus/prometheus.yaml")?;
    for target in under(&prometheus, "targets").into_iter().flat_map(strings) {
        let address = target.strip_prefix("redis://").unwrap_or(target);
        let host = address.split(':').next().unwrap_or_default();
        ensure!(host == "localhost" || services.contains_key(host), "nobody is {host}");
    }
    let jobs: BTreeSet<&str> = under(&prometheus, "job_name").into_iter().filter_map(Value::as_str).collect();
    ensure!(jobs.contains("interline-gateway") && jobs.contains("interline-worker"), "{jobs:?}");
    let config = text("deploy/interline.toml")?;
    for key in ["\nlisten", "\nworker_listen"] {
        ensure!(config.contains(&format!("{key} = \"0.0.0.0:8080\"")), "{key} is not where it is scraped");
    }
    Ok(())
}

#[test]
fn every_yaml_file_can_be_read() -> Result<()> {
    let files = files("deploy", ".yaml")?;
    ensure!(files.len() > 15, "{files:?}");
    for file in files {
        ensure!(!interline_deploy::documents::yaml(&file)?.is_empty(), "{file} is empty");
    }
    Ok(())
}

#[test]
fn the_image_is_built_from_everything() -> Result<()> {
    let dockerfile = text("deploy/Dockerfile")?;
    // It finds every folder that has a manifest, so that none has to be listed.
    ensure!(dockerfile.contains("scripts/plugins.sh"), "components are not built");
    ensure!(dockerfile.contains("/target/components"), "components are not taken");
    for line in ["HEALTHCHECK", "USER 10001:10001", "--locked --release", "COPY deploy/interline.toml"] {
        ensure!(dockerfile.contains(line), "no {line}");
    }
    let ignored = text("deploy/Dockerfile.dockerignore")?;
    let let_in: BTreeSet<&str> = ignored.lines().filter_map(|line| line.strip_prefix('!')).collect();
    let workspace: toml::Table = text("Cargo.toml")?.parse()?;
    let members = workspace["workspace"]["members"].as_array().context("no members")?;
    let folders = members.iter().filter_map(|member| member.as_str()?.strip_suffix("/*"));
    for needed in folders.chain([".cargo", ".sqlx", "Cargo.lock", "Cargo.toml", "migrations", "scripts", "wit"]) {
        ensure!(let_in.contains(needed), "the build does not see {needed}");
    }
    let wanted = workspace["workspace"]["package"]["rust-version"].as_str().context("no rust-version")?;
    ensure!(dockerfile.contains(&format!("ARG RUST={wanted}")), "it is not built with Rust {wanted}");
    Ok(())
}
