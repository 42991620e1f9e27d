//! AVX2: 32 codes at a time.

use core::arch::x86_64::*;
use core::mem::MaybeUninit;

use super::sse2::{LOG_128, Sse2};
use crate::arch::all;
use crate::arch::generic::{self, Coder, FULL_SCALE, MU_OFFSET, Pcm, Tier, kernel_table};

/// 256-bit vectors.
pub(crate) struct Avx2;

kernel_table!(Avx2, Avx2, all::map, "avx2");

/// As in [`super::sse2`]: segment and interval of sixteen magnitudes, up to [`LOG_128`].
#[inline(always)]
unsafe fn log(magnitudes: __m256i) -> __m256i {
    // SAFETY: the caller vouches for AVX2.
    unsafe {
        let even = _mm256_and_si256(magnitudes, _mm256_set1_epi32(0xFFFF));
        let odd = _mm256_srli_epi32(magnitudes, 16);
        let even = _mm256_srli_epi32(_mm256_castps_si256(_mm256_cvtepi32_ps(even)), 19);
        let odd = _mm256_srli_epi32(_mm256_castps_si256(_mm256_cvtepi32_ps(odd)), 19 - 16);
        _mm256_blend_epi16(even, odd, 0b1010_1010)
    }
}

#[inline(always)]
unsafe fn encode_mu<const BIAS: i16>(samples: __m256i) -> __m256i {
    // SAFETY: the caller vouches for AVX2.
    unsafe {
        let sign = _mm256_srai_epi16(samples, 15);
        let bias = _mm256_and_si256(sign, _mm256_set1_epi16(BIAS));
        let offset = _mm256_add_epi16(_mm256_set1_epi16(MU_OFFSET), bias);
        let log = log(_mm256_adds_epi16(_mm256_xor_si256(samples, sign), offset));
        let positive = _mm256_sub_epi16(_mm256_set1_epi16(LOG_128 + 0xFF), log);
        _mm256_sub_epi16(positive, _mm256_and_si256(sign, _mm256_set1_epi16(0x80)))
    }
}

#[inline(always)]
unsafe fn encode_a(samples: __m256i) -> __m256i {
    // SAFETY: the caller vouches for AVX2.
    unsafe {
        let sign = _mm256_srai_epi16(samples, 15);
        let magnitude = _mm256_xor_si256(samples, sign);
        // The lowest segment is as steep as the next, which begins at 256.
        let log = log(_mm256_max_epi16(magnitude, _mm256_set1_epi16(256)));
        let log = _mm256_sub_epi16(log, _mm256_set1_epi16(LOG_128));
        let interval = _mm256_min_epi16(_mm256_srli_epi16(magnitude, 4), log);
        let positive = _mm256_xor_si256(interval, _mm256_set1_epi16(0xD5));
        _mm256_xor_si256(positive, _mm256_and_si256(sign, _mm256_set1_epi16(0x80)))
    }
}

/// Packs sixteen-bit codes into bytes, in order.
#[inline(always)]
unsafe fn pack(low: __m256i, high: __m256i) -> __m256i {
    // SAFETY: the caller vouches for AVX2.
    unsafe { _mm256_permute4x64_epi64(_mm256_packus_epi16(low, high), 0b11_01_10_00) }
}

/// What the nibbles of a code stand for: a sample is `±(step * scale - offset)` in units of the law.
///
/// Tables are looked up by the nibble as it was sent.
struct Nibbles {
    /// By the lower nibble: minus twice the interval's middle, counted from 16 intervals before the segment.
    minus_step: [i8; 16],
    /// By the upper nibble: the segment's power of two.
    scale: [i8; 16],
    /// By the upper nibble: where the law's logarithmic part lies above the sample.
    offset: [i8; 16],
}

impl Nibbles {
    const MU: Self = Self::new(0xFF, 0, 33, 33);
    const A: Self = Self::new(0x55, 1, 32, 0);

    /// `sent` is what the bits were inverted with; the segments below `steepest` are as steep as that one.
    const fn new(sent: usize, steepest: usize, lowest_offset: i8, offset: i8) -> Self {
        let mut tables = Self { minus_step: [0; 16], scale: [0; 16], offset: [offset; 16] };
        let mut nibble = 0;
        while nibble < 16 {
            let mantissa = nibble ^ (sent & 0xF);
            tables.minus_step[nibble] = -(2 * mantissa as i8 + 33);
            let segment = (nibble ^ (sent >> 4)) & 7;
            tables.scale[nibble] = (1u8 << segment.saturating_sub(steepest)) as i8;
            if segment == 0 {
                tables.offset[nibble] = lowest_offset;
            }
            nibble += 1;
        }
        tables
    }
}

/// One of sixteen values for every byte below 16.
#[inline(always)]
unsafe fn look_up(table: &[i8; 16], indices: __m256i) -> __m256i {
    // SAFETY: the caller vouches for AVX2; the table has sixteen bytes.
    unsafe {
        let table = _mm256_broadcastsi128_si256(_mm_loadu_si128(table.as_ptr().cast()));
        _mm256_shuffle_epi8(table, indices)
    }
}

/// Decodes to units of `1 << SHIFT`: a product and an offset with one multiplication of pairs of bytes.
#[inline(always)]
unsafe fn decode_nibbles<const SHIFT: i32>(tables: &Nibbles, codes: __m256i) -> [__m256i; 2] {
    // SAFETY: the caller vouches for AVX2.
    unsafe {
        // So that unpacking, which works in halves, leaves the codes in order.
        let codes = _mm256_permute4x64_epi64(codes, 0b11_01_10_00);
        let nibble = _mm256_set1_epi8(0xF);
        let upper = _mm256_and_si256(_mm256_srli_epi16(codes, 4), nibble);
        let minus_step = look_up(&tables.minus_step, _mm256_and_si256(codes, nibble));
        let (scale, offset) = (look_up(&tables.scale, upper), look_up(&tables.offset, upper));
        // Negative where the sample is positive, and never zero.
        let sign = _mm256_or_si256(codes, _mm256_set1_epi8(1));
        let step = _mm256_sign_epi8(minus_step, sign);
        let minus_one = _mm256_sign_epi8(_mm256_set1_epi8(1), sign);
        let low =
            _mm256_maddubs_epi16(_mm256_unpacklo_epi8(scale, offset), _mm256_unpacklo_epi8(step, minus_one));
        let high =
            _mm256_maddubs_epi16(_mm256_unpackhi_epi8(scale, offset), _mm256_unpackhi_epi8(step, minus_one));
        [_mm256_slli_epi16(low, SHIFT), _mm256_slli_epi16(high, SHIFT)]
    }
}

/// Eight f32 samples in 16-bit steps, not yet saturated at the bottom; see [`super::sse2`].
#[inline(always)]
unsafe fn steps(from: *const f32) -> __m256i {
    // SAFETY: the caller vouches for AVX2; eight values are readable.
    unsafe {
        let steps = _mm256_mul_ps(_mm256_loadu_ps(from), _mm256_set1_ps(FULL_SCALE));
        let numbers = _mm256_and_ps(steps, _mm256_cmp_ps(steps, steps, _CMP_ORD_Q));
        _mm256_cvtps_epi32(_mm256_min_ps(numbers, _mm256_set1_ps(FULL_SCALE)))
    }
}

#[inline(always)]
unsafe fn load_f32(from: *const f32) -> __m256i {
    // SAFETY: the caller vouches for AVX2; sixteen values are readable.
    unsafe { _mm256_permute4x64_epi64(_mm256_packs_epi32(steps(from), steps(from.add(8))), 0b11_01_10_00) }
}

#[inline(always)]
unsafe fn store_f32(samples: __m256i, to: *mut f32) {
    // SAFETY: the caller vouches for AVX2; sixteen values are writable.
    unsafe {
        let scale = _mm256_set1_ps(1.0 / FULL_SCALE);
        let low = _mm256_cvtepi16_epi32(_mm256_castsi256_si128(samples));
        let high = _mm256_cvtepi16_epi32(_mm256_extracti128_si256(samples, 1));
        _mm256_storeu_ps(to, _mm256_mul_ps(_mm256_cvtepi32_ps(low), scale));
        _mm256_storeu_ps(to.add(8), _mm256_mul_ps(_mm256_cvtepi32_ps(high), scale));
    }
}

impl Tier for Avx2 {
    const LANES: usize = 32;
    type Samples = [__m256i; 2];
    type Codes = __m256i;
    type Sum = __m256i;

    #[inline(always)]
    unsafe fn load_i16(from: *const i16) -> [__m256i; 2] {
        // SAFETY: the caller vouches for AVX2; 32 values are readable.
        unsafe { [_mm256_loadu_si256(from.cast()), _mm256_loadu_si256(from.add(16).cast())] }
    }

    #[inline(always)]
    unsafe fn store_i16([low, high]: [__m256i; 2], to: *mut i16) {
        // SAFETY: the caller vouches for AVX2; 32 values are writable.
        unsafe {
            _mm256_storeu_si256(to.cast(), low);
            _mm256_storeu_si256(to.add(16).cast(), high);
        }
    }

    #[inline(always)]
    unsafe fn load_f32(from: *const f32) -> [__m256i; 2] {
        // SAFETY: the caller vouches for AVX2; 32 values are readable.
        unsafe { [load_f32(from), load_f32(from.add(16))] }
    }

    #[inline(always)]
    unsafe fn store_f32([low, high]: [__m256i; 2], to: *mut f32) {
        // SAFETY: the caller vouches for AVX2; 32 values are writable.
        unsafe {
            store_f32(low, to);
            store_f32(high, to.add(16));
        }
    }

    #[inline(always)]
    unsafe fn load_codes(from: *const u8) -> __m256i {
        // SAFETY: the caller vouches for AVX2; 32 values are readable.
        unsafe { _mm256_loadu_si256(from.cast()) }
    }

    #[inline(always)]
    unsafe fn store_codes(codes: __m256i, to: *mut u8) {
        // SAFETY: the caller vouches for AVX2; 32 values are writable.
        unsafe { _mm256_storeu_si256(to.cast(), codes) }
    }

    #[inline(always)]
    unsafe fn encode_mu<const BIAS: i16>([low, high]: [__m256i; 2]) -> __m256i {
        // SAFETY: the caller vouches for AVX2.
        unsafe { pack(encode_mu::<BIAS>(low), encode_mu::<BIAS>(high)) }
    }

    #[inline(always)]
    unsafe fn encode_a([low, high]: [__m256i; 2]) -> __m256i {
        // SAFETY: the caller vouches for AVX2.
        unsafe { pack(encode_a(low), encode_a(high)) }
    }

    #[inline(always)]
    unsafe fn decode_mu(codes: __m256i) -> [__m256i; 2] {
        // SAFETY: the caller vouches for AVX2.
        unsafe { decode_nibbles::<2>(&Nibbles::MU, codes) }
    }

    #[inline(always)]
    unsafe fn decode_a(codes: __m256i) -> [__m256i; 2] {
        // SAFETY: the caller vouches for AVX2.
        unsafe { decode_nibbles::<3>(&Nibbles::A, codes) }
    }

    #[inline(always)]
    unsafe fn no_sum() -> __m256i {
        // SAFETY: the caller vouches for AVX2.
        unsafe { _mm256_setzero_si256() }
    }

    #[inline(always)]
    unsafe fn add_squares(sum: __m256i, samples: [__m256i; 2]) -> __m256i {
        // SAFETY: the caller vouches for AVX2.
        unsafe {
            let mut sum = sum;
            for half in samples {
                // Two squares of at most 32256 fit 31 bits.
                let pairs = _mm256_madd_epi16(half, half);
                sum = _mm256_add_epi64(sum, _mm256_and_si256(pairs, _mm256_set1_epi64x(0xFFFF_FFFF)));
                sum = _mm256_add_epi64(sum, _mm256_srli_epi64(pairs, 32));
            }
            sum
        }
    }

    #[inline(always)]
    unsafe fn total(sum: __m256i) -> u64 {
        // SAFETY: the caller vouches for AVX2.
        unsafe {
            let halves = _mm_add_epi64(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
            Sse2::total(halves)
        }
    }

    #[inline(always)]
    unsafe fn encode_few<C: Coder, P: Pcm>(samples: &[P], codes: &mut [u8]) {
        // SAFETY: AVX2 includes SSE2.
        unsafe { generic::encode::<Sse2, C, P>(samples, codes) }
    }

    #[inline(always)]
    unsafe fn decode_few<C: Coder, P: Pcm>(codes: &[u8], samples: &mut [MaybeUninit<P>]) {
        // SAFETY: AVX2 includes SSE2.
        unsafe { generic::decode::<Sse2, C, P>(codes, samples) }
    }

    #[inline(always)]
    unsafe fn energy_few<C: Coder>(codes: &[u8]) -> u64 {
        // SAFETY: AVX2 includes SSE2.
        unsafe { generic::energy::<Sse2, C>(codes) }
    }
}
