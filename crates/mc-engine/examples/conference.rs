//! Three telephones in a conference, 10 s: RTP in, everybody else as RTP out. `cargo run -p mc-engine --example conference`

#![allow(clippy::print_stdout, reason = "an example prints")]

use std::time::Duration;

use mc_engine::{
    AdvancedVadConfig, Conference, ConferenceConfig, EndpointConfig, EngineError, MediaEndpoint, MediaEngine,
    MediaEngineConfig, MediaSessionParams, PartyId, PayloadFormat, SampleRate,
};

/// Samples of a tick at 8 kHz.
const TICK: usize = 160;
const TICK_MS: u64 = 20;

/// A telephone at the far end of the network, and our end of its leg.
struct Leg {
    telephone: MediaEndpoint,
    ours: MediaEndpoint,
    party: PartyId,
    /// What it hums, in hertz, and from which tick to which.
    hum: (f32, std::ops::Range<u64>),
    heard: f32,
}

impl Leg {
    fn new(
        engine: &MediaEngine,
        room: &mut Conference,
        format: PayloadFormat,
        hum: (f32, std::ops::Range<u64>),
    ) -> Result<Self, EngineError> {
        let end = |ssrc| {
            let config = EndpointConfig::default().with_formats(format).with_ssrc(ssrc);
            engine.create_media_endpoint(&config, MediaSessionParams::default())
        };
        let party = room.join(SampleRate::Hz8000)?;
        Ok(Self { telephone: end(1)?, ours: end(2)?, party, hum, heard: 0.0 })
    }

    fn speak(&self, tick: u64) -> [f32; TICK] {
        let (hz, ref when) = self.hum;
        std::array::from_fn(|n| {
            let t = (tick as usize * TICK + n) as f32 / 8_000.0;
            // Bursts as long as syllables, with harmonics as a voice has them.
            let loud = when.contains(&tick) && tick % 12 < 8;
            let voice =
                (1..6).map(|k| (t * hz * k as f32 * std::f32::consts::TAU).sin() / k as f32).sum::<f32>();
            if loud { 0.1 * voice } else { 0.0 }
        })
    }
}

/// The network: what it brings and nobody wants is counted there.
fn arrive(end: &mut MediaEndpoint, packet: &[u8], now: Duration) {
    let _ = end.receive(packet, now);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config =
        ConferenceConfig::default().with_speech_detection(AdvancedVadConfig::default()).with_loudest(2);
    let engine = MediaEngine::new(MediaEngineConfig::default())?;
    let mut room = Conference::new(config)?;
    let mut legs = [
        Leg::new(&engine, &mut room, PayloadFormat::PCMU, (110.0, 0..200))?,
        Leg::new(&engine, &mut room, PayloadFormat::PCMA, (150.0, 180..400))?,
        Leg::new(&engine, &mut room, PayloadFormat::PCMU, (210.0, 400..500))?,
    ];
    let mut audio = [0.0; TICK];
    for tick in 0..500 {
        let now = Duration::from_millis(tick * TICK_MS);
        for leg in &mut legs {
            let voice = leg.speak(tick);
            leg.telephone.send(&voice, |packet| arrive(&mut leg.ours, packet, now));
            if let Some(place) = room.speak(leg.party) {
                leg.ours.play(place, now);
            }
        }
        room.tick();
        for leg in &mut legs {
            leg.ours.send(room.hear(leg.party), |packet| arrive(&mut leg.telephone, packet, now));
            leg.telephone.play(&mut audio, now);
            leg.heard = audio.iter().fold(0.0, |peak, sample| peak.max(sample.abs()));
        }
        if tick % 50 == 25 {
            let speaker = legs.iter().position(|leg| room.active_speaker() == Some(leg.party));
            let heard = legs.each_ref().map(|leg| format!("{:.2}", leg.heard));
            println!("{:>4} ms: speaker {speaker:?}, peaks heard {}", tick * TICK_MS, heard.join(" "));
        }
    }
    let metrics = engine.metrics();
    println!("{} packets sent, {:?}", metrics.performance.packets_out, metrics.endpoint);
    Ok(())
}
