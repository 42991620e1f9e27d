//! Takes out offset, hum and rumble.

use std::f32::consts::TAU;

use mc_dsp::SampleRate;

/// First-order high-pass.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HighPass {
    pole: f32,
    input: f32,
    output: f32,
}

impl HighPass {
    pub(crate) fn new(corner_hz: f32, rate: SampleRate) -> Self {
        Self { pole: (-TAU * corner_hz / rate.hz() as f32).exp(), input: 0.0, output: 0.0 }
    }

    pub(crate) fn run(&mut self, sample: f32) -> f32 {
        let output = sample - self.input + self.pole * self.output;
        self.input = sample;
        // A tail that decays for ever would end in denormal numbers.
        self.output = if output.abs() < 1e-15 { 0.0 } else { output };
        self.output
    }
}
