//! The one place where bytes become machine code.

use wasmtime::Engine;
use wasmtime::component::Component;

/// A component from an artifact that this host compiled: just now, or earlier into the folder that only its user can
/// write to, with its digest checked.
#[allow(unsafe_code)]
pub(super) fn component(engine: &Engine, artifact: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the caller hands in only what `Engine::precompile_component` of this host gave, see above; wasmtime
    // itself refuses artifacts of another version or configuration.
    unsafe { Component::deserialize(engine, artifact) }
}
