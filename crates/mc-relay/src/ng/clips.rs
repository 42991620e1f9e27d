//! Clips that are played, kept as long as somebody plays them: music on hold is read once for all who hold.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::refusal::Refusal;
use crate::Clip;
use crate::play::{MAX_BYTES, SharedClip};

/// Files that were read.
#[derive(Debug, Default)]
pub(super) struct Clips(HashMap<PathBuf, (Option<SystemTime>, SharedClip)>);

impl Clips {
    /// The audio of a file, read anew if it was changed or nobody plays it any more.
    pub(super) fn read(&mut self, path: &Path) -> Result<Clip, Refusal> {
        let refuse = |reason: &dyn std::fmt::Display| Refusal::Clip(format!("{}: {reason}", path.display()));
        self.0.retain(|_, (_, clip)| clip.is_played());
        let changed = fs::metadata(path).map_err(|error| refuse(&error))?.modified().ok();
        if let Some((then, clip)) = self.0.get(path)
            && *then == changed
            && let Some(clip) = clip.get()
        {
            return Ok(clip);
        }
        let bytes = bytes(path).map_err(|error| refuse(&error))?;
        let clip = Clip::from_wav(&bytes).map_err(|error| refuse(&error))?;
        self.0.insert(path.to_owned(), (changed, clip.shared()));
        Ok(clip)
    }
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "above 64 MiB"));
    }
    Ok(bytes)
}
