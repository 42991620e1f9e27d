//! How well the voice processors do their work, measured on the audio that comes out of them: seeded scenes
//! of `mc-testkit`, the worst of a few seeds.

mod aec;
mod agc;
mod vad;

use mc_dsp::SampleRate;

use crate::Failure;

/// What is measured: each area's name and how its measures are taken.
pub const AREAS: &[(&str, Take)] = &[("aec", aec::measures), ("agc", agc::measures), ("vad", vad::measures)];

/// Takes all measures of an area.
pub type Take = fn() -> Result<Vec<Measure>, Failure>;

/// One measured value under its name, `area/version/scene/what_unit`.
pub type Measure = (String, f64);

/// Seeds of the scenes. They are other ones than those that the processors' own tests use.
const SEEDS: [u64; 3] = [101, 102, 103];

/// The telephone's rate, at which these processors are used first.
const RATE: SampleRate = SampleRate::Hz8000;

/// Samples in the frames that processors are given: 10 ms.
const FRAME: usize = 80;

/// The smallest value over the seeds.
fn worst(measure: impl Fn(u64) -> Result<f32, Failure>) -> Result<f64, Failure> {
    over_seeds(measure, f64::INFINITY, f64::min)
}

/// The largest value over the seeds, for what should be small.
fn worst_error(measure: impl Fn(u64) -> Result<f32, Failure>) -> Result<f64, Failure> {
    over_seeds(measure, f64::NEG_INFINITY, f64::max)
}

fn over_seeds(
    measure: impl Fn(u64) -> Result<f32, Failure>,
    start: f64,
    pick: impl Fn(f64, f64) -> f64,
) -> Result<f64, Failure> {
    SEEDS.into_iter().try_fold(start, |worst, seed| Ok(pick(worst, f64::from(measure(seed)?))))
}
