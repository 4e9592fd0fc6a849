//! The configuration is taken by the program, in the environments that compose.yaml and the manifests make.

use anyhow::{Context, Result, bail, ensure};
use interline_deploy::documents::{document, root, text};
use interline_journey::process::{binary, components};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

type Environment = BTreeMap<String, String>;

/// As a pod or container has it, but for where files are on this machine.
fn check(mut environment: Environment) -> Result<()> {
    environment.insert("INTERLINE_COMPONENTS".to_owned(), components()?.display().to_string());
    environment.insert("RATES_FILE".to_owned(), root().join("host/pricing/data/rates.toml").display().to_string());
    let told = Command::new(binary()?)
        .args(["config", "check", "--config"])
        .arg(root().join("deploy/interline.toml"))
        .env_clear()
        .envs(environment)
        .output()?;
    let text = String::from_utf8_lossy(&told.stdout).into_owned() + &String::from_utf8_lossy(&told.stderr);
    ensure!(told.status.success(), "{text}");
    for name in ["duffel", "ndc", "travelport", "stripe"] {
        ensure!(text.contains(name), "{name} is not granted: {text}");
    }
    Ok(())
}

/// A secret as it might be: what goes into keys has 64 hexadecimal digits.
fn made_up(name: &str) -> String {
    if name.ends_with("_KEY") { "5f".repeat(32) } else { "made-up".to_owned() }
}

fn named_by_configuration() -> Result<BTreeSet<String>> {
    let config = text("deploy/interline.toml")?;
    let lines = config.lines().filter(|line| !line.trim_start().starts_with('#'));
    let names = lines.flat_map(|line| line.split("${").skip(1)).filter_map(|part| part.split(['}', ':']).next());
    Ok(names.map(str::to_owned).collect())
}

#[test]
fn compose_sets_all_that_the_configuration_asks_for() -> Result<()> {
    let compose = document("deploy/compose.yaml")?;
    let named = named_by_configuration()?;
    for service in ["gateway", "worker-1", "migrate", "demo"] {
        // Docker sets it.
        let mut environment = Environment::from([("HOSTNAME".to_owned(), service.to_owned())]);
        let set = compose["services"][service]["environment"].as_object().context("no environment")?;
        for (name, value) in set {
            ensure!(named.contains(name), "{service} sets {name}, which nobody reads");
            let value = value.as_str().with_context(|| format!("{name} is no string"))?;
            let filled = match value.split_once("${") {
                Some((before, rest)) => {
                    let (variable, after) = rest.split_once('}').context("`${` without `}`")?;
                    format!("{before}{}{after}", made_up(variable.split(':').next().unwrap_or_default()))
                }
                None => value.to_owned(),
            };
            environment.insert(name.clone(), filled);
        }
        check(environment).with_context(|| format!("as {service} of compose.yaml"))?;
    }
    Ok(())
}

#[test]
fn the_manifests_set_all_that_the_configuration_asks_for() -> Result<()> {
    let named = named_by_configuration()?;
    let mut environment = Environment::from([("HOSTNAME".to_owned(), "interline-worker-0".to_owned())]);
    let settings = text("deploy/kubernetes/settings.env")?;
    for line in settings.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (name, value) = line.split_once('=').with_context(|| line.to_owned())?;
        environment.insert(name.to_owned(), value.to_owned());
    }
    let secret = document("deploy/kubernetes/secret.example.yaml")?;
    for (name, value) in secret["stringData"].as_object().context("no stringData")? {
        let value = value.as_str().context("no string")?;
        ensure!(value.contains("CHANGE-ME"), "{name} has a value that somebody might leave");
        let filled = if value == "CHANGE-ME" { made_up(name) } else { value.replace("CHANGE-ME", "made-up") };
        if environment.insert(name.clone(), filled).is_some() {
            bail!("{name} is a setting and a secret");
        }
    }
    let unread: Vec<_> = environment.keys().filter(|name| !named.contains(*name)).collect();
    ensure!(unread.is_empty(), "nobody reads {unread:?}");
    check(environment)
}

#[test]
fn the_commands_of_the_guide_are_the_programs() -> Result<()> {
    let guide = text("docs/operations.md")?;
    let mut commands = BTreeSet::new();
    for line in guide.lines() {
        let inline = line.split('`').skip(1).step_by(2).filter(|code| code.starts_with("interline "));
        let shell = line.split_once("interline ").filter(|_| line.starts_with("$ ") || line.starts_with("interline "));
        let shell = shell.map(|(_, rest)| format!("interline {rest}"));
        for code in inline.map(str::to_owned).chain(shell) {
            let words = code.split_whitespace().skip(1).map(str::to_owned);
            let word = |word: &String| word.chars().all(|c| c.is_ascii_lowercase());
            commands.insert(words.take_while(word).collect::<Vec<_>>());
        }
    }
    ensure!(commands.len() > 4, "{commands:?}");
    for command in commands {
        let told = Command::new(binary()?).args(&command).arg("--help").output()?;
        ensure!(told.status.success(), "interline {}: {}", command.join(" "), String::from_utf8_lossy(&told.stderr));
    }
    Ok(())
}
