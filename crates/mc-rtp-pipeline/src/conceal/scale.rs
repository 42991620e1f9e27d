//! Playing faster or slower without another pitch: whole periods are taken out or put in, by overlap-add
//! (WSOLA: Verhelst and Roelands, ICASSP 1993).

use mc_dsp::SampleRate;

use super::overlap::fade_in;
use super::pitch::{LagRange, Pitch, normalized};

/// Audio that is compared with itself a lag later, in milliseconds; also the longest cross-fade.
const COMPARED_MS: u32 = 10;

/// Takes periods out of audio that waits to be played, or puts them in.
#[derive(Clone, Debug)]
pub(crate) struct TimeScaler {
    lags: LagRange,
    compared: usize,
}

impl TimeScaler {
    pub(crate) fn new(rate: SampleRate) -> Self {
        Self { lags: LagRange::new(rate), compared: rate.samples_in_ms(COMPARED_MS) }
    }

    /// Samples that should wait when a change is considered.
    pub(crate) const fn needed(&self) -> usize {
        self.lags.max + self.compared
    }

    /// The lag up to `limit` at which the start of `waiting` resembles best what follows; `None` when there
    /// is not enough of it.
    pub(crate) fn lag(&self, waiting: &[f32], limit: usize) -> Option<Pitch> {
        let longest = self.lags.max.min(limit).min(waiting.len().checked_sub(self.compared)?);
        let start = &waiting[..self.compared];
        (self.lags.min..=longest)
            .map(|lag| Pitch { lag, correlation: normalized(start, &waiting[lag..lag + self.compared]) })
            .max_by(|a, b| a.correlation.total_cmp(&b.correlation))
    }

    /// Takes `lag` samples out of `waiting` and returns how many are left, at its front.
    pub(crate) fn shorten(&self, waiting: &mut [f32], lag: usize) -> usize {
        let left = waiting.len() - lag;
        let fade = self.compared.min(left);
        for at in 0..fade {
            waiting[at] += (waiting[at + lag] - waiting[at]) * fade_in(at, fade);
        }
        waiting.copy_within(lag + fade.., fade);
        left
    }

    /// Puts `lag` samples into the first `length` of `waiting`, which has room for them behind.
    pub(crate) fn lengthen(&self, waiting: &mut [f32], length: usize, lag: usize) {
        let fade = self.compared.min(length - lag);
        waiting.copy_within(..length, lag);
        // At `lag` the audio now starts again; before it, it went on.
        for at in 0..fade {
            let (again, onward) = (waiting[lag + at], waiting[2 * lag + at]);
            waiting[lag + at] = onward + (again - onward) * fade_in(at, fade);
        }
    }
}
