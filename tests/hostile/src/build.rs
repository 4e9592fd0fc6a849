//! The hostile component, built once.

use anyhow::{Context, Result, ensure};
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

static WASM: LazyLock<std::result::Result<Vec<u8>, String>> =
    LazyLock::new(|| build().map_err(|error| format!("{error:#}")));

/// The component file's bytes.
pub fn wasm() -> Result<&'static [u8]> {
    WASM.as_deref().map_err(|error| anyhow::anyhow!("the hostile component: {error}"))
}

fn build() -> Result<Vec<u8>> {
    let target = target_folder()?;
    let file = target.join("wasm32-wasip2/component/interline_hostile_guest.wasm");
    // Cargo knows whether it is up to date, and several test programs at a time wait for each other there.
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--locked", "--quiet", "--profile", "component", "--target", "wasm32-wasip2"])
        .args(["--package", "interline-hostile-guest", "--target-dir"])
        .arg(&target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("RUSTFLAGS")
        .status()
        .context("cargo does not start")?;
    ensure!(status.success(), "it does not build");
    std::fs::read(&file).with_context(|| file.display().to_string())
}

/// The target folder that this test program was built in: the program is TARGET/PROFILE/deps/NAME.
fn target_folder() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    Ok(program.ancestors().nth(3).context("no target folder above the test program")?.to_owned())
}
