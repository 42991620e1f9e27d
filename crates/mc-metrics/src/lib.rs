#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod benchmark;
mod buckets;
mod choice;
mod clock;
mod collector;
mod counter;
mod extent;
mod flow;
mod histogram;
mod performance;
mod quantile;
mod sampler;
mod snapshot;
mod stage;
mod time_histogram;
mod timer;

pub use benchmark::{BenchmarkResults, SampleError};
pub use choice::Choice;
pub use clock::{Clock, NoClock};
pub use collector::MetricsCollector;
pub use counter::Counter;
pub use histogram::Histogram;
pub use performance::PerformanceMetrics;
pub use sampler::Sampler;
pub use snapshot::HistogramSnapshot;
pub use stage::Stage;
pub use time_histogram::TimeHistogram;
pub use timer::StageTimer;
