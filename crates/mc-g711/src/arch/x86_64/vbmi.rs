//! AVX-512 VBMI: a table of 256 bytes in four registers, or one of 128 words. Everything else is as in
//! [`super::avx512`].

use core::arch::x86_64::*;

use super::avx512::{Avx512, Bytes, ViaSingle, total};
use crate::arch::generic::{Coder, Tier, kernel_table};
use crate::definition::{A_SAMPLES, MU_SAMPLES};
use crate::law::Law;

kernel_table!(Avx512<ViaSingle, ViaPermutations>, Avx512Vbmi, "avx512f,avx512bw,avx512vbmi");

/// Bytes in a vector.
const LANES: usize = 64;

/// Vectors of codes of which a 32-bit lane holds the squares: four each, none above 8,064 units.
const VECTORS_IN_SUM: usize = 16;

/// By permutations of two registers.
pub(crate) struct ViaPermutations;

impl Bytes for ViaPermutations {
    #[inline(always)]
    unsafe fn map(table: &[u8; 256], codes: &mut [u8]) {
        // SAFETY: the caller vouches for VBMI.
        unsafe {
            let table = load(table);
            replace::<false>(&table, &table, codes);
        }
    }

    #[inline(always)]
    unsafe fn energy<T: Tier, C: Coder>(codes: &[u8]) -> u64 {
        let mut energy = 0;
        // SAFETY: the caller vouches for VBMI.
        unsafe {
            let magnitudes = load(&Magnitudes::of(C::LAW).0);
            for part in codes.chunks(VECTORS_IN_SUM * LANES) {
                let mut sum = _mm512_setzero_si512();
                for codes in part.chunks(LANES) {
                    let (vector, lanes) = load_codes(codes);
                    sum = add_squares(sum, &magnitudes, vector, lanes);
                }
                energy += total(sum);
            }
        }
        energy
    }

    #[inline(always)]
    unsafe fn map_metered<C: Coder>(table: &[u8; 256], codes: &mut [u8]) -> u64 {
        let mut energy = 0;
        // SAFETY: the caller vouches for VBMI.
        unsafe {
            let (table, magnitudes) = (load(table), load(&Magnitudes::of(C::LAW).0));
            for codes in codes.chunks_mut(VECTORS_IN_SUM * LANES) {
                energy += total(replace::<true>(&table, &magnitudes, codes));
            }
        }
        energy
    }
}

/// Replaces codes, and if `METERED` sums the squares of their magnitudes.
#[inline(always)]
unsafe fn replace<const METERED: bool>(
    table: &[__m512i; 4],
    magnitudes: &[__m512i; 4],
    codes: &mut [u8],
) -> __m512i {
    // SAFETY: the caller vouches for VBMI; but for those of `few`, every access is to LANES bytes from at most `last`.
    unsafe {
        let mut sum = _mm512_setzero_si512();
        let Some(last) = codes.len().checked_sub(LANES) else {
            let (few, lanes) = load_codes(codes);
            _mm512_mask_storeu_epi8(codes.as_mut_ptr().cast(), lanes, look_up(table, few));
            return if METERED { add_squares(sum, magnitudes, few, lanes) } else { sum };
        };
        let start = codes.as_mut_ptr();
        // The last vector overlaps the one before it, so it is read before that one is written.
        let tail = _mm512_loadu_si512(start.add(last).cast());
        let mut at = 0;
        while at < last {
            let vector = _mm512_loadu_si512(start.add(at).cast());
            if METERED {
                sum = add_squares(sum, magnitudes, vector, __mmask64::MAX);
            }
            _mm512_storeu_si512(start.add(at).cast(), look_up(table, vector));
            at += LANES;
        }
        _mm512_storeu_si512(start.add(last).cast(), look_up(table, tail));
        if METERED {
            let unseen = __mmask64::MAX << (at - last);
            sum = add_squares(sum, magnitudes, tail, unseen);
        }
        sum
    }
}

/// By the seven bits of a code beside its sign, the magnitude of the sample in units of 4: all lower bytes, then
/// all upper ones.
#[repr(align(64))]
struct Magnitudes([u8; 256]);

static MU: Magnitudes = Magnitudes::from_samples(&MU_SAMPLES);
static A: Magnitudes = Magnitudes::from_samples(&A_SAMPLES);

impl Magnitudes {
    const fn from_samples(samples: &[i16; 256]) -> Self {
        let mut bytes = [0; 256];
        let mut code = 0;
        while code < 128 {
            [bytes[code], bytes[128 + code]] = (samples[code].unsigned_abs() / 4).to_le_bytes();
            code += 1;
        }
        Self(bytes)
    }

    const fn of(law: Law) -> &'static Self {
        match law {
            Law::Mu => &MU,
            Law::A => &A,
        }
    }
}

#[inline(always)]
unsafe fn load(table: &[u8; 256]) -> [__m512i; 4] {
    // SAFETY: the caller vouches for VBMI.
    unsafe {
        let mut quarters = [_mm512_setzero_si512(); 4];
        for (quarter, bytes) in quarters.iter_mut().zip(table.as_chunks::<LANES>().0) {
            *quarter = _mm512_loadu_si512(bytes.as_ptr().cast());
        }
        quarters
    }
}

/// At most [`LANES`] codes, and the lanes that they are in.
#[inline(always)]
unsafe fn load_codes(codes: &[u8]) -> (__m512i, __mmask64) {
    let lanes = __mmask64::MAX.unbounded_shr((LANES - codes.len()) as u32);
    // SAFETY: the caller vouches for VBMI; all codes are readable.
    (unsafe { _mm512_maskz_loadu_epi8(lanes, codes.as_ptr().cast()) }, lanes)
}

#[inline(always)]
unsafe fn look_up([first, second, third, fourth]: &[__m512i; 4], codes: __m512i) -> __m512i {
    // SAFETY: the caller vouches for VBMI.
    unsafe {
        let lower = _mm512_permutex2var_epi8(*first, codes, *second);
        let upper = _mm512_permutex2var_epi8(*third, codes, *fourth);
        _mm512_mask_blend_epi8(_mm512_movepi8_mask(codes), lower, upper)
    }
}

/// Adds the squares of the magnitudes of some lanes, in any order.
#[inline(always)]
unsafe fn add_squares(
    sum: __m512i,
    [low_first, low_second, high_first, high_second]: &[__m512i; 4],
    codes: __m512i,
    lanes: __mmask64,
) -> __m512i {
    // SAFETY: the caller vouches for VBMI.
    unsafe {
        let low = _mm512_maskz_permutex2var_epi8(lanes, *low_first, codes, *low_second);
        let high = _mm512_maskz_permutex2var_epi8(lanes, *high_first, codes, *high_second);
        let (a, b) = (_mm512_unpacklo_epi8(low, high), _mm512_unpackhi_epi8(low, high));
        _mm512_add_epi32(sum, _mm512_add_epi32(_mm512_madd_epi16(a, a), _mm512_madd_epi16(b, b)))
    }
}
