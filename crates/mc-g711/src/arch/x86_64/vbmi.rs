//! AVX-512 VBMI: a byte map of 256 entries in four registers. The codec is that of [`super::avx512`].

use core::arch::x86_64::*;

use super::avx512::{Avx512, ViaSingle};
use crate::arch::all;
use crate::arch::generic::kernel_table;

kernel_table!(Avx512<ViaSingle>, Avx512Vbmi, map, "avx512f,avx512bw,avx512vbmi");

/// Bytes in a vector.
const LANES: usize = 64;

/// Replaces every byte by its entry in the table.
///
/// # Safety
/// The CPU has AVX-512 F, BW and VBMI.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
pub(crate) unsafe fn map(table: &[u8; 256], bytes: &mut [u8]) {
    let Some(last) = bytes.len().checked_sub(LANES) else {
        return all::map(table, bytes);
    };
    let table = load_table(table);
    let start = bytes.as_mut_ptr();
    // SAFETY: every access is to LANES bytes from at most `last`.
    unsafe {
        // The last vector overlaps the one before it, so it is read before that one is written.
        let tail = look_up(&table, _mm512_loadu_si512(start.add(last).cast()));
        let mut at = 0;
        while at < last {
            let entries = look_up(&table, _mm512_loadu_si512(start.add(at).cast()));
            _mm512_storeu_si512(start.add(at).cast(), entries);
            at += LANES;
        }
        _mm512_storeu_si512(start.add(last).cast(), tail);
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load_table(table: &[u8; 256]) -> [__m512i; 4] {
    let start: *const u8 = table.as_ptr();
    // SAFETY: the table has four vectors of 64 bytes.
    [0, 1, 2, 3].map(|quarter| unsafe { _mm512_loadu_si512(start.add(quarter * LANES).cast()) })
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn look_up([first, second, third, fourth]: &[__m512i; 4], codes: __m512i) -> __m512i {
    let lower = _mm512_permutex2var_epi8(*first, codes, *second);
    let upper = _mm512_permutex2var_epi8(*third, codes, *fourth);
    _mm512_mask_blend_epi8(_mm512_movepi8_mask(codes), lower, upper)
}
