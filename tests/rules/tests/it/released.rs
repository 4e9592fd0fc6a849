//! A component that was built for an earlier release of the contract goes on.

use crate::facts::facts;
use crate::lab::{check, target};
use interline_runtime::RuleSets;
use proptest::prelude::*;
use std::path::Path;
use std::process::Command;

const MANIFEST: &str = r#"
    name = "fares"
    version = "0.1.0"
    kind = "rules"
    contract = "0.1.0"
"#;

fn run(command: &mut Command) {
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}

/// Puts fares into a folder that answer as release 0.1.0 wants it.
fn build(folder: &Path) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // Cargo knows whether it is up to date.
    run(Command::new(cargo)
        .args(["build", "--locked", "--quiet", "--profile", "component", "--target", "wasm32-unknown-unknown"])
        .args(["--package", "interline-released-rules", "--target-dir"])
        .arg(target())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("RUSTFLAGS"));
    let core = target().join("wasm32-unknown-unknown/component/interline_released_rules.wasm");
    // `make plugins` built it, to make the components of today.
    run(Command::new(target().join("debug/componentize"))
        .arg("--out")
        .arg(folder)
        .arg(format!("fares={}", core.display())));
    std::fs::write(folder.join("fares.toml"), MANIFEST).unwrap();
}

#[test]
fn fares_of_release_0_1_price_as_those_of_today() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path());
    check(folder.path().to_owned(), 128, facts(), async |runtime, native, facts| {
        let (released, native) = (runtime.fares().unwrap(), native.fares().unwrap());
        prop_assert_eq!(released.describe(), native.describe());
        let answers = (released.price(&facts).await, native.price(&facts).await);
        prop_assert_eq!(answers.0.map_err(drop), answers.1.map_err(drop));
        Ok(())
    });
}
