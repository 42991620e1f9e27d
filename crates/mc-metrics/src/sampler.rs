//! Whose turn it is to be timed.

use crate::{Clock, MetricsCollector, StageTimer};

/// Picks the first of the frames that it is asked about, and then one in N. Whoever owns the frames keeps one for each
/// direction that they go: counting down here costs less than counting where others read.
#[derive(Clone, Debug)]
pub struct Sampler {
    every: u32,
    /// Frames until the next one that is picked, itself included.
    until: u32,
}

impl Sampler {
    /// Picks one frame in `every`; 0 picks none.
    #[must_use]
    pub const fn one_in(every: u32) -> Self {
        Self { every, until: if every == 0 { 0 } else { 1 } }
    }

    /// Starts timing the stages of a frame, if it is this one's turn, there are `metrics` with room for its times, and
    /// the clock goes. For the one thread that writes those, once a frame.
    #[inline]
    pub fn start_timer<'a, C: Clock>(
        &mut self,
        metrics: impl Into<Option<&'a MetricsCollector>>,
        clock: &'a C,
    ) -> StageTimer<'a, C> {
        if self.pick() { start(metrics.into(), clock) } else { StageTimer::idle() }
    }

    /// Whether this frame is picked.
    #[inline]
    fn pick(&mut self) -> bool {
        self.until = self.until.wrapping_sub(1);
        if self.until != 0 {
            return false;
        }
        self.until = self.every;
        // Where none is picked, the count wraps around and gets here once in 2^32 frames.
        self.every != 0
    }
}

#[cold]
fn start<'a, C: Clock>(metrics: Option<&'a MetricsCollector>, clock: &'a C) -> StageTimer<'a, C> {
    match metrics {
        Some(metrics) if clock.is_running() && metrics.has_room() => StageTimer::start(metrics, clock),
        _ => StageTimer::idle(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_n_is_picked_from_the_first_on() {
        for (every, picked) in [(0, 0), (1, 100), (7, 15), (100, 1), (1000, 1)] {
            let mut sampler = Sampler::one_in(every);
            let first = sampler.clone().pick();
            assert_eq!(first, every > 0);
            assert_eq!((0..100).filter(|_| sampler.pick()).count(), picked, "1 in {every}");
        }
    }

    #[test]
    fn none_is_picked_when_the_count_comes_around() {
        let mut sampler = Sampler { every: 0, until: 1 };
        assert!(!sampler.pick() && !sampler.pick());
    }
}
