//! The picture of a call: one talker's audio before and after, with everything that was decided about it.

use std::path::Path;

use mc_dsp::SampleRate;

use super::series::{Line, Series};
use super::{Drawn, Span, panel, png, series, spectrogram, style, waveform};
use crate::failure::Failure;

/// Height of the panels together, in pixels.
const HEIGHT: u32 = 1_344;

/// What the picture shows. Times count from the first sample, in seconds.
pub(crate) struct Picture<'a> {
    pub(crate) title: String,
    pub(crate) subtitle: String,
    pub(crate) rate: SampleRate,
    /// The audio that was sent, ±1.0.
    pub(crate) before: Track<'a>,
    /// The audio that arrived, aligned with it.
    pub(crate) after: Track<'a>,
    /// Rows of the strip on top: who talks when.
    pub(crate) activity: Vec<Activity<'a>>,
    /// Where the voice detector heard speech.
    pub(crate) speech: &'a [Span],
    /// Gain over time: second, dB.
    pub(crate) gain: Vec<(f64, f64)>,
}

/// Audio with its name.
pub(crate) struct Track<'a> {
    pub(crate) name: &'a str,
    pub(crate) samples: &'a [f32],
}

/// One row of the strip on top.
pub(crate) struct Activity<'a> {
    pub(crate) name: &'a str,
    pub(crate) spans: Vec<Span>,
}

impl Picture<'_> {
    /// Length of the time axis in seconds.
    pub(super) fn seconds(&self) -> f64 {
        let samples = self.before.samples.len().max(self.after.samples.len());
        (samples as f64 / f64::from(self.rate.hz())).max(0.01)
    }

    /// Draws the picture as a PNG at `path`.
    ///
    /// # Errors
    /// [`Failure::Run`] when the file cannot be written.
    pub(crate) fn write(self, path: &Path) -> Result<(), Failure> {
        png(path, (&self.title, &self.subtitle), HEIGHT, |body| self.draw(body))
    }

    fn draw(&self, body: &super::Canvas<'_>) -> Drawn {
        let (strip, body) = body.split_vertically(146);
        let (before, body) = body.split_vertically(196);
        let (after, body) = body.split_vertically(196);
        let (spectrum_before, body) = body.split_vertically(276);
        let (spectrum_after, gain) = body.split_vertically(276);
        panel::activity(&strip, self)?;
        waveform::draw(&before, self, &self.before, &[], style::BEFORE)?;
        waveform::draw(&after, self, &self.after, self.speech, style::AFTER)?;
        spectrogram::draw(&spectrum_before, self, &self.before)?;
        spectrogram::draw(&spectrum_after, self, &self.after)?;
        let line = Line { name: "", points: self.gain.clone() };
        let levels = Series { title: "gain", unit: "dB", values: -4.0..8.0, lines: vec![line] };
        series::draw(&gain, self.seconds(), &levels, true)
    }
}
