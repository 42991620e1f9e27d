//! What the services beside the calls have done: recording, playing, forks, checkpoints.

use std::sync::atomic::{AtomicU64, Ordering};

/// A figure that any thread raises and lowers.
#[derive(Debug, Default)]
pub(crate) struct Tally(AtomicU64);

impl Tally {
    pub(crate) fn add(&self) {
        self.add_many(1);
    }

    pub(crate) fn add_many(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    pub(crate) fn subtract(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Where the services count.
#[derive(Debug, Default)]
pub(crate) struct ServiceCounters {
    pub(crate) recordings_active: Tally,
    pub(crate) recordings: Tally,
    pub(crate) recordings_failed: Tally,
    pub(crate) recording_packets_lost: Tally,
    pub(crate) plays: Tally,
    pub(crate) forks_active: Tally,
    pub(crate) forks: Tally,
    pub(crate) fork_packets_lost: Tally,
    pub(crate) fork_samples_refused: Tally,
    pub(crate) redis_connected: Tally,
    pub(crate) checkpoints: Tally,
    pub(crate) checkpoints_lost: Tally,
    pub(crate) restored: Tally,
}

/// Figures of the services beside the calls, since the relay was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceMetrics {
    /// Recordings that are being written.
    pub recordings_active: u64,
    /// Recordings that were begun.
    pub recordings: u64,
    /// Recordings that ended because their file could not be made or written, a full disk for instance.
    pub recordings_failed: u64,
    /// Packets missing in recordings because the disk was too slow.
    pub recording_packets_lost: u64,
    /// Clips that were begun to be played.
    pub plays: u64,
    /// Consumers that listen at a fork.
    pub forks_active: u64,
    /// Consumers that have begun to.
    pub forks: u64,
    /// Packets that consumers did not hear because they were too slow.
    pub fork_packets_lost: u64,
    /// Samples (8 kHz) that consumers wanted said while more than a minute waited to be said already.
    pub fork_samples_refused: u64,
    /// 1 while calls are written down in Redis.
    pub redis_connected: u64,
    /// Records of calls that were written there.
    pub checkpoints: u64,
    /// Changes of calls that found no room to wait to be written.
    pub checkpoints_lost: u64,
    /// Calls of another relay that are carried on.
    pub restored: u64,
}

impl ServiceCounters {
    pub(crate) fn metrics(&self) -> ServiceMetrics {
        ServiceMetrics {
            recordings_active: self.recordings_active.get(),
            recordings: self.recordings.get(),
            recordings_failed: self.recordings_failed.get(),
            recording_packets_lost: self.recording_packets_lost.get(),
            plays: self.plays.get(),
            forks_active: self.forks_active.get(),
            forks: self.forks.get(),
            fork_packets_lost: self.fork_packets_lost.get(),
            fork_samples_refused: self.fork_samples_refused.get(),
            redis_connected: self.redis_connected.get(),
            checkpoints: self.checkpoints.get(),
            checkpoints_lost: self.checkpoints_lost.get(),
            restored: self.restored.get(),
        }
    }
}
