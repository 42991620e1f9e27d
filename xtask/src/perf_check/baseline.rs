//! The committed counts: `benches/baselines/packets.json`, and one file of instruction counts for the
//! fingerprint that they were taken under.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::counts::{KernelCounts, PacketCounts};
use super::fingerprint::Fingerprint;
use crate::{Outcome, workspace};

#[derive(Serialize, Deserialize)]
struct Instructions {
    fingerprint: Fingerprint,
    kernels: KernelCounts,
}

/// Where everything committed about performance is.
pub(super) fn folder() -> PathBuf {
    workspace::root().join("benches").join("baselines")
}

fn packets_file() -> PathBuf {
    folder().join("packets.json")
}

fn instructions_folder() -> PathBuf {
    folder().join("instructions")
}

/// The committed counts of the packet path; none yet is an empty set.
pub(super) fn packet_counts() -> Outcome<PacketCounts> {
    Ok(read(&packets_file())?.unwrap_or_default())
}

/// The committed instruction counts for surroundings equal to `fingerprint`, if there are any.
pub(super) fn kernel_counts(fingerprint: &Fingerprint) -> Outcome<Option<KernelCounts>> {
    let stored: Option<Instructions> = read(&instructions_folder().join(fingerprint.file_name()))?;
    Ok(stored.filter(|stored| stored.fingerprint == *fingerprint).map(|stored| stored.kernels))
}

/// Commits counts of the packet path.
pub(super) fn store_packet_counts(counts: &PacketCounts) -> Outcome {
    write(&packets_file(), counts)
}

/// Commits instruction counts, and drops those of other fingerprints: they were not measured again, so
/// nobody knows whether they still hold.
pub(super) fn store_kernel_counts(fingerprint: &Fingerprint, kernels: &KernelCounts) -> Outcome {
    let folder = instructions_folder();
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let file = folder.join(fingerprint.file_name());
    write(&file, &Instructions { fingerprint: fingerprint.clone(), kernels: kernels.clone() })
}

/// What is in `file`; `None` if there is no such file.
pub(super) fn read<T: DeserializeOwned>(file: &Path) -> Outcome<Option<T>> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("{}: {error}", file.display())),
    };
    serde_json::from_str(&text).map(Some).map_err(|error| format!("{}: {error}", file.display()))
}

/// Writes `value` as JSON that reads well in a diff, making the folders on the way.
pub(super) fn write(file: &Path, value: &impl Serialize) -> Outcome {
    let explain = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(|error| explain(&error))?;
    }
    let text = serde_json::to_string_pretty(value).map_err(|error| explain(&error))?;
    fs::write(file, text + "\n").map_err(|error| explain(&error))
}
