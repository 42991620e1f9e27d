//! Time of one 20 ms packet through a session: `cargo bench -p mc-engine`.
//!
//! `reference` is the straightforward way, kept to compare with: three `Vec`s a packet and G.711 bit by
//! bit, one byte at a time.

use std::hint::black_box;

use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime};
use mc_engine::{
    AecConfig, AgcConfig, AudioProcessingConfig, MediaEngine, MediaEngineConfig, MediaSessionParams, NoClock,
    PayloadFormat, RtpPipelineConfig, VadConfig,
};
use mc_testkit::signal::white_noise;

const HEADER: usize = 12;
const FRAME: usize = 160;
/// As many different packets as keep a branch predictor from learning them.
const PACKETS: usize = 1_024;

/// PCMU packets of noise with rising sequence numbers.
fn received() -> Vec<[u8; HEADER + FRAME]> {
    let noise = white_noise(1, -26.0, PACKETS * FRAME);
    let packet = |frame: &[f32]| {
        let mut packet = [0; HEADER + FRAME];
        packet[0] = 0x80;
        for (code, sample) in packet[HEADER..].iter_mut().zip(frame) {
            *code = reference::encode_mu((sample * 32_767.0) as i16);
        }
        packet
    };
    noise.chunks_exact(FRAME).map(packet).collect()
}

/// Measures `handle` over ever new packets; filling the buffer stands for the socket.
fn bench(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, mut handle: impl FnMut(&mut [u8])) {
    let packets = received();
    let mut buffer = [0; HEADER + FRAME];
    let mut sequence = 0u16;
    group.bench_function(name, |b| {
        b.iter(|| {
            sequence = sequence.wrapping_add(1);
            buffer.copy_from_slice(&packets[usize::from(sequence) % PACKETS]);
            buffer[2..4].copy_from_slice(&sequence.to_be_bytes());
            handle(black_box(&mut buffer));
        });
    });
}

fn sessions(c: &mut Criterion) {
    let off = AudioProcessingConfig::default();
    let cases = [
        ("renumber", PayloadFormat::PCMU, off.clone()),
        ("transcode", PayloadFormat::PCMA, off.clone()),
        ("echo", PayloadFormat::PCMU, off.clone().with_echo_cancellation(AecConfig::default())),
        ("voice", PayloadFormat::PCMU, off.clone().with_voice_detection(VadConfig::default())),
        ("gain", PayloadFormat::PCMU, off.with_gain_control(AgcConfig::default())),
        ("all", PayloadFormat::PCMU, AudioProcessingConfig::all()),
    ];
    let mut group = c.benchmark_group("session");
    for (name, egress, processing) in cases {
        let rtp = RtpPipelineConfig::default().with_egress(egress);
        let params = MediaSessionParams::default().with_rtp(rtp).with_processing(processing);
        let session = MediaEngine::new(MediaEngineConfig::default())
            .map_err(Into::into)
            .and_then(|engine| engine.create_media_session(params));
        let Ok(mut session) = session else { continue };
        let far_end = white_noise(2, -26.0, FRAME);
        bench(&mut group, name, |datagram| {
            session.render(&far_end);
            black_box(session.process_packet(datagram, &NoClock).is_ok());
        });
    }
    group.finish();
}

fn naive(c: &mut Criterion) {
    let mut group = c.benchmark_group("reference");
    bench(&mut group, "gain", |datagram| {
        black_box(reference::process(datagram, 0.5));
    });
    group.finish();
}

mod reference {
    /// Packet -> samples -> samples -> packet, each in a `Vec` of its own.
    pub(super) fn process(datagram: &[u8], gain: f32) -> Vec<u8> {
        let (header, payload) = datagram.split_at(super::HEADER);
        let mut samples = Vec::new();
        for &code in payload {
            samples.push(decode_mu(code));
        }
        let mut processed = Vec::new();
        for sample in samples {
            let scaled = (f32::from(sample) * gain).round();
            processed.push(scaled.clamp(-32_768.0, 32_767.0) as i16);
        }
        let mut packet = header.to_vec();
        for sample in processed {
            packet.push(encode_mu(sample));
        }
        packet
    }

    /// G.711 mu-law: the segment by shifting until the leading bit is found.
    pub(super) fn encode_mu(sample: i16) -> u8 {
        let sign = if sample < 0 { 0x80 } else { 0 };
        let mut magnitude = (i32::from(sample).abs() + 132).min(32_767);
        let mut segment = 7;
        let mut bit = 0x4000;
        while segment > 0 && magnitude & bit == 0 {
            segment -= 1;
            bit >>= 1;
        }
        magnitude = (magnitude >> (segment + 3)) & 0x0F;
        !(sign | (segment << 4) as u8 | magnitude as u8)
    }

    fn decode_mu(code: u8) -> i16 {
        let code = !code;
        let segment = (code >> 4) & 7;
        let magnitude = (((i32::from(code & 0x0F) << 3) + 132) << segment) - 132;
        (if code & 0x80 == 0 { magnitude } else { -magnitude }) as i16
    }
}

criterion_group!(benches, sessions, naive);
criterion_main!(benches);
