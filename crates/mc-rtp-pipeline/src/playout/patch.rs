//! Making up what is missing at the end of the line.

use mc_dsp::SampleRate;

use super::line::Line;
use crate::conceal::{Bridge, Extrapolator, crossfade};

/// Cross-fade from made-up to real audio, in milliseconds.
const JOIN_MS: u32 = 5;

/// Continues a [`Line`] where packets are missing, and joins it to what comes after them.
#[derive(Clone, Debug)]
pub(crate) struct Patch {
    forward: Extrapolator,
    bridge: Bridge,
    join: Box<[f32]>,
}

impl Patch {
    pub(crate) fn new(rate: SampleRate) -> Self {
        Self {
            forward: Extrapolator::new(rate),
            bridge: Bridge::new(rate),
            join: vec![0.0; rate.samples_in_ms(JOIN_MS)].into(),
        }
    }

    /// Samples before a gap that are worth having.
    pub(crate) const fn history(&self) -> usize {
        self.forward.history()
    }

    /// Longest gap that is bridged, in samples.
    pub(crate) const fn max_gap(&self) -> usize {
        self.bridge.max_gap()
    }

    /// Samples behind a gap that are worth having.
    pub(crate) const fn future(&self) -> usize {
        self.bridge.future()
    }

    /// What follows is missing: goes on from the end of `line`.
    pub(crate) fn begin(&mut self, line: &Line) {
        self.forward.begin(line.known(), None);
    }

    /// Writes what may follow, in the dark about what does.
    pub(crate) fn guess(&mut self, out: &mut [f32]) {
        self.forward.extend(out);
    }

    /// Fades from what was made up to the `samples` real ones at the end of `line`.
    pub(crate) fn join(&mut self, line: &mut Line, samples: usize) {
        let fade = self.join.len().min(samples);
        let made_up = &mut self.join[..fade];
        self.forward.extend(made_up);
        crossfade(made_up, line.split_end(samples).1);
    }

    /// Fills the `gap` samples before the last `future` ones of `line`.
    pub(crate) fn bridge(&mut self, line: &mut Line, gap: usize, future: usize) {
        let (known, rest) = line.split_end(gap + future);
        let (gap, future) = rest.split_at_mut(gap);
        self.bridge.fill(&mut self.forward, known, future, gap);
    }
}
