//! Three telephones in a conference, 10 s: RTP in, everybody else as RTP out. `cargo run -p mc-engine --example conference`

#![allow(clippy::print_stdout, reason = "an example prints")]

use std::time::Duration;

use mc_engine::{
    AdvancedVadConfig, Conference, ConferenceConfig, EndpointConfig, MediaEndpoint, PartyId, PayloadFormat,
    SampleRate,
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
        room: &mut Conference,
        format: PayloadFormat,
        hum: (f32, std::ops::Range<u64>),
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let end = |ssrc| MediaEndpoint::new(&EndpointConfig::default().with_format(format).with_ssrc(ssrc));
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

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config =
        ConferenceConfig::default().with_speech_detection(AdvancedVadConfig::default()).with_loudest(2);
    let mut room = Conference::new(config)?;
    let mut legs = [
        Leg::new(&mut room, PayloadFormat::PCMU, (110.0, 0..200))?,
        Leg::new(&mut room, PayloadFormat::PCMA, (150.0, 180..400))?,
        Leg::new(&mut room, PayloadFormat::PCMU, (210.0, 400..500))?,
    ];
    let mut packet = [0; 200];
    let mut audio = [0.0; TICK];
    for tick in 0..500 {
        let now = Duration::from_millis(tick * TICK_MS);
        for leg in &mut legs {
            let length = leg.telephone.send(&leg.speak(tick), &mut packet)?;
            leg.ours.receive(&packet[..length], now)?;
            if let Some(place) = room.speak(leg.party) {
                leg.ours.play(place, now);
            }
        }
        room.tick();
        for leg in &mut legs {
            let length = leg.ours.send(room.hear(leg.party), &mut packet)?;
            leg.telephone.receive(&packet[..length], now)?;
            leg.telephone.play(&mut audio, now);
            leg.heard = audio.iter().fold(0.0, |peak, sample| peak.max(sample.abs()));
        }
        if tick % 50 == 25 {
            let speaker = legs.iter().position(|leg| room.active_speaker() == Some(leg.party));
            let heard = legs.each_ref().map(|leg| format!("{:.2}", leg.heard));
            println!("{:>4} ms: speaker {speaker:?}, peaks heard {}", tick * TICK_MS, heard.join(" "));
        }
    }
    Ok(())
}
