//! The packet path as it is written first: three vectors per packet, and encoders that search for the segment
//! bit by bit. What the real one is measured against.

use mc_g711::{G711, Law};

use crate::Failure;
use crate::input::HEADER;

/// Decodes, applies `gain` and encodes, each step into a vector of its own, and puts the packet together anew.
///
/// # Errors
/// When the packet is shorter than its header.
pub fn relay(packet: &[u8], gain: f32, from: Law, to: Law) -> Result<Vec<u8>, Failure> {
    let payload = packet.get(HEADER..).ok_or("the packet is too short")?;
    let decoder = G711::new(from);
    let encode = match to {
        Law::Mu => mu_law,
        Law::A => a_law,
    };
    let decoded: Vec<i16> = payload.iter().map(|&code| decoder.decode_code(code)).collect();
    let processed: Vec<i16> = decoded
        .iter()
        .map(|&sample| (f32::from(sample) * gain).round().clamp(-32_768.0, 32_767.0) as i16)
        .collect();
    let encoded: Vec<u8> = processed.iter().map(|&sample| encode(sample)).collect();
    let mut out = packet[..HEADER].to_vec();
    out[1] = if to == Law::Mu { 0 } else { 8 };
    out.extend_from_slice(&encoded);
    Ok(out)
}

/// The mu-law code of a sample (ITU-T G.711 table 2a): 14 bits, a bias of 33 that makes segments powers of two.
#[must_use]
pub const fn mu_law(sample: i16) -> u8 {
    let sign = if sample < 0 { 0 } else { 0x80 };
    let magnitude = if sample < 0 { !sample } else { sample } as i32 >> 2;
    let biased = if magnitude > 8_158 { 8_158 } else { magnitude } + 33;
    let (mut segment, mut bit) = (7, 0x1000);
    while biased & bit == 0 {
        segment -= 1;
        bit >>= 1;
    }
    let mantissa = (biased >> (segment + 1)) & 0xF;
    (!(segment << 4 | mantissa) as u8 & 0x7F) | sign
}

/// The A-law code of a sample (ITU-T G.711 table 1a): 13 bits, the two lowest segments one straight line.
#[must_use]
pub const fn a_law(sample: i16) -> u8 {
    let sign = if sample < 0 { 0 } else { 0x80 };
    let magnitude = if sample < 0 { !sample } else { sample } as i32 >> 3;
    let (mut segment, mut bit) = (7, 0x800);
    while segment > 0 && magnitude & bit == 0 {
        segment -= 1;
        bit >>= 1;
    }
    let step = if segment == 0 { 1 } else { segment };
    ((segment << 4 | (magnitude >> step) & 0xF) as u8 | sign) ^ 0x55
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_encoded_as_the_codec_does() {
        for (law, naive) in [(Law::Mu, mu_law as fn(i16) -> u8), (Law::A, a_law)] {
            let codec = G711::new(law);
            let differing = (i16::MIN..=i16::MAX).find(|&x| naive(x) != codec.encode_sample(x));
            assert_eq!(differing, None, "{law:?}");
        }
    }
}
