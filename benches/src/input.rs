//! What kernels and paths are given: seeded speech in frames of 20 ms at 8 kHz, and the packets it makes.

use std::collections::HashSet;
use std::ops::Range;

use mc_g711::{G711, Law, LengthMismatch};
use mc_testkit::signal::{Talker, add, white_noise};

use crate::Failure;

/// Samples in a frame: 20 ms at 8 kHz.
pub const SAMPLES: usize = 160;

/// Frames that a benchmark cycles through: enough that no branch is learnt by heart.
pub const FRAMES: usize = 64;

/// Bytes of the RTP header of [`packets`].
pub const HEADER: usize = 12;

/// SSRC of [`packets`].
pub const SSRC: u32 = 0x1234_5678;

/// Where frame `frame` lies in a buffer of frames of [`SAMPLES`].
#[must_use]
pub const fn samples_of(frame: usize) -> Range<usize> {
    frame * SAMPLES..(frame + 1) * SAMPLES
}

/// [`FRAMES`] frames of speech in ±1.0.
#[must_use]
pub fn speech(seed: u64) -> Vec<f32> {
    let seconds = (FRAMES * SAMPLES) as f64 / 8_000.0;
    let mut samples = Talker::new(seed, 8_000).say(seconds, -20.0).samples;
    samples.resize(FRAMES * SAMPLES, 0.0);
    samples
}

/// The same as 16-bit samples.
#[must_use]
pub fn speech_i16(seed: u64) -> Vec<i16> {
    speech(seed).into_iter().map(|sample| (sample * 32_767.0) as i16).collect()
}

/// The same as G.711 codes.
///
/// # Errors
/// Never: both lengths are the same.
pub fn speech_codes(seed: u64, law: Law) -> Result<Vec<u8>, LengthMismatch> {
    let samples = speech_i16(seed);
    let mut codes = vec![0; samples.len()];
    G711::new(law).encode(&samples, &mut codes)?;
    Ok(codes)
}

/// Distinct frames of [`varied_speech`]: more than a branch predictor can learn.
pub const VARIED_FRAMES: usize = 8_192;

/// [`VARIED_FRAMES`] frames of speech over faint noise, which makes the pauses distinct as well.
///
/// # Errors
/// When two frames are the same.
pub fn varied_speech() -> Result<Vec<i16>, Failure> {
    let mut speech = Talker::new(1, 8_000).say((VARIED_FRAMES * SAMPLES) as f64 / 8_000.0, -20.0).samples;
    speech.resize(VARIED_FRAMES * SAMPLES, 0.0);
    add(&mut speech, &white_noise(2, -60.0, VARIED_FRAMES * SAMPLES));
    let samples: Vec<i16> = speech.into_iter().map(|sample| (sample * 32_767.0) as i16).collect();
    let distinct = samples.chunks(SAMPLES).collect::<HashSet<_>>().len();
    if distinct < VARIED_FRAMES {
        return Err(format!("only {distinct} of {VARIED_FRAMES} frames are distinct").into());
    }
    Ok(samples)
}

/// [`FRAMES`] RTP packets of [`SAMPLES`] mu-law codes each, payload type 0, numbered on from `first`.
///
/// # Errors
/// Never, as [`speech_codes`].
pub fn packets(seed: u64) -> Result<Vec<Vec<u8>>, LengthMismatch> {
    let codes = speech_codes(seed, Law::Mu)?;
    Ok((0..FRAMES)
        .map(|frame| {
            let mut packet = header().to_vec();
            packet.extend_from_slice(&codes[samples_of(frame)]);
            number(&mut packet, frame as u64);
            packet
        })
        .collect())
}

/// The RTP header of [`packets`], without numbers: version 2, payload type 0.
#[must_use]
pub const fn header() -> [u8; HEADER] {
    let [a, b, c, d] = SSRC.to_be_bytes();
    [0x80, 0, 0, 0, 0, 0, 0, 0, a, b, c, d]
}

/// Makes `packet` the `index`th of its stream: sequence number and timestamp (RFC 3550 §5.1).
pub fn number(packet: &mut [u8], index: u64) {
    let sequence = (index as u16).to_be_bytes();
    let timestamp = (index as u32).wrapping_mul(SAMPLES as u32).to_be_bytes();
    packet[2..4].copy_from_slice(&sequence);
    packet[4..8].copy_from_slice(&timestamp);
}
