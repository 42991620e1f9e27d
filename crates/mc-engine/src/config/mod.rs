//! What can be chosen, and who decides: a session's processor settings before the session's own, and those before
//! the engine's defaults.

mod advanced;
mod engine;
mod performance;
mod plan;
mod processing;

pub use advanced::AdvancedProcessingConfig;
pub use engine::MediaEngineConfig;
pub use performance::PerformanceConfig;
pub(crate) use plan::{ProcessingPlan, SlotPlan};
pub use processing::AudioProcessingConfig;
