//! G.711 as the standard defines it, evaluated by the compiler into tables.
//!
//! Tables 1a and 2a of the Recommendation divide the positive half of the axis into 128 intervals. All that
//! they say follows from the widths of these intervals: a decision value is the sum of the widths below it,
//! and a code is decoded to the middle of its interval. The widths double from one segment of 16 intervals to
//! the next.

use crate::law::Law;

/// Intervals on either side of zero.
const INTERVALS: usize = 128;
/// The bit of a code that is set for positive samples, in both laws.
pub(crate) const SIGN_BIT: u8 = 0x80;

impl Law {
    /// 16-bit steps in one unit of the standard's own scale: mu-law is drawn on 14 bits, A-law on 13.
    const fn unit(self) -> u16 {
        match self {
            Self::Mu => 4,
            Self::A => 8,
        }
    }

    /// Width of an interval in units of the standard.
    const fn width(self, interval: usize) -> u16 {
        let segment = interval / 16;
        match self {
            // Intervals reach to both sides of their output value; that of 0 lies half on each side of zero.
            Self::Mu if interval == 0 => 1,
            Self::Mu => 2 << segment,
            // The two lowest segments are one straight line.
            Self::A if segment == 0 => 2,
            Self::A => 2 << (segment - 1),
        }
    }

    /// The code sent for a positive sample in an interval: mu-law inverts the number of the interval, A-law
    /// every other bit of it, both so that a quiet line does not carry long runs of zeros.
    const fn positive_code(self, interval: usize) -> u8 {
        let transmitted = match self {
            Self::Mu => 0x7F,
            Self::A => 0x55,
        };
        (interval as u8 ^ transmitted) | SIGN_BIT
    }
}

/// The sample of every code.
const fn decode_table(law: Law) -> [i16; 2 * INTERVALS] {
    let mut samples = [0; 2 * INTERVALS];
    let mut interval = 0;
    let mut decision = 0;
    while interval < INTERVALS {
        let width = law.width(interval);
        let two_middles = if interval == 0 && width == 1 { 0 } else { 2 * decision + width };
        let magnitude = (two_middles * (law.unit() / 2)) as i16;
        let code = law.positive_code(interval);
        samples[code as usize] = magnitude;
        samples[(code ^ SIGN_BIT) as usize] = -magnitude;
        decision += width;
        interval += 1;
    }
    samples
}

/// The positive code of every magnitude, in steps of `0x8000 / N`, fine enough that every decision value is a multiple.
const fn encode_table<const N: usize>(law: Law) -> [u8; N] {
    let step = 0x8000 / N;
    let mut codes = [law.positive_code(INTERVALS - 1); N];
    let mut interval = 0;
    let mut index = 0;
    let mut upper = 0;
    while interval < INTERVALS {
        upper += (law.width(interval) * law.unit()) as usize;
        while index * step < upper && index < N {
            codes[index] = law.positive_code(interval);
            index += 1;
        }
        interval += 1;
    }
    codes
}

/// Mu-law: code to sample.
pub(crate) static MU_SAMPLES: [i16; 256] = decode_table(Law::Mu);
/// A-law: code to sample.
pub(crate) static A_SAMPLES: [i16; 256] = decode_table(Law::A);
/// Mu-law: magnitude / 4 to the code of the positive sample.
pub(crate) static MU_CODES: [u8; 8192] = encode_table(Law::Mu);
/// A-law: magnitude / 16 to the code of the positive sample.
pub(crate) static A_CODES: [u8; 2048] = encode_table(Law::A);

#[cfg(test)]
mod tests {
    use super::*;

    /// The virtual decision values that end tables 1a and 2a.
    #[test]
    fn the_widths_add_up_to_the_ends_of_the_tables() {
        let end = |law: Law| (0..INTERVALS).map(|interval| law.width(interval)).sum::<u16>();
        assert_eq!((end(Law::Mu), end(Law::A)), (8159, 4096));
    }

    #[test]
    fn silence_is_the_code_of_zero() {
        assert_eq!((MU_CODES[0], A_CODES[0]), (Law::Mu.silence(), Law::A.silence()));
    }
}
