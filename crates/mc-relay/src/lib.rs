#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod advanced;
mod call;
mod clock;
mod config;
mod control;
mod controller;
mod counters;
mod crew;
mod dialog;
mod drops;
mod error;
mod events;
mod http;
mod leg;
mod marking;
mod media;
mod ng;
mod peer;
mod poller;
mod ports;
mod random;
mod registry;
mod reservation;
mod totals;
mod watch;
mod worker;

pub use advanced::{AdvancedProcessorConfig, AdvancedProcessorSet};
pub use clock::MonotonicClock;
pub use config::{AllocationProbe, RelayConfig};
pub use controller::MediaSessionController;
pub use dialog::{DialogId, LegId};
pub use drops::DropReason;
pub use error::RelayError;
pub use events::RelayEvent;
pub use http::HttpServer;
pub use leg::MAX_DATAGRAM;
pub use media::{LegConfig, MediaConfig, MediaSessionInfo};
pub use ng::{NgConfig, NgMetrics, NgServer, NgService};
pub use reservation::Reservation;
pub use totals::{CallMetrics, CallTotals, EndReason, LegMetrics, RelayMetrics};
pub use watch::{MosScores, Opinion, StreamMetrics};
