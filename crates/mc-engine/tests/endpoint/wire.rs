//! Ends of calls, and what lies between them.

use std::time::Duration;

use mc_engine::{
    AudioProcessingConfig, EndpointConfig, MediaEndpoint, MediaEngine, MediaEngineConfig, MediaSessionParams,
    PayloadFormat,
};

/// Samples of 20 ms at 8 kHz.
pub(crate) const FRAME: usize = 160;

/// The time of a tick of 20 ms.
pub(crate) fn at(tick: usize) -> Duration {
    Duration::from_millis(20 * tick as u64)
}

pub(crate) fn endpoint(config: &EndpointConfig) -> MediaEndpoint {
    processing(config, AudioProcessingConfig::default())
}

/// An endpoint whose near end is processed.
pub(crate) fn processing(config: &EndpointConfig, processing: AudioProcessingConfig) -> MediaEndpoint {
    let engine = MediaEngine::new(MediaEngineConfig::default()).unwrap();
    let params = MediaSessionParams::default().with_processing(processing);
    engine.create_media_endpoint(config, params).unwrap()
}

/// One that talks in `format`.
pub(crate) fn telephone(format: PayloadFormat) -> MediaEndpoint {
    endpoint(&EndpointConfig::default().with_formats(format).with_ssrc(7))
}

/// The packets that `samples` make.
pub(crate) fn sent(sender: &mut MediaEndpoint, samples: &[f32]) -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    sender.send(samples, |packet| packets.push(packet.to_vec()));
    packets
}

/// Brings a packet that is taken.
pub(crate) fn bring(receiver: &mut MediaEndpoint, packet: &[u8], now: Duration) {
    assert!(receiver.receive(packet, now).is_ok());
}

/// What is played in a tick of 20 ms.
pub(crate) fn played(receiver: &mut MediaEndpoint, tick: usize) -> Vec<f32> {
    let mut audio = vec![0.0; receiver.rate().samples_in_ms(20)];
    receiver.play(&mut audio, at(tick));
    audio
}

/// Payload type, marker, sequence number, timestamp, SSRC and payload of a packet without anything between.
pub(crate) struct Fields<'a> {
    pub(crate) payload_type: u8,
    pub(crate) marker: bool,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
    pub(crate) payload: &'a [u8],
}

pub(crate) fn fields(packet: &[u8]) -> Fields<'_> {
    assert_eq!(packet[0], 0x80);
    let word = |from: usize| u32::from_be_bytes(packet[from..from + 4].try_into().unwrap());
    Fields {
        payload_type: packet[1] & 0x7F,
        marker: packet[1] & 0x80 != 0,
        sequence: word(0) as u16,
        timestamp: word(4),
        ssrc: word(8),
        payload: &packet[12..],
    }
}

/// Amplitude of the tone of `hz` in `audio` at `rate_hz`.
pub(crate) fn tone(audio: &[f32], rate_hz: u32, hz: f32) -> f32 {
    let step = std::f32::consts::TAU * hz / rate_hz as f32;
    let (mut i, mut q) = (0.0f32, 0.0f32);
    for (n, sample) in audio.iter().enumerate() {
        i += sample * (step * n as f32).cos();
        q += sample * (step * n as f32).sin();
    }
    2.0 * i.hypot(q) / audio.len() as f32
}
