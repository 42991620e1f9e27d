//! What is learnt of a leg's stream on its way, without touching it: losses and jitter, what the peers report, keys
//! pressed, speech.

mod figures;
mod history;
mod opinion;
mod reports;
mod stream;

pub(crate) use figures::WatchGauges;
pub use figures::{MosScores, StreamMetrics};
pub use history::MosHistory;
pub use opinion::Opinion;
pub(crate) use reports::{ReportBuffer, generated_report, read_reports};
pub(crate) use stream::{Numbers, StreamWatch};
