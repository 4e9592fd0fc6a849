//! A runtime with components, and the same rules natively.

use interline_native_rules::Loaded;
use interline_runtime::{MemoryStateStore, Runtime, RuntimeConfig};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;

/// The target folder that this program was built in: the program is TARGET/PROFILE/deps/NAME.
pub fn target() -> PathBuf {
    std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned()
}

/// `INTERLINE_COMPONENTS`, else `components` in the target folder.
pub fn components() -> PathBuf {
    let folder = std::env::var_os("INTERLINE_COMPONENTS").map_or_else(|| target().join("components"), PathBuf::from);
    assert!(folder.join("fares.wasm").is_file(), "{} has no fares.wasm: `make plugins` makes it", folder.display());
    folder
}

/// Runs a property against the components of a folder and the native rules.
pub fn check<T: Debug>(
    components: PathBuf,
    cases: u32,
    input: impl Strategy<Value = T>,
    property: impl AsyncFn(&Runtime, &Loaded, T) -> Result<(), TestCaseError>,
) {
    let tokio = tokio::runtime::Runtime::new().unwrap();
    let artifacts = tempfile::tempdir().unwrap();
    let config = RuntimeConfig { watch: false, ..RuntimeConfig::new(components, artifacts.path().join("compiled")) };
    let runtime = tokio.block_on(Runtime::start(config, Arc::new(MemoryStateStore::default()))).unwrap();
    let native = Loaded::native();
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    runner.run(&input, |input| tokio.block_on(property(&runtime, &native, input))).unwrap();
    tokio.block_on(runtime.shutdown());
}
