#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod benchmark;
mod buckets;
mod choice;
mod clock;
mod collector;
mod counter;
mod histogram;
mod performance;
mod quantile;
mod snapshot;
mod stage;
mod timer;

pub use benchmark::{BenchmarkResults, SampleError};
pub use choice::Choice;
pub use clock::{Clock, NoClock};
pub use collector::MetricsCollector;
pub use counter::Counter;
pub use histogram::Histogram;
pub use performance::PerformanceMetrics;
pub use snapshot::HistogramSnapshot;
pub use stage::Stage;
pub use timer::StageTimer;
