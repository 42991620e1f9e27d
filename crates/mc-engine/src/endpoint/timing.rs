//! How long an endpoint's work takes.

use std::fmt;

use mc_metrics::{Clock, NoClock, Sampler};

/// What picks the frames that are timed, in each direction, and the clock of the application's that times them.
pub(super) struct Timing {
    pub(super) clock: Box<dyn Clock + Send>,
    pub(super) played: Sampler,
    pub(super) sent: Sampler,
}

impl Timing {
    /// As `sampler` picks, by a clock that is yet to come.
    pub(super) fn new(sampler: &Sampler) -> Self {
        Self { clock: Box::new(NoClock), played: sampler.clone(), sent: sampler.clone() }
    }
}

impl fmt::Debug for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { played, sent, .. } = self;
        f.debug_struct("Timing").field("played", played).field("sent", sent).finish_non_exhaustive()
    }
}
