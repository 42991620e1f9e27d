//! Sums over parts of a spectrum, eight bins at a time: independent lanes, which the compiler turns into vectors.

use super::spectrum::BINS;

/// First bin that the features look at, 62 Hz: below are DC and what the window spreads of it.
pub(crate) const FIRST_BIN: usize = 2;
/// Bins that the features look at.
pub(crate) const USED: usize = BINS - FIRST_BIN;
/// Bins worked on at once, of which [`USED`] is a multiple.
pub(crate) const LANES: usize = 8;

/// Parts that the spectrum is told of separately, and their ends in groups of [`LANES`] bins: 562, 1062, 1562, 2312,
/// 3062, 3812 Hz.
pub(crate) const PARTS: usize = 6;
const ENDS: [usize; PARTS] = [2, 4, 6, 9, 12, USED / LANES];

/// Bins in each part.
pub(crate) const PART_BINS: [f32; PARTS] = {
    let mut bins = [0.0; PARTS];
    let (mut part, mut start) = (0, 0);
    while part < PARTS {
        bins[part] = (LANES * (ENDS[part] - start)) as f32;
        start = ENDS[part];
        part += 1;
    }
    bins
};

/// Sum of the lanes.
#[inline]
pub(crate) fn sum(lanes: [f32; LANES]) -> f32 {
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (b + f)) + ((c + g) + (d + h))
}

/// Sum over each part of `term`, which is asked for every group of bins in order.
#[inline]
pub(crate) fn sums_of_parts(mut term: impl FnMut(usize) -> [f32; LANES]) -> [f32; PARTS] {
    let mut sums = [0.0; PARTS];
    let mut group = 0;
    for (total, end) in sums.iter_mut().zip(ENDS) {
        let mut lanes = [0.0; LANES];
        while group < end {
            for (lane, term) in lanes.iter_mut().zip(term(group)) {
                *lane += term;
            }
            group += 1;
        }
        *total = sum(lanes);
    }
    sums
}

/// The used bins of a spectrum in groups.
#[inline]
pub(crate) fn groups(bins: &[f32; BINS]) -> &[[f32; LANES]] {
    bins[FIRST_BIN..].as_chunks().0
}

/// Products lane by lane.
#[inline]
pub(crate) fn product(a: &[f32; LANES], b: &[f32; LANES]) -> [f32; LANES] {
    let mut product = [0.0; LANES];
    for (product, (a, b)) in product.iter_mut().zip(a.iter().zip(b)) {
        *product = a * b;
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_every_used_bin_once() {
        let numbers: [f32; BINS] = std::array::from_fn(|bin| (bin * bin) as f32);
        let groups = groups(&numbers);
        assert_eq!(groups.len() * LANES, USED);
        let sums = sums_of_parts(|group| groups[group]);
        let mut start = FIRST_BIN;
        for (got, width) in sums.into_iter().zip(PART_BINS) {
            let end = start + width as usize;
            assert_eq!(got, numbers[start..end].iter().sum());
            start = end;
        }
        assert_eq!(start, BINS);
    }
}
