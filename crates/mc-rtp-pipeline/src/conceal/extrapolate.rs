//! How a piece of audio goes on.

use mc_dsp::SampleRate;

use super::pitch::{LagRange, Pitch};
use super::prediction::{ORDER, Predictor};

/// Audio that the predictor is fitted to, in milliseconds.
const ANALYSIS_MS: u32 = 25;

/// Until when a continuation is as loud as what came before, and when it has died away, in milliseconds: what
/// is guessed for longer sounds like a machine (ITU-T G.711 Appendix I is silent after 60 ms).
const FADE_MS: (u32, u32) = (40, 200);

/// Continues a signal: its excitation is repeated period by period, and filtered as the signal was.
#[derive(Clone, Debug)]
pub(crate) struct Extrapolator {
    lags: LagRange,
    /// Analysis window: rises over most of its length and falls over the end, so that it looks at the newest.
    window: Box<[f32]>,
    windowed: Box<[f32]>,
    predictor: Predictor,
    pitch: Pitch,
    /// One period of the excitation, in its first `pitch.lag` samples.
    excitation: Box<[f32]>,
    /// Next sample of it.
    phase: usize,
    /// The newest samples, behind which it goes on.
    memory: [f32; ORDER],
    /// Samples written since the beginning, and between which of them the signal fades.
    elapsed: usize,
    fade: (usize, usize),
}

impl Extrapolator {
    pub(crate) fn new(rate: SampleRate) -> Self {
        let lags = LagRange::new(rate);
        let window = analysis_window(rate.samples_in_ms(ANALYSIS_MS));
        Self {
            lags,
            windowed: vec![0.0; window.len()].into(),
            window,
            predictor: Predictor::default(),
            pitch: Pitch { lag: lags.min, correlation: 0.0 },
            excitation: vec![0.0; lags.max].into(),
            phase: 0,
            memory: [0.0; ORDER],
            elapsed: 0,
            fade: (rate.samples_in_ms(FADE_MS.0), rate.samples_in_ms(FADE_MS.1)),
        }
    }

    /// Samples before a gap that are worth having.
    pub(crate) const fn history(&self) -> usize {
        self.lags.history() + ORDER
    }

    /// The pitch of what is being continued.
    pub(crate) const fn pitch(&self) -> Pitch {
        self.pitch
    }

    /// Starts behind the last sample of `past`; `nearby` is the pitch of other audio next to it, if there is any.
    pub(crate) fn begin(&mut self, past: &[f32], nearby: Option<Pitch>) {
        let recent = &past[past.len().saturating_sub(self.history())..];
        self.pitch = match nearby {
            Some(pitch) => self.lags.search_near(recent, pitch),
            None => self.lags.search(recent),
        };
        self.phase = 0;
        self.elapsed = 0;
        self.fit(recent);

        // The excitation of the last period; where the past is too short for it, nothing excites.
        let period = &mut self.excitation[..self.pitch.lag];
        period.fill(0.0);
        let known = recent.len().saturating_sub(ORDER).min(period.len());
        let silent = period.len() - known;
        for (at, excitation) in period[silent..].iter_mut().enumerate() {
            let (before, after) = recent.split_at(recent.len() - known + at);
            *excitation = after[0] - self.predictor.predict(before);
        }
        self.memory.fill(0.0);
        let kept = recent.len().min(ORDER);
        self.memory[ORDER - kept..].copy_from_slice(&recent[recent.len() - kept..]);
    }

    fn fit(&mut self, recent: &[f32]) {
        let length = recent.len().min(self.window.len());
        let window = &self.window[self.window.len() - length..];
        let recent = &recent[recent.len() - length..];
        let windowed = &mut self.windowed[..length];
        for ((windowed, sample), weight) in windowed.iter_mut().zip(recent).zip(window) {
            *windowed = sample * weight;
        }
        self.predictor = Predictor::fit(windowed);
    }

    /// Writes what follows.
    pub(crate) fn extend(&mut self, out: &mut [f32]) {
        for sample in out {
            let value = self.excitation[self.phase] + self.predictor.predict(&self.memory);
            self.phase = (self.phase + 1) % self.pitch.lag;
            self.memory.copy_within(1.., 0);
            self.memory[ORDER - 1] = value;
            *sample = value * self.gain();
            self.elapsed += 1;
        }
    }

    fn gain(&self) -> f32 {
        let (start, end) = self.fade;
        let left = end.saturating_sub(self.elapsed) as f32 / (end - start) as f32;
        left.min(1.0)
    }
}

/// A window that looks at the newest samples: half a raised cosine up, and a short one down.
fn analysis_window(length: usize) -> Box<[f32]> {
    let rise = length * 4 / 5;
    let slope =
        |at: usize, length: usize| (std::f32::consts::FRAC_PI_2 * (at as f32 + 0.5) / length as f32).sin();
    let up = (0..rise).map(|at| slope(at, rise));
    let down = (rise..length).rev().map(|at| slope(at - rise, length - rise));
    up.chain(down).collect()
}
