//! Unpredictable numbers for RTP.

use std::hash::{BuildHasher, Hasher, RandomState};

/// 64 bits that nobody outside can guess: a keyed hash of nothing, whose key the standard library takes
/// from the system. RTP asks for random SSRCs, sequence numbers and timestamps (RFC 3550 §5.1); this
/// saves a dependency for a few numbers per call. Not for keys.
pub(crate) fn random_u64() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    #[test]
    fn numbers_do_not_repeat() {
        let numbers: HashSet<u64> = (0..10_000).map(|_| super::random_u64()).collect();
        assert_eq!(numbers.len(), 10_000);
    }
}
