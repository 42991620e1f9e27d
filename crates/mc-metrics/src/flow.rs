//! Packets that go one way.

use crate::Counter;

/// Packets, and the bytes of all of them.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    packets: Counter,
    bytes: Counter,
}

impl Flow {
    #[inline]
    pub(crate) fn add(&self, bytes: usize) {
        self.packets.add(1);
        self.bytes.add(bytes as u64);
    }

    /// Packets and bytes of this flow and another.
    pub(crate) fn with(&self, other: &Self) -> (u64, u64) {
        let sum = |a: &Counter, b: &Counter| a.get().wrapping_add(b.get());
        (sum(&self.packets, &other.packets), sum(&self.bytes, &other.bytes))
    }
}
