//! Which bucket a value falls into: each power of two is cut into eight equal parts, as in HdrHistogram
//! (G. Tene). A bucket is at most an eighth of its lowest value wide, so its middle is within a
//! sixteenth of every value in it.

/// A power of two is cut into `2^PART_BITS` buckets.
const PART_BITS: u32 = 3;
const PARTS: usize = 1 << PART_BITS;

/// Buckets that cover all of `u64`: values below [`PARTS`] have one each, then come
/// `64 - PART_BITS` powers of two.
pub(crate) const BUCKETS: usize = PARTS * (u64::BITS - PART_BITS + 1) as usize;

/// The bucket of `value`.
#[inline]
pub(crate) const fn index_of(value: u64) -> usize {
    if value < PARTS as u64 {
        return value as usize;
    }
    let shift = value.ilog2() - PART_BITS;
    // The leading bit stays in the shifted value and counts as one power of two.
    shift as usize * PARTS + (value >> shift) as usize
}

/// The middle of a bucket, rounded down. `index` is below [`BUCKETS`].
pub(crate) const fn middle_of(index: usize) -> u64 {
    if index < PARTS {
        return index as u64;
    }
    let shift = (index / PARTS - 1) as u32;
    let lowest = ((PARTS + index % PARTS) as u64) << shift;
    lowest + ((1u64 << shift) - 1) / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The error bound that the documentation states: a sixteenth of the value.
    fn within_bound(value: u64) -> bool {
        middle_of(index_of(value)).abs_diff(value) <= value / 16
    }

    #[test]
    fn small_values_are_exact() {
        for value in 0..16 {
            assert_eq!(middle_of(index_of(value)), value);
        }
    }

    #[test]
    fn every_bucket_holds_its_middle_and_buckets_ascend() {
        for index in 0..BUCKETS {
            assert_eq!(index_of(middle_of(index)), index);
        }
        assert_eq!(index_of(0), 0);
        assert_eq!(index_of(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn the_bound_holds_around_every_power_of_two() {
        for exponent in 0..64 {
            for value in (1u64 << exponent).saturating_sub(1000)..=(1u64 << exponent).saturating_add(1000) {
                assert!(within_bound(value), "{value}");
            }
        }
        assert!(within_bound(u64::MAX));
    }

    proptest! {
        #[test]
        fn the_bound_holds_for_any_value(value: u64, shift in 0u32..64) {
            prop_assert!(within_bound(value >> shift));
        }

        #[test]
        fn a_larger_value_is_never_in_a_lower_bucket(a: u64, b: u64, shift in 0u32..64) {
            let (low, high) = (a.min(b) >> shift, a.max(b) >> shift);
            prop_assert!(index_of(low) <= index_of(high));
        }
    }
}
