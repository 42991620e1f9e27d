//! A softphone without a sound card: two of them talk over a network that loses and delays packets, and one sits in
//! a room that echoes. `cargo run -p mc-engine --example softphone`

#![allow(clippy::print_stdout, reason = "an example prints")]

use std::time::Duration;

use mc_engine::{
    AecConfig, AgcConfig, AudioProcessingConfig, EndpointConfig, EngineError, MediaEndpoint, MediaEngine,
    MediaEngineConfig, MediaSessionParams, VadConfig,
};

const FRAME: usize = 160;
const FRAME_MS: u64 = 20;
/// The room answers this late, in samples, and this loud.
const ECHO: (usize, f32) = (300, 0.4);

/// Everything of one side but the devices: its processors work on the microphone, and know what the loudspeaker plays.
fn softphone(engine: &MediaEngine, ssrc: u32) -> Result<MediaEndpoint, EngineError> {
    let processing = AudioProcessingConfig::default()
        .with_echo_cancellation(AecConfig::default())
        .with_use_advanced_aec(true)
        .with_voice_detection(VadConfig::default())
        .with_gain_control(AgcConfig::default().with_max_gain_db(6.0));
    // Pauses are left out: comfort noise was agreed on.
    let config = EndpointConfig::default().with_ssrc(ssrc).with_comfort_noise(13);
    engine.create_media_endpoint(&config, MediaSessionParams::default().with_processing(processing))
}

fn level_db(samples: &[f32]) -> f32 {
    10.0 * (samples.iter().map(|s| s * s).sum::<f32>() / samples.len() as f32 + 1e-10).log10()
}

/// The network: what it brings and nobody wants is counted there.
fn arrive(end: &mut MediaEndpoint, packet: &[u8], now: Duration) {
    let _ = end.receive(packet, now);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let engine = MediaEngine::new(MediaEngineConfig::default())?;
    let (mut hands_free, mut headset) = (softphone(&engine, 1)?, softphone(&engine, 2)?);
    let mut in_the_room = vec![0.0f32; ECHO.0 + FRAME];
    let mut noise = 1u32;
    // Speech-like noise in bursts, from the headset; the other side only listens, in its room.
    let mut speak = |tick: u64| -> [f32; FRAME] {
        std::array::from_fn(|_| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let white = (noise >> 8) as f32 / 8_388_608.0 - 1.0;
            if tick % 40 < 30 { 0.1 * white } else { 0.0 }
        })
    };
    let (mut echo, mut heard) = (Vec::new(), Vec::new());
    for tick in 0..500 {
        let now = Duration::from_millis(tick * FRAME_MS);
        let mut loudspeaker = [0.0; FRAME];

        headset.play(&mut loudspeaker, now);
        heard.extend_from_slice(&loudspeaker);
        // The network: every 25th packet is lost, every third comes 15 ms late.
        let late = Duration::from_millis(if tick % 3 == 0 { 15 } else { 0 });
        headset.send(&speak(tick), |packet| {
            if tick % 25 != 7 {
                arrive(&mut hands_free, packet, now + late);
            }
        });
        headset.poll_report(now, |report| arrive(&mut hands_free, report, now));

        hands_free.play(&mut loudspeaker, now);
        let microphone: [f32; FRAME] = std::array::from_fn(|n| ECHO.1 * in_the_room[n]);
        echo.extend_from_slice(&microphone);
        in_the_room.drain(..FRAME);
        in_the_room.extend_from_slice(&loudspeaker);
        hands_free.send(&microphone, |packet| arrive(&mut headset, packet, now));
        hands_free.poll_report(now, |report| arrive(&mut headset, report, now));
    }
    let settled = echo.len() / 2;
    println!("echo at the microphone {:.1} dBFS", level_db(&echo[settled..]));
    println!("echo that is heard     {:.1} dBFS", level_db(&heard[settled..]));
    println!("the hands-free end     {:?}", hands_free.handle().endpoint());
    println!("what it has done       {:?}", hands_free.handle().metrics().endpoint);
    Ok(())
}
