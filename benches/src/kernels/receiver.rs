//! The receiver's end of a mu-law stream, packet by packet.

use std::time::Duration;

use mc_g711::Law;
use mc_rtp_pipeline::rtcp::Reception;
use mc_rtp_pipeline::{JitterBuffer, JitterConfig, MediaPacket, Playout};

use super::Kernel;
use crate::Failure;
use crate::input::{FRAMES, SAMPLES, SSRC, samples_of, speech};
use crate::run::{Digest, Run};

pub(super) const KERNELS: &[Kernel] = &[
    Kernel { name: "receiver/reception", measure: reception },
    Kernel { name: "receiver/jitter_buffer", measure: jitter_buffer },
    Kernel { name: "receiver/playout", measure: |run| playout(run, |_| false) },
    // One packet after three: there is audio on both sides of the gap.
    Kernel { name: "receiver/one_lost", measure: |run| playout(run, |index| index % 4 == 3) },
    // Longer than anything waits: nothing is known of what follows.
    Kernel { name: "receiver/many_lost", measure: |run| playout(run, |index| index % 16 >= 4) },
];

const PTIME: Duration = Duration::from_millis(20);

fn packet(index: u32, payload: &[u8]) -> MediaPacket<'_> {
    MediaPacket {
        payload_type: 0,
        marker: false,
        sequence: index as u16,
        timestamp: index.wrapping_mul(SAMPLES as u32),
        ssrc: SSRC,
        payload,
    }
}

/// Speech in mu-law.
fn codes(run: &Run) -> Result<Vec<u8>, Failure> {
    let speech = speech(1);
    let mut codes = vec![0; speech.len()];
    run.codec(Law::Mu).encode_f32(&speech, &mut codes)?;
    Ok(codes)
}

/// A packet that is counted, with its jitter.
fn reception(run: &mut Run) -> Result<Digest, Failure> {
    let mut reception = Reception::new(8_000);
    let mut index = 0;
    run.repeat(|_| {
        index += 1;
        reception.note(&packet(index, &[]), PTIME * index);
    });
    let counts = [reception.expected(), reception.received(), reception.jitter().as_micros() as u64];
    Ok(run.digest(&counts.map(u64::to_le_bytes).concat()))
}

/// One packet in and one out, with two waiting.
fn jitter_buffer(run: &mut Run) -> Result<Digest, Failure> {
    let (mut buffer, codes) = (JitterBuffer::new(&JitterConfig::default())?, codes(run)?);
    let mut taken = vec![0; codes.len()];
    let mut index = 0;
    let mut step = |buffer: &mut JitterBuffer, frame: usize| {
        index += 1;
        buffer.insert(&packet(index, &codes[samples_of(frame)]), PTIME * index);
    };
    step(&mut buffer, 0);
    step(&mut buffer, 1);
    run.repeat(|frame| {
        step(&mut buffer, frame);
        if let Some(packet) = buffer.take() {
            taken[samples_of(frame)].copy_from_slice(packet.payload);
        }
    });
    Ok(run.digest(&taken))
}

/// 20 ms received and played in two halves; packets of these numbers are lost.
fn playout(run: &mut Run, is_lost: impl Fn(u32) -> bool) -> Result<Digest, Failure> {
    let codes = codes(run)?;
    let mut receiver = Playout::new(&JitterConfig::default(), run.codec(Law::Mu))?;
    let mut played = vec![0.0; FRAMES * SAMPLES];
    let mut index = 0;
    run.repeat(|frame| {
        index += 1;
        let now = PTIME * index;
        if !is_lost(index) {
            receiver.insert(&packet(index, &codes[samples_of(frame)]), now);
        }
        let (first, second) = played[samples_of(frame)].split_at_mut(SAMPLES / 2);
        receiver.play(first, now);
        receiver.play(second, now + PTIME / 2);
    });
    Ok(run.digest(&played))
}
