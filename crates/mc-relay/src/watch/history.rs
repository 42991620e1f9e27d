//! How a stream was of late, in one number that any thread reads.

use std::sync::atomic::{AtomicU64, Ordering};

/// Intervals that are remembered, of this many bits each.
const KEPT: u32 = u64::BITS / BITS;
const BITS: u32 = 4;
/// The lowest score, and what one step more stands for; 0 steps are an interval in which nothing came.
const LOWEST: f32 = 1.0;
const STEP: f32 = 0.25;
const MOST_STEPS: u64 = (1 << BITS) - 1;

/// Mean opinion scores of the latest 16 intervals, to a quarter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MosHistory(u64);

impl MosHistory {
    /// Each interval's score, the oldest first; `None` for one in which nothing came, or that was before the first.
    pub fn scores(self) -> impl Iterator<Item = Option<f32>> {
        (0..KEPT).rev().map(move |ago| {
            let steps = (self.0 >> (ago * BITS)) & MOST_STEPS;
            steps.checked_sub(1).map(|steps| LOWEST + steps as f32 * STEP)
        })
    }

    fn with(self, mos: Option<f32>) -> Self {
        // What is below the lowest, or no number, is the lowest.
        let steps = mos.map_or(0, |mos| 1 + ((mos - LOWEST) / STEP).round() as u64);
        Self(self.0 << BITS | steps.min(MOST_STEPS))
    }
}

/// Where one thread notes scores.
#[derive(Debug, Default)]
pub(super) struct HistoryGauge(AtomicU64);

impl HistoryGauge {
    pub(super) fn read(&self) -> MosHistory {
        MosHistory(self.0.load(Ordering::Relaxed))
    }

    /// Notes an interval's score. This thread alone writes.
    pub(super) fn note(&self, mos: Option<f32>) {
        self.0.store(self.read().with(mos).0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_sixteen_are_kept_to_a_quarter() {
        let gauge = HistoryGauge::default();
        assert!(gauge.read().scores().all(|score| score.is_none()) && gauge.read().scores().count() == 16);
        for mos in [Some(3.3), None, Some(4.5), Some(1.0), Some(9.0), Some(-1.0), Some(f32::NAN)] {
            gauge.note(mos);
        }
        let scores: Vec<Option<f32>> = gauge.read().scores().skip(9).collect();
        assert_eq!(scores, [Some(3.25), None, Some(4.5), Some(1.0), Some(4.5), Some(1.0), Some(1.0)]);
        for _ in 0..9 {
            gauge.note(Some(4.1));
        }
        assert_eq!(gauge.read().scores().next(), Some(Some(3.25)));
        gauge.note(None);
        assert_eq!(gauge.read().scores().next(), Some(None));
    }
}
