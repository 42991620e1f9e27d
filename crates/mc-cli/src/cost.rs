//! What a processor costs: CPU time per 10 ms of audio, memory, delay.

use std::num::NonZeroU32;

use mc_dsp::Processor;
use mc_engine::BenchmarkResults;
use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

use crate::failure::Failure;
use crate::output;

/// `--repeat`, the same for every command that runs one processor over a file.
#[derive(clap::Args)]
pub(crate) struct Repeat {
    /// Run N times and print one JSON line: median CPU microseconds per 10 ms, bytes of state, delay
    #[arg(long = "repeat", value_name = "N")]
    runs: Option<NonZeroU32>,
}

/// The JSON line of `--repeat`.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Cost {
    /// Median over the runs of the CPU time for 10 ms of audio, in microseconds.
    us_per_10ms: f64,
    /// Memory of one instance, in bytes.
    state_bytes: usize,
    /// Memory of the constant tables that all instances share, in bytes.
    model_bytes: usize,
    /// Delay that the processor adds, in samples.
    latency_samples: usize,
}

impl Repeat {
    /// Runs `pass` over what `set_up` makes, again from new as often as asked, and returns what the
    /// last pass left with the time of each.
    pub(crate) fn time<S>(
        &self,
        set_up: impl Fn() -> Result<S, Failure>,
        pass: impl Fn(&mut S) -> Result<(), Failure>,
    ) -> Result<(S, Vec<f64>), Failure> {
        let timed = || -> Result<(S, f64), Failure> {
            let mut subject = set_up()?;
            let start = thread_cpu_us();
            pass(&mut subject)?;
            Ok((subject, thread_cpu_us() - start))
        };
        let (mut subject, first) = timed()?;
        let mut times_us = vec![first];
        for _ in 1..self.runs.map_or(1, NonZeroU32::get) {
            let (next, time) = timed()?;
            subject = next;
            times_us.push(time);
        }
        Ok((subject, times_us))
    }

    /// Prints the JSON line if it was asked for; `times_us` are those of passes over `frames` frames of 10 ms.
    pub(crate) fn report<P>(&self, processor: &P, times_us: &[f64], frames: usize) -> Result<(), Failure>
    where
        P: Processor + ?Sized,
    {
        if self.runs.is_none() {
            return Ok(());
        }
        let cost = Cost::new(processor, times_us, frames)?;
        output::line(format_args!("{}", serde_json::to_string(&cost).map_err(Failure::run)?))
    }
}

impl Cost {
    pub(crate) fn new<P>(processor: &P, times_us: &[f64], frames: usize) -> Result<Self, Failure>
    where
        P: Processor + ?Sized,
    {
        let median_us = BenchmarkResults::from_samples(times_us).map_err(Failure::run)?.median;
        Ok(Self {
            us_per_10ms: median_us / frames.max(1) as f64,
            state_bytes: processor.state_bytes(),
            model_bytes: processor.model_bytes(),
            latency_samples: processor.latency_samples(),
        })
    }
}

/// CPU time of this thread in microseconds: other programs on the machine do not count.
pub(crate) fn thread_cpu_us() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}
