//! How busy a worker is, and how busy it is going to be with the calls that it has only just been given.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

/// How long the measure takes to follow.
const SETTLING_NS: f32 = 1e9;
/// How long a new call takes to count as one that is measured: its first packets come some time after signalling
/// says so.
const FRESH_NS: f32 = 4e9;
/// How often it is brought up to date, at most.
const WINDOW_NS: u64 = 50_000_000;
/// What a call is taken to cost, as a share of a core: bounds of what was measured, and the lowest while there is
/// nothing to measure. From less than packets that are only passed on cost anywhere, to more than every processor does.
const COST: RangeInclusive<f32> = 1.0 / 4_000.0..=1.0 / 100.0;

/// What a worker says of itself.
#[derive(Debug, Default)]
pub(crate) struct Load {
    /// Share of the time that it spent on packets, lately; bits of an `f32`.
    busy: AtomicU32,
    /// Calls that are not yet part of that; bits of an `f32`.
    fresh: AtomicU32,
    calls: AtomicUsize,
}

impl Load {
    /// Calls that it carries.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// Share of its time that it was busy lately, 0 to 1.
    pub(crate) fn busy(&self) -> f32 {
        f32::from_bits(self.busy.load(Ordering::Relaxed))
    }

    /// Share of its time that it will need once its newest calls and `promised` others have media. May exceed 1.
    pub(crate) fn expected(&self, promised: f32) -> f32 {
        let fresh = f32::from_bits(self.fresh.load(Ordering::Relaxed));
        let settled = (self.calls() as f32 - fresh).max(1.0);
        let cost = (self.busy() / settled).clamp(*COST.start(), *COST.end());
        (fresh + promised).mul_add(cost, self.busy())
    }
}

/// The worker's side.
#[derive(Debug)]
pub(crate) struct LoadMeter {
    load: Arc<Load>,
    window_ns: u64,
    worked_ns: u64,
    busy: f32,
    fresh: f32,
}

impl LoadMeter {
    pub(crate) fn new(load: Arc<Load>, now_ns: u64) -> Self {
        let meter = Self { load, window_ns: now_ns, worked_ns: 0, busy: 0.0, fresh: 0.0 };
        meter.count_calls(0);
        meter.publish();
        meter
    }

    /// Takes note of how many calls there are.
    pub(crate) fn count_calls(&self, calls: usize) {
        self.load.calls.store(calls, Ordering::Relaxed);
    }

    /// Takes note of a call that is about to have media.
    pub(crate) fn expect_call(&mut self) {
        self.fresh += 1.0;
        self.publish();
    }

    /// Takes note that the worker passed packets on between two moments.
    pub(crate) fn worked(&mut self, from_ns: u64, to_ns: u64) {
        self.worked_ns += to_ns.saturating_sub(from_ns);
        let elapsed_ns = to_ns.saturating_sub(self.window_ns);
        if elapsed_ns < WINDOW_NS {
            return;
        }
        let busy = self.worked_ns.min(elapsed_ns) as f32 / elapsed_ns as f32;
        let news = 1.0 - (-(elapsed_ns as f32) / SETTLING_NS).exp();
        self.busy += news * (busy - self.busy);
        self.fresh *= (-(elapsed_ns as f32) / FRESH_NS).exp();
        (self.window_ns, self.worked_ns) = (to_ns, 0);
        self.publish();
    }

    fn publish(&self) {
        self.load.busy.store(self.busy.to_bits(), Ordering::Relaxed);
        self.load.fresh.store(self.fresh.to_bits(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn meter() -> (Arc<Load>, LoadMeter) {
        let load = Arc::<Load>::default();
        (Arc::clone(&load), LoadMeter::new(load, 0))
    }

    /// A worker that works for `works_ms` out of every 10, between two moments.
    fn work(meter: &mut LoadMeter, works_ms: u64, between_ms: std::ops::Range<u64>) {
        for start in between_ms.step_by(10) {
            meter.worked(start * MS, (start + works_ms) * MS);
        }
    }

    fn assert_close(found: f32, expected: f32) {
        assert!((found - expected).abs() < 0.03, "{found} is not {expected}");
    }

    #[test]
    fn it_follows_the_share_of_time_that_is_worked() {
        let (load, mut meter) = meter();
        assert_eq!(load.busy(), 0.0);
        work(&mut meter, 7, 0..5_000);
        assert_close(load.busy(), 0.7);
        work(&mut meter, 1, 5_000..10_000);
        assert_close(load.busy(), 0.1);
        // A long wait counts for what it is.
        meter.worked(20_000 * MS, 20_000 * MS);
        assert_close(load.busy(), 0.0);
    }

    #[test]
    fn calls_that_have_no_media_yet_count_as_much_as_the_others() {
        let (load, mut meter) = meter();
        meter.count_calls(100);
        work(&mut meter, 5, 0..10_000);
        assert_close(load.expected(0.0), 0.5);
        assert_close(load.expected(50.0), 0.75);
        for _ in 0..100 {
            meter.expect_call();
        }
        meter.count_calls(200);
        assert_close(load.expected(0.0), 1.0);
        // They send nothing: they are calls like the others then, at less for each.
        work(&mut meter, 5, 10_000..40_000);
        assert_close(load.expected(0.0), 0.5);
        assert_close(load.expected(50.0), 0.625);
    }

    #[test]
    fn without_anything_to_measure_a_call_costs_something() {
        let (load, mut meter) = meter();
        assert_eq!(load.expected(0.0), 0.0);
        for _ in 0..1_000 {
            meter.expect_call();
        }
        meter.count_calls(1_000);
        assert_close(load.expected(3_000.0), 1.0);
    }
}
