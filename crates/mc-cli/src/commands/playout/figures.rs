//! The file of `--stats`.

use mc_g711::G711;
use mc_rtp_pipeline::{Playout, SAMPLE_RATE};
use serde::Serialize;

/// What the receiver says of itself.
#[derive(Serialize)]
pub(super) struct Figures {
    /// Delay of what was played, against a packet that took the fastest way.
    delay_ms: Spread,
    /// The same of the delay aimed at.
    target_ms: Spread,
    /// Packets that came when their time had passed.
    late: u64,
    /// Packets that never came.
    lost: u64,
    duplicates: u64,
    reordered: u64,
    /// Audio made up.
    concealed_ms: f64,
    /// Audio taken out or put in to change the delay.
    time_scaled_ms: f64,
    /// CPU time of the receiver for 20 ms of audio.
    us_per_20ms: f64,
    /// Allocations of the receiver per packet, after the first second.
    allocs_per_packet: f64,
}

#[derive(Serialize)]
struct Spread {
    mean: f64,
    p95: f64,
    max: f64,
}

impl Figures {
    /// The figures of `receiver`, whose delays have been noted tick by tick.
    pub(super) fn new(receiver: &Playout<G711>, delays_ms: &[f64], targets_ms: &[f64]) -> Self {
        let (packets, audio) = (receiver.packets(), receiver.stats());
        let ms = |samples: u64| samples as f64 / f64::from(SAMPLE_RATE.hz()) * 1e3;
        Self {
            delay_ms: Spread::of(delays_ms),
            target_ms: Spread::of(targets_ms),
            late: packets.late,
            lost: packets.lost,
            duplicates: packets.duplicates,
            reordered: packets.reordered,
            concealed_ms: ms(audio.concealed),
            time_scaled_ms: ms(audio.shortened + audio.lengthened),
            us_per_20ms: 0.0,
            allocs_per_packet: 0.0,
        }
    }

    pub(super) fn with_cost(self, us_per_20ms: f64, allocs_per_packet: f64) -> Self {
        Self { us_per_20ms, allocs_per_packet, ..self }
    }
}

impl Spread {
    /// All zero without values.
    fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| sorted.get((share * sorted.len() as f64) as usize).copied();
        let max = sorted.last().copied().unwrap_or(0.0);
        Self {
            mean: sorted.iter().sum::<f64>() / sorted.len().max(1) as f64,
            p95: at(0.95).unwrap_or(max),
            max,
        }
    }
}
