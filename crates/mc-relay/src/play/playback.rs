//! How a clip is played.

use std::time::Duration;

/// How a clip is played: from where on, how often, and for how long at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Playback {
    /// How often; 0 is once, too. Default: once.
    pub times: u32,
    /// Where it begins the first time, after the clip's beginning. Default: 0.
    pub start: Duration,
    /// When it ends, however often it was to be played. Default: `None`, when it is over.
    pub most: Option<Duration>,
}

impl Default for Playback {
    fn default() -> Self {
        Self { times: 1, start: Duration::ZERO, most: None }
    }
}

impl Playback {
    /// Sets how often; 0 is once, too.
    #[must_use]
    pub const fn with_times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Sets where it begins the first time.
    #[must_use]
    pub const fn with_start(mut self, start: Duration) -> Self {
        self.start = start;
        self
    }

    /// Sets how long it is played at most.
    #[must_use]
    pub const fn with_most(mut self, most: Option<Duration>) -> Self {
        self.most = most;
        self
    }
}
