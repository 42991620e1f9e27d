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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_once_while_it_is_played_and_anew_when_it_was_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clip.wav");
        let write = |samples: &[i16]| {
            let spec = hound::WavSpec {
                channels: 1,
                sample_rate: 8_000,
                bits_per_sample: 16,
                sample_format: hound::SampleFormat::Int,
            };
            let mut writer = hound::WavWriter::create(&path, spec).unwrap();
            samples.iter().for_each(|&sample| writer.write_sample(sample).unwrap());
            writer.finalize().unwrap();
        };
        let mut clips = Clips::default();
        write(&[1, 2]);
        let first = clips.read(&path).unwrap();
        assert_eq!(first, Clip::new([1, 2]));
        let changed = fs::metadata(&path).unwrap().modified().unwrap();
        // As if nobody had written it: what is played is what is known.
        write(&[3, 4]);
        File::options().write(true).open(&path).unwrap().set_modified(changed).unwrap();
        assert_eq!(clips.read(&path).unwrap(), first);
        File::options().write(true).open(&path).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(clips.read(&path).unwrap(), Clip::new([3, 4]));

        let another = folder.path().join("another.wav");
        fs::copy(&path, &another).unwrap();
        let kept = clips.read(&another).unwrap();
        assert_eq!(clips.0.keys().collect::<Vec<_>>(), [&another], "what nobody plays is forgotten");
        drop(kept);
    }
}
