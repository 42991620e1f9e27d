//! A count that one thread raises and any thread reads.

use std::sync::atomic::{AtomicU64, Ordering};

/// A count with one writer and any number of readers.
///
/// [`add`](Self::add) is a load and a store, not an atomic addition: that costs what a plain variable
/// costs. Two threads that add at once do no harm to memory, but may lose one of the two additions.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// A counter at zero.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Raises the count by `n`; it wraps past `u64::MAX`. For the one writing thread.
    #[inline]
    pub fn add(&self, n: u64) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(n), Ordering::Relaxed);
    }

    /// The count as of some recent moment. From any thread; never falls between two calls of a thread.
    #[inline]
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_up_and_wraps() {
        let counter = Counter::new();
        counter.add(3);
        counter.add(4);
        assert_eq!(counter.get(), 7);
        counter.add(u64::MAX);
        assert_eq!(counter.get(), 6);
    }
}
