//! Counts of what happened to packets: why they were dropped, and how the stream behaved.

use mc_metrics::Counter;

use crate::PacketError;

/// What a pipeline counts besides its metrics. The pipeline writes, any thread reads.
#[derive(Debug, Default)]
pub struct PacketCounters {
    dropped: [Counter; PacketError::ALL.len()],
    pub(crate) reordered: Counter,
    pub(crate) source_changes: Counter,
}

impl PacketCounters {
    /// Counts a packet that was dropped. For the one thread that takes packets in.
    pub fn count_drop(&self, reason: PacketError) {
        self.dropped[reason as usize].add(1);
    }

    /// Packets dropped for `reason` so far.
    #[must_use]
    pub fn dropped(&self, reason: PacketError) -> u64 {
        self.dropped[reason as usize].get()
    }

    /// Everything so far, as plain data.
    #[must_use]
    pub fn snapshot(&self) -> PacketCounts {
        PacketCounts {
            dropped: PacketError::ALL.map(|reason| self.dropped(reason)),
            reordered: self.reordered.get(),
            source_changes: self.source_changes.get(),
        }
    }
}

/// What a [`PacketCounters`] held at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PacketCounts {
    dropped: [u64; PacketError::ALL.len()],
    /// Packets that arrived late and were passed on with the number that is theirs.
    pub reordered: u64,
    /// How often the stream went on from another source: a new SSRC, or a sender that started over.
    pub source_changes: u64,
}

impl PacketCounts {
    /// Packets dropped for `reason`.
    #[must_use]
    pub const fn dropped(&self, reason: PacketError) -> u64 {
        self.dropped[reason as usize]
    }

    /// Packets dropped for any reason.
    #[must_use]
    pub fn dropped_total(&self) -> u64 {
        self.dropped.iter().sum()
    }

    /// Each reason for which packets were dropped, with their number.
    pub fn drops(&self) -> impl Iterator<Item = (PacketError, u64)> + '_ {
        PacketError::ALL.into_iter().zip(self.dropped).filter(|&(_, count)| count > 0)
    }

    /// Adds another stream's counts to these.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.dropped.iter_mut().zip(other.dropped) {
            *mine += theirs;
        }
        self.reordered += other.reordered;
        self.source_changes += other.source_changes;
    }
}
