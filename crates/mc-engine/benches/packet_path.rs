//! Time of one 20 ms packet through a session, with each processor: `cargo bench -p mc-engine`.
//!
//! `cargo xtask perf-check --ratios` sets the packet path beside the naive way with a `Vec` for each step.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use mc_engine::{
    AecConfig, AgcConfig, AudioProcessingConfig, G711, Law, MediaEngine, MediaEngineConfig,
    MediaSessionParams, NoClock, PayloadFormat, RtpPipelineConfig, VadConfig,
};
use mc_testkit::signal::white_noise;

const HEADER: usize = 12;
const FRAME: usize = 160;
/// As many different packets as keep a branch predictor from learning them.
const PACKETS: usize = 1_024;

/// PCMU packets of noise, without their numbers.
fn received() -> Vec<[u8; HEADER + FRAME]> {
    let codec = G711::new(Law::Mu);
    let packet = |frame: &[f32]| {
        let mut packet = [0; HEADER + FRAME];
        packet[0] = 0x80;
        for (code, sample) in packet[HEADER..].iter_mut().zip(frame) {
            *code = codec.encode_sample((sample * 32_768.0) as i16);
        }
        packet
    };
    white_noise(1, -26.0, PACKETS * FRAME).chunks_exact(FRAME).map(packet).collect()
}

fn sessions(c: &mut Criterion) {
    let off = AudioProcessingConfig::default();
    let cases = [
        ("renumber", PayloadFormat::PCMU, off.clone()),
        ("transcode", PayloadFormat::PCMA, off.clone()),
        ("echo canceller", PayloadFormat::PCMU, off.clone().with_echo_cancellation(AecConfig::default())),
        ("voice detector", PayloadFormat::PCMU, off.clone().with_voice_detection(VadConfig::default())),
        ("gain control", PayloadFormat::PCMU, off.with_gain_control(AgcConfig::default())),
        ("all processors", PayloadFormat::PCMU, AudioProcessingConfig::all()),
    ];
    let (packets, far_end) = (received(), white_noise(2, -26.0, FRAME));
    let mut group = c.benchmark_group("session");
    for (name, egress, processing) in cases {
        let rtp = RtpPipelineConfig::default().with_egress(egress);
        let params = MediaSessionParams::default().with_rtp(rtp).with_processing(processing);
        let session = MediaEngine::new(MediaEngineConfig::default())
            .map_err(Into::into)
            .and_then(|engine| engine.create_media_session(params));
        let Ok(mut session) = session else { continue };
        let mut buffer = [0; HEADER + FRAME];
        let mut sequence = 0u16;
        group.bench_function(name, |b| {
            b.iter(|| {
                // Filling the buffer stands for the socket.
                sequence = sequence.wrapping_add(1);
                buffer = packets[usize::from(sequence) % PACKETS];
                buffer[2..4].copy_from_slice(&sequence.to_be_bytes());
                session.render(&far_end);
                black_box(session.process_packet(black_box(&mut buffer), &NoClock).is_ok())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, sessions);
criterion_main!(benches);
