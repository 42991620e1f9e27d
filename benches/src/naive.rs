//! The packet path as it is written first: three vectors per packet. What the real one is measured against.

use mc_g711::{G711, Law};

use crate::Failure;
use crate::input::HEADER;

/// Decodes, applies `gain` and encodes, each step into a vector of its own, and puts the packet together anew.
///
/// # Errors
/// When the packet is shorter than its header.
pub fn relay(packet: &[u8], gain: f32, from: Law, to: Law) -> Result<Vec<u8>, Failure> {
    let payload = packet.get(HEADER..).ok_or("the packet is too short")?;
    let (decoder, encoder) = (G711::new(from), G711::new(to));
    let decoded: Vec<i16> = payload.iter().map(|&code| decoder.decode_code(code)).collect();
    let processed: Vec<i16> = decoded
        .iter()
        .map(|&sample| (f32::from(sample) * gain).round().clamp(-32_768.0, 32_767.0) as i16)
        .collect();
    let encoded: Vec<u8> = processed.iter().map(|&sample| encoder.encode_sample(sample)).collect();
    let mut out = packet[..HEADER].to_vec();
    out[1] = if to == Law::Mu { 0 } else { 8 };
    out.extend_from_slice(&encoded);
    Ok(out)
}
