//! The clock of work that may not have to be timed.

use mc_metrics::Clock;

/// A caller's clock, which stands still for a session that is not watched.
pub(crate) struct WhileWatched<'a, C: ?Sized> {
    pub(crate) clock: &'a C,
    pub(crate) watched: bool,
}

impl<C: Clock + ?Sized> Clock for WhileWatched<'_, C> {
    fn now_ns(&self) -> u64 {
        self.clock.now_ns()
    }

    fn is_running(&self) -> bool {
        self.watched && self.clock.is_running()
    }
}
