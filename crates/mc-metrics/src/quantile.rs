//! The quantile by nearest rank: always a value that was measured, never one in between.

/// Rank, from 1 to `count`, of quantile `q` (0 to 1; outside it is taken as the nearer end) among
/// `count` sorted values. `count` is at least 1.
pub(crate) fn nearest_rank(count: u64, q: f64) -> u64 {
    ((q.clamp(0.0, 1.0) * count as f64).ceil() as u64).clamp(1, count.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_of_a_hundred_values() {
        assert_eq!(nearest_rank(100, 0.0), 1);
        assert_eq!(nearest_rank(100, 0.5), 50);
        assert_eq!(nearest_rank(100, 0.99), 99);
        assert_eq!(nearest_rank(100, 1.0), 100);
        assert_eq!(nearest_rank(1, 0.5), 1);
        assert_eq!(nearest_rank(3, 0.5), 2);
    }

    #[test]
    fn a_q_outside_its_range_is_the_nearer_end() {
        assert_eq!(nearest_rank(10, -1.0), 1);
        assert_eq!(nearest_rank(10, 7.0), 10);
        assert_eq!(nearest_rank(10, f64::NAN), 1);
    }
}
