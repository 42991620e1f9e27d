//! What a packet's metrics cost it.

use std::cell::RefCell;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use mc_engine::PerformanceConfig;
use mc_metrics::{Clock, MetricsCollector};
use mc_rtp_pipeline::{RtpPipeline, RtpPipelineConfig};
use mc_simd::SimdProcessor;

use super::arrivals::{Arrivals, BATCHES};
use super::race::{Measured, Times};
use super::{Contest, without_level};
use crate::Failure;
use crate::stage::GainAndRms;

pub(super) const CONTESTS: &[Contest] = &[Contest { name: "path/metrics, %: without", race: metrics }];

/// Places in memory that are tried, and how far each is from the one before, in bytes.
const PLACES: usize = 41;
const STEP: usize = 1_040;

/// Rounds at each of them.
const ROUNDS: usize = 12;

/// Per cent that a packet takes longer when everything is counted, and one in as many timed as the engine times by
/// default. The least time of many would leave the timed ones out: so all of them are timed, and what that adds is
/// divided among them.
///
/// That is less than what a pipeline's place in memory decides. So the pipelines that are compared lie in one and the
/// same place, each made anew for its turn; and since what a place costs may differ with metrics, there are many, and
/// the median counts.
fn metrics(level: &str) -> Result<Measured, Failure> {
    without_level(level)?;
    let mut there = There::new()?;
    let (mut packets, mut counted, mut timed) = (Vec::new(), Vec::new(), Vec::new());
    for place in 0..PLACES {
        let _before = vec![0_u8; place * STEP];
        let [counting, timing] = [0, 1].map(|one_in| Arc::new(MetricsCollector::new(one_in)));
        let mut longer = |metrics| {
            let there = RefCell::new(&mut there);
            let without = |batch| there.borrow_mut().time(batch, None);
            let times =
                Times::least(ROUNDS, BATCHES, without, |batch| there.borrow_mut().time(batch, Some(metrics)));
            packets.push(times.plain());
            times.longer()
        };
        let (count, time) = (longer(&counting), longer(&timing));
        counted.push(count);
        timed.push(time - count);
    }
    there.outcome?;
    let [packet, counted, timed] = [packets, counted, timed].map(Median::of);
    let one_in = f64::from(PerformanceConfig::default().time_one_in);
    let percent = 100.0 / packet.value;
    let longer = counted.value + timed.value / one_in;
    Ok(Measured::Value {
        value: longer.max(0.0) * percent,
        noise: (counted.within + timed.within / one_in) * percent,
    })
}

/// The one place, and who is there.
struct There {
    pipeline: Option<RtpPipeline>,
    stage: GainAndRms,
    arrivals: Arrivals,
    sent: u64,
    clock: Monotonic,
    outcome: Result<(), Failure>,
}

impl There {
    fn new() -> Result<Self, Failure> {
        Ok(Self {
            pipeline: None,
            stage: GainAndRms::new(SimdProcessor::new()),
            arrivals: Arrivals::new()?,
            sent: 0,
            clock: Monotonic(Instant::now()),
            outcome: Ok(()),
        })
    }

    /// Nanoseconds that a packet of this batch takes; a turn begins with batch 0.
    fn time(&mut self, batch: usize, metrics: Option<&Arc<MetricsCollector>>) -> f64 {
        let Self { pipeline, stage, arrivals, sent, clock, outcome } = self;
        if batch == 0 {
            // Gone before the next one comes, so that this one finds the same memory.
            *pipeline = None;
            match RtpPipeline::new(&RtpPipelineConfig::default(), metrics.cloned()) {
                Ok(made) => *pipeline = Some(made),
                Err(error) => *outcome = Err(error.into()),
            }
        }
        let Some(pipeline) = pipeline else { return f64::INFINITY };
        arrivals.time(batch, sent, &mut |datagram| {
            _ = black_box(pipeline.process(datagram, stage, clock).is_ok());
        })
    }
}

/// A median, and how far from it that of all values there could be lies, 19 times in 20.
struct Median {
    value: f64,
    within: f64,
}

impl Median {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        // How many of the values are below the true median is a binomial count: its mean is half of them, and its
        // deviation half the root of their number.
        let (middle, deviation) = (values.len() as f64 / 2.0, (values.len() as f64).sqrt() / 2.0);
        let at = |rank: f64| values[(rank.max(0.0) as usize).min(values.len() - 1)];
        let (low, high) = (at(middle - 1.96 * deviation), at(middle + 1.96 * deviation));
        Self { value: at(middle), within: (high - low) / 2.0 }
    }
}

/// The machine's clock.
struct Monotonic(Instant);

impl Clock for Monotonic {
    fn now_ns(&self) -> u64 {
        self.0.elapsed().as_nanos() as u64
    }
}
