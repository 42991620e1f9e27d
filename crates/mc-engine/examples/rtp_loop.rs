//! One leg in a loop: RTP in, RTP out, then its metrics. `cargo run -p mc-engine --example rtp_loop`

#![allow(clippy::print_stdout, reason = "an example prints")]

use std::time::Instant;

use mc_engine::{
    AudioProcessingConfig, Clock, G711, Law, MediaEngine, MediaEngineConfig, MediaSessionParams,
    PayloadFormat, PerformanceConfig, RtpPipelineConfig, Stage,
};

struct MonotonicClock(Instant);

impl Clock for MonotonicClock {
    fn now_ns(&self) -> u64 {
        self.0.elapsed().as_nanos() as u64
    }
}

/// A PCMU packet of 20 ms: what a socket would have received. Quiet bursts of a 440 Hz tone, as long as
/// syllables, so that the voice detector and the gain control have something to do.
fn receive(sequence: u16) -> Vec<u8> {
    let timestamp = u32::from(sequence) * 160;
    let codec = G711::new(Law::Mu);
    let amplitude = if sequence % 20 < 12 { 500.0 } else { 5.0 };
    let tone = (0..160).map(|n| {
        let phase = f64::from(timestamp + n) * 440.0 / 8_000.0 * std::f64::consts::TAU;
        codec.encode_sample((phase.sin() * amplitude) as i16)
    });
    let mut packet = vec![0x80, 0];
    packet.extend(sequence.to_be_bytes());
    packet.extend(timestamp.to_be_bytes());
    packet.extend(0xA11C_E000_u32.to_be_bytes());
    packet.extend(tone);
    packet
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let engine = MediaEngine::new(
        MediaEngineConfig::default()
            .with_processing(AudioProcessingConfig::all())
            .with_performance(PerformanceConfig::default().with_time_one_in(10)),
    )?;
    let rtp = RtpPipelineConfig::default().with_egress(PayloadFormat::PCMA).with_ssrc(0x0B0B_0B0B);
    let mut session = engine.create_media_session(MediaSessionParams::default().with_rtp(rtp))?;
    let handle = session.handle();
    let clock = MonotonicClock(Instant::now());

    for sequence in 0..500 {
        let mut datagram = receive(sequence);
        let egress = session.process_packet(&mut datagram, &clock)?;
        if sequence % 100 == 10 {
            println!("{} bytes to send, {:?}", egress.packet().len(), handle.audio());
        }
    }

    let metrics = handle.metrics();
    println!("{} packets in, {} out", metrics.performance.packets_in, metrics.performance.packets_out);
    for stage in Stage::ALL {
        println!("{:>13}: median {} ns", stage.name(), metrics.performance.stage(stage).p50);
    }
    Ok(())
}
