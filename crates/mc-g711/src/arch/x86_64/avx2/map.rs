//! A byte map of 256 entries by shuffles that look up sixteen.

use core::arch::x86_64::*;

use super::opaque;
use crate::arch::all;

/// Bytes in a vector.
const LANES: usize = 32;
/// Vectors that one reading of the table serves.
const GROUP: usize = 4;
/// Entries that a shuffle looks up.
const ROW: usize = 16;

/// Replaces every byte by its entry in the table.
///
/// # Safety
/// The CPU has AVX2.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn map(table: &[u8; 256], bytes: &mut [u8]) {
    let Some(last) = bytes.len().checked_sub(LANES) else {
        return all::map(table, bytes);
    };
    let start = bytes.as_mut_ptr();
    // SAFETY: every access is to LANES bytes from at most `last`.
    unsafe {
        // The last vector overlaps the one before it, so it is read before that one is written.
        let [tail] = look_up(table, [_mm256_loadu_si256(start.add(last).cast())]);
        let mut at = 0;
        while at + (GROUP - 1) * LANES < last {
            replace::<GROUP>(table, start.add(at));
            at += GROUP * LANES;
        }
        while at < last {
            replace::<1>(table, start.add(at));
            at += LANES;
        }
        _mm256_storeu_si256(start.add(last).cast(), tail);
    }
}

/// Replaces `N` vectors of bytes.
///
/// # Safety
/// They are readable and writable.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn replace<const N: usize>(table: &[u8; 256], start: *mut u8) {
    let mut vectors = [_mm256_setzero_si256(); N];
    for (n, vector) in vectors.iter_mut().enumerate() {
        // SAFETY: the caller's promise.
        *vector = unsafe { _mm256_loadu_si256(start.add(n * LANES).cast()) };
    }
    for (n, entries) in look_up(table, vectors).into_iter().enumerate() {
        // SAFETY: the caller's promise.
        unsafe { _mm256_storeu_si256(start.add(n * LANES).cast(), entries) };
    }
}

/// A shuffle takes no notice of which row a byte belongs to, but for negative ones, which get 0. So the rows go by
/// with bytes that lose a row's length each time, and every row adds, by exclusive or, what it differs in from the
/// one before: what comes together until a byte is negative is the entry of its own row.
#[inline]
#[target_feature(enable = "avx2")]
fn look_up<const N: usize>(table: &[u8; 256], codes: [__m256i; N]) -> [__m256i; N] {
    let mut places = codes;
    for place in &mut places {
        *place = _mm256_and_si256(*place, _mm256_set1_epi8(0x7F));
    }
    let (mut lower_row, mut upper_row) = (row(table, 0), row(table, ROW / 2));
    let (mut lower, mut upper) = (places, places);
    for n in 0..N {
        lower[n] = _mm256_shuffle_epi8(lower_row, places[n]);
        upper[n] = _mm256_shuffle_epi8(upper_row, places[n]);
    }
    for next in 1..ROW / 2 {
        let (lower_next, upper_next) = (row(table, next), row(table, ROW / 2 + next));
        let lower_change = _mm256_xor_si256(lower_row, lower_next);
        let upper_change = _mm256_xor_si256(upper_row, upper_next);
        for n in 0..N {
            // Step by step: the compiler would keep places of all rows, for which there are too few registers.
            places[n] = opaque(_mm256_sub_epi8(places[n], _mm256_set1_epi8(ROW as i8)));
            lower[n] = _mm256_xor_si256(lower[n], _mm256_shuffle_epi8(lower_change, places[n]));
            upper[n] = _mm256_xor_si256(upper[n], _mm256_shuffle_epi8(upper_change, places[n]));
        }
        (lower_row, upper_row) = (lower_next, upper_next);
    }
    for n in 0..N {
        lower[n] = _mm256_blendv_epi8(lower[n], upper[n], codes[n]);
    }
    lower
}

/// The entries of sixteen bytes, in both halves.
#[inline]
#[target_feature(enable = "avx2")]
fn row(table: &[u8; 256], index: usize) -> __m256i {
    let rows = table.as_chunks::<ROW>().0;
    // SAFETY: a row has sixteen bytes.
    _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(rows[index].as_ptr().cast()) })
}
