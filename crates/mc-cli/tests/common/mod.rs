//! Runs the built command.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The command, ready for its arguments.
pub(crate) fn mc() -> Command {
    Command::new(env!("CARGO_BIN_EXE_mc"))
}

/// Runs `mc` with `arguments` to its end.
pub(crate) fn run<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Output {
    mc().args(arguments).output().unwrap()
}

/// Runs `mc`, checks that it did well, and returns its standard output.
pub(crate) fn succeed<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs `mc`, checks that it refuses its input with one line that holds every one of `words`.
pub(crate) fn refuse<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>, words: &[&str]) {
    let output = run(arguments);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    for word in words {
        assert!(error.contains(word), "{word:?} is not in {error:?}");
    }
    assert!(output.stdout.is_empty());
}

/// A folder for one test's files.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes `samples` as mono 16-bit WAV at `rate` Hz.
    pub(crate) fn wav(&self, name: &str, rate: u32, samples: &[f32]) -> PathBuf {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: rate,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let path = self.path(name);
        let mut writer = hound::WavWriter::create(&path, spec).unwrap();
        for sample in samples {
            writer.write_sample((sample * 32_768.0) as i16).unwrap();
        }
        writer.finalize().unwrap();
        path
    }

    /// `words` as arguments; one that begins with `@` is a file in this folder.
    pub(crate) fn arguments(&self, words: &str) -> Vec<OsString> {
        let argument = |word: &str| match word.strip_prefix('@') {
            Some(name) => self.path(name).into_os_string(),
            None => word.into(),
        };
        words.split(' ').map(argument).collect()
    }

    pub(crate) fn bytes(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// Rate and samples of a WAV file that `mc` wrote.
pub(crate) fn read_wav(path: &Path) -> (u32, Vec<f32>) {
    let reader = hound::WavReader::open(path).unwrap();
    assert_eq!((reader.spec().channels, reader.spec().bits_per_sample), (1, 16));
    let rate = reader.spec().sample_rate;
    (rate, reader.into_samples::<i16>().map(|s| f32::from(s.unwrap()) / 32_768.0).collect())
}

/// One talker of the demo's dialogue, 20 s at 8 kHz.
pub(crate) fn speech(name: &str) -> Vec<f32> {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/speech");
    read_wav(&assets.join(name)).1
}
