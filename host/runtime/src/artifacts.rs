//! Compiled components, kept on disk by what they were compiled from and for.

mod load;

use crate::runtime::StartError;
use sha2::{Digest, Sha256};
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use wasmtime::Engine;
use wasmtime::component::Component;

const DIGEST: usize = 32;

/// A folder of compiled components that belongs to this user alone.
pub(crate) struct Artifacts {
    folder: PathBuf,
    written: AtomicU64,
}

impl Artifacts {
    /// Makes the folder if it is missing; refuses one that others could write to.
    pub(crate) fn open(folder: &Path) -> Result<Self, StartError> {
        let refused = |reason: String| StartError::Artifacts { path: folder.to_owned(), reason };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| refused(error.to_string()))?;
        let metadata = fs::symlink_metadata(folder).map_err(|error| refused(error.to_string()))?;
        if !metadata.is_dir() {
            return Err(refused("it is not a folder".to_owned()));
        }
        let artifacts = Self { folder: folder.to_owned(), written: AtomicU64::new(0) };
        let probe = artifacts.temporary();
        let owner = write_private(&probe, &[]).and_then(|()| fs::metadata(&probe)).map(|probe| probe.uid());
        let _ = fs::remove_file(&probe);
        if owner.map_err(|error| refused(error.to_string()))? != metadata.uid() {
            return Err(refused("it belongs to another user".to_owned()));
        }
        if metadata.permissions().mode() & 0o077 != 0 {
            // An artifact is machine code that will be run: nobody else may have put it there.
            return Err(refused("others may enter it; it must have mode 0700".to_owned()));
        }
        Ok(artifacts)
    }

    /// The component, from its kept artifact if there is a whole one, else compiled and kept.
    pub(crate) fn component(&self, engine: &Engine, wasm: &[u8], hash: &str) -> wasmtime::Result<Component> {
        let path = self.folder.join(format!("{hash}-{:016x}.cwasm", fingerprint(engine)));
        if let Some(component) = kept(engine, &path) {
            return Ok(component);
        }
        // Gateway and worker start at the same time: who comes second takes what the first one kept.
        let _compiling = self.lock().inspect_err(|error| tracing::warn!(%error, "artifacts not locked"));
        if let Some(component) = kept(engine, &path) {
            return Ok(component);
        }
        let artifact = engine.precompile_component(wasm)?;
        if let Err(error) = self.write(&path, &artifact) {
            tracing::warn!(%error, path = %path.display(), "compiled artifact not kept");
        }
        load::component(engine, &artifact)
    }

    fn write(&self, path: &Path, artifact: &[u8]) -> io::Result<()> {
        let temporary = self.temporary();
        let mut content = Sha256::digest(artifact).to_vec();
        content.extend_from_slice(artifact);
        write_private(&temporary, &content)
            .and_then(|()| fs::rename(&temporary, path))
            .inspect_err(|_| drop(fs::remove_file(&temporary)))
    }

    /// Held by one process at a time, until it is dropped.
    fn lock(&self) -> io::Result<fs::File> {
        let path = self.folder.join("compiling.lock");
        let file = fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
        file.lock()?;
        Ok(file)
    }

    fn temporary(&self) -> PathBuf {
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        self.folder.join(format!(".{}-{number}-{:08x}.tmp", std::process::id(), rand::random::<u32>()))
    }
}

fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)
}

/// The component from its kept artifact, if that can be used.
fn kept(engine: &Engine, path: &Path) -> Option<Component> {
    let component = load::component(engine, &read(path)?);
    let unusable =
        |error: &wasmtime::Error| tracing::warn!(%error, path = %path.display(), "kept artifact not usable: compiling");
    component.inspect_err(unusable).ok()
}

/// The artifact if the file is there and whole.
fn read(path: &Path) -> Option<Vec<u8>> {
    let mut content = fs::read(path).ok()?;
    if content.len() < DIGEST {
        return None;
    }
    let artifact = content.split_off(DIGEST);
    (Sha256::digest(&artifact).as_slice() == content).then_some(artifact)
}

/// Changes with whatever makes compiled code unfit: wasmtime's version, the CPU's features, the engine's settings.
fn fingerprint(engine: &Engine) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

    fn kept(folder: &Path) -> PathBuf {
        let mut files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.find(|path| path.extension().is_some_and(|extension| extension == "cwasm")).unwrap()
    }

    #[test]
    fn a_truncated_artifact_is_compiled_again() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("artifacts");
        let artifacts = Artifacts::open(&folder).unwrap();
        let engine = Engine::default();
        artifacts.component(&engine, COMPONENT, "00").unwrap();
        let path = kept(&folder);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        artifacts.component(&engine, COMPONENT, "00").unwrap();
        assert_eq!(fs::read(kept(&folder)).unwrap(), whole);
    }

    #[test]
    fn a_folder_that_others_may_enter_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("artifacts");
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(matches!(Artifacts::open(&folder), Err(StartError::Artifacts { .. })));
    }
}
