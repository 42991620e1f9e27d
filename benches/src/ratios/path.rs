//! A whole packet, beside the way with three vectors.

use std::hint::black_box;
use std::time::Instant;

use mc_g711::Law;
use mc_simd::SimdProcessor;

use super::Contest;
use super::g711::codec;
use super::race::{Measured, Times};
use crate::input::{FRAMES, packets};
use crate::run::Run;
use crate::{Failure, kernels, naive};

pub(super) const CONTESTS: &[Contest] = &[
    Contest { name: "path/gain: three vectors", race: gain },
    Contest { name: "path/map: three vectors", race: map },
];

/// Every kernel run prepares its input anew, so there are few rounds of many packets.
const ROUNDS: usize = 40;
const PACKETS: usize = 40 * FRAMES;

/// The path chooses its own kernels, so a level can be measured only where it is the one chosen.
fn gain(level: &str) -> Result<Measured, Failure> {
    if SimdProcessor::new().level().name() != level {
        return Ok(Measured::Skipped("the path chooses another level on this CPU"));
    }
    against_three_vectors("path/gain")
}

/// Without processors, the codes are mapped.
fn map(level: &str) -> Result<Measured, Failure> {
    match codec(level)? {
        None => Ok(Measured::LACKING),
        Some(_) => against_three_vectors("path/pcmu_to_pcma"),
    }
}

fn against_three_vectors(kernel: &str) -> Result<Measured, Failure> {
    let (kernel, packets) = (kernels::named(kernel)?, packets(1)?);
    let mut outcome = Ok(());
    let times = Times::least(
        ROUNDS,
        || {
            let start = Instant::now();
            for packet in 0..PACKETS {
                drop(black_box(naive::relay(black_box(&packets[packet % FRAMES]), 0.99, Law::Mu, Law::A)));
            }
            start.elapsed().as_secs_f64() * 1e9 / PACKETS as f64
        },
        || {
            let mut run = Run::new(PACKETS as u64, None);
            if let Err(reason) = (kernel.measure)(&mut run) {
                outcome = Err(reason);
            }
            run.elapsed().as_secs_f64() * 1e9 / PACKETS as f64
        },
    );
    outcome?;
    Ok(times.ratio())
}
