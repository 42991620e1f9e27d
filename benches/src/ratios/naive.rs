//! The packet path as it is written first: a vector for each of the three steps, filled sample by sample, and an
//! encoder that searches for the segment bit by bit. What the whole path is measured against.
//!
//! It is slow by its shape, not by malice: vectors are allocated once in the right size, codes are decoded by a
//! table, and it is compiled with the optimisations that everything else gets.

use mc_g711::{G711, Law};

use crate::Failure;
use crate::input::HEADER;

/// A relay of mu-law that makes every packet anew.
pub(super) struct Relay {
    table: [i16; 256],
    gain: f32,
}

/// A packet to send, and the root mean square of its 16-bit samples.
pub(super) struct Relayed {
    pub(super) packet: Vec<u8>,
    pub(super) rms: f64,
}

impl Relay {
    pub(super) fn new(gain: f32) -> Self {
        let codec = G711::new(Law::Mu);
        Self { table: std::array::from_fn(|code| codec.decode_code(code as u8)), gain }
    }

    /// Decodes, multiplies and encodes, each step into a vector of its own, and measures the level.
    ///
    /// # Errors
    /// When the packet is shorter than its header.
    pub(super) fn relay(&self, packet: &[u8]) -> Result<Relayed, Failure> {
        let payload = packet.get(HEADER..).ok_or("the packet is too short")?;
        let mut decoded: Vec<i16> = Vec::with_capacity(payload.len());
        for &code in payload {
            decoded.push(self.table[usize::from(code)]);
        }
        let mut processed: Vec<i16> = Vec::with_capacity(decoded.len());
        for &sample in &decoded {
            processed.push((f32::from(sample) * self.gain).round().clamp(-32_768.0, 32_767.0) as i16);
        }
        let mut energy = 0.0;
        for &sample in &processed {
            energy += f64::from(sample) * f64::from(sample);
        }
        let mut out = Vec::with_capacity(packet.len());
        out.extend_from_slice(&packet[..HEADER]);
        for &sample in &processed {
            out.push(mu_law(sample));
        }
        Ok(Relayed { packet: out, rms: (energy / payload.len() as f64).sqrt() })
    }
}

/// The mu-law code of a sample (ITU-T G.711 table 2a): 14 bits, a bias of 33 that makes segments powers of two.
pub(super) const fn mu_law(sample: i16) -> u8 {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_encoded_as_the_codec_does() {
        let codec = G711::new(Law::Mu);
        let differing = (i16::MIN..=i16::MAX).find(|&x| mu_law(x) != codec.encode_sample(x));
        assert_eq!(differing, None);
    }
}
