//! Where the workspace is and what cargo knows about it.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand};

use crate::Outcome;

/// The workspace's root folder. `cargo run` says where this package is; what was true when it was compiled
/// need not be, where several checkouts share a target folder.
pub(crate) fn root() -> PathBuf {
    let compiled = || env!("CARGO_MANIFEST_DIR").to_owned();
    let package = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| compiled()));
    package.parent().map_or_else(|| package.clone(), Path::to_owned)
}

/// Cargo's description of the workspace's own packages, without their dependencies' resolution.
pub(crate) fn metadata() -> Outcome<Metadata> {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .map_err(|error| format!("cargo metadata: {error}"))
}

/// Where cargo builds, honouring `CARGO_TARGET_DIR` and the configuration files.
pub(crate) fn target_dir() -> Outcome<PathBuf> {
    Ok(metadata()?.target_directory.into_std_path_buf())
}
