//! A peer that speaks G.711 over RTP, written out by hand.
#![allow(dead_code, reason = "each test binary uses some of it")]
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

pub(crate) mod faulty;
pub(crate) mod log;

use std::cell::Cell;

use mc_engine::{
    AudioProcessingConfig, Clock, G711, Law, MediaEngine, MediaEngineConfig, MediaSession,
    MediaSessionParams, NoClock, PacketError,
};

/// Samples of a 20 ms packet.
pub(crate) const FRAME: usize = 160;

/// A PCMU packet of one sender.
pub(crate) fn packet(sequence: u16, payload: &[u8]) -> Vec<u8> {
    let timestamp = u32::from(sequence) * FRAME as u32;
    let mut packet = vec![0x80, 0];
    packet.extend(sequence.to_be_bytes());
    packet.extend(timestamp.to_be_bytes());
    packet.extend([0, 0, 0, 1]);
    packet.extend(payload);
    packet
}

/// The packets of `signal` in 20 ms each, from sequence number `first`.
pub(crate) fn packets(first: u16, signal: &[f32]) -> Vec<Vec<u8>> {
    let frames = signal.chunks_exact(FRAME);
    (first..).zip(frames).map(|(sequence, frame)| packet(sequence, &encode(frame))).collect()
}

pub(crate) fn encode(frame: &[f32]) -> Vec<u8> {
    let mut payload = vec![0; frame.len()];
    G711::new(Law::Mu).encode_f32(frame, &mut payload).unwrap();
    payload
}

pub(crate) fn decode(payload: &[u8]) -> Vec<f32> {
    let mut frame = vec![0.0; payload.len()];
    G711::new(Law::Mu).decode_f32(payload, &mut frame).unwrap();
    frame
}

pub(crate) fn engine(config: MediaEngineConfig) -> MediaEngine {
    MediaEngine::new(config).unwrap()
}

/// A session with processing of its own, on an engine without.
pub(crate) fn session(processing: AudioProcessingConfig) -> MediaSession {
    let params = MediaSessionParams::default().with_processing(processing);
    engine(MediaEngineConfig::default()).create_media_session(params).unwrap()
}

/// Sends one packet and copies what comes out.
pub(crate) fn send(session: &mut MediaSession, packet: &[u8]) -> Result<Vec<u8>, PacketError> {
    let mut datagram = packet.to_vec();
    session.process_packet(&mut datagram, &NoClock).map(|egress| egress.packet().to_vec())
}

/// Sends `signal` in packets of 20 ms and returns what comes out, decoded; each `far_end` frame is
/// rendered before.
pub(crate) fn converse(session: &mut MediaSession, signal: &[f32], far_end: &[f32]) -> Vec<f32> {
    let mut far_end = far_end.chunks_exact(FRAME);
    let mut output = Vec::new();
    for packet in packets(0, signal) {
        if let Some(frame) = far_end.next() {
            session.render(frame);
        }
        output.extend(decode(&send(session, &packet).unwrap()[12..]));
    }
    output
}

/// Goes on by 10 ns at every look.
#[derive(Default)]
pub(crate) struct Ticking(Cell<u64>);

impl Clock for Ticking {
    fn now_ns(&self) -> u64 {
        self.0.set(self.0.get() + 10);
        self.0.get()
    }
}
