//! A recording of a real voice, as a telephone exchange plays it: from Debian's package of Asterisk's
//! announcements, unpacked into the target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, debian, process};

const PACKAGE: &str = "asterisk-core-sounds-en-wav";
/// 10.5 s of speech, 16 bits at 8 kHz.
const RECORDING: &str = "usr/share/asterisk/sounds/en_US_f_Allison/confbridge-mute-extended.wav";

/// The recording's file, downloaded into `folder` unless it is there.
pub(super) fn fetch(folder: &Path) -> Outcome<PathBuf> {
    let recording = folder.join(RECORDING);
    if recording.exists() {
        return Ok(recording);
    }
    debian::download(PACKAGE, folder)?;
    let packages = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let package = packages
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .ok_or_else(|| format!("{PACKAGE} did not arrive in {}", folder.display()))?;
    process::run(Command::new("dpkg-deb").arg("-x").arg(package).arg(folder))?;
    if recording.exists() { Ok(recording) } else { Err(format!("{PACKAGE} has no {RECORDING}")) }
}
