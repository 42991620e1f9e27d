//! A softphone without a sound card: two of them talk over a network that loses and delays packets, and one sits in
//! a room that echoes. `cargo run -p mc-engine --example softphone`

#![allow(clippy::print_stdout, reason = "an example prints")]

use std::time::Duration;

use mc_engine::{
    AecConfig, AgcConfig, AudioProcessingConfig, AudioProcessor, EndpointConfig, MediaEndpoint, NoClock,
    SampleRate, VadConfig,
};

const FRAME: usize = 160;
const FRAME_MS: u64 = 20;
/// The room answers this late, in samples, and this loud.
const ECHO: (usize, f32) = (300, 0.4);

/// Everything of one side but the devices.
struct Softphone {
    endpoint: MediaEndpoint,
    processor: AudioProcessor,
}

impl Softphone {
    fn new(ssrc: u32) -> Result<Self, mc_engine::ConfigError> {
        let processing = AudioProcessingConfig::default()
            .with_echo_cancellation(AecConfig::default())
            .with_use_advanced_aec(true)
            .with_voice_detection(VadConfig::default())
            .with_gain_control(AgcConfig::default().with_max_gain_db(6.0));
        Ok(Self {
            endpoint: MediaEndpoint::new(&EndpointConfig::default().with_ssrc(ssrc))?,
            processor: AudioProcessor::new(&processing, SampleRate::Hz8000)?,
        })
    }

    /// One tick of the sound card: what to play, and the packet of what the microphone heard meanwhile.
    fn tick(
        &mut self,
        microphone: &mut [f32],
        loudspeaker: &mut [f32],
        packet: &mut [u8],
        now: Duration,
    ) -> Result<usize, mc_engine::CodecError> {
        self.endpoint.play(loudspeaker, now);
        self.processor.process_capture_audio_v2(microphone, Some(loudspeaker), &NoClock);
        self.endpoint.send(microphone, packet)
    }
}

fn level_db(samples: &[f32]) -> f32 {
    10.0 * (samples.iter().map(|s| s * s).sum::<f32>() / samples.len() as f32 + 1e-10).log10()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut hands_free, mut headset) = (Softphone::new(1)?, Softphone::new(2)?);
    let mut played = vec![0.0f32; ECHO.0 + FRAME];
    let (mut noise, mut packet) = (1u32, [0; 200]);
    // Speech-like noise in bursts, from the headset; the other side only listens, in its room.
    let mut speak = |tick: u64| -> [f32; FRAME] {
        std::array::from_fn(|_| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let white = (noise >> 8) as f32 / 8_388_608.0 - 1.0;
            if tick % 40 < 30 { 0.1 * white } else { 0.0 }
        })
    };
    let (mut with_echo, mut without) = (Vec::new(), Vec::new());
    for tick in 0..500 {
        let now = Duration::from_millis(tick * FRAME_MS);
        let mut loudspeaker = [0.0; FRAME];

        let mut voice = speak(tick);
        let length = headset.tick(&mut voice, &mut loudspeaker, &mut packet, now)?;
        // The network: every 25th packet is lost, every third comes 15 ms late.
        if tick % 25 != 7 {
            let late = if tick % 3 == 0 { 15 } else { 0 };
            hands_free.endpoint.receive(&packet[..length], now + Duration::from_millis(late))?;
        }

        let mut microphone: [f32; FRAME] = std::array::from_fn(|n| ECHO.1 * played[n]);
        with_echo.extend_from_slice(&microphone);
        let length = hands_free.tick(&mut microphone, &mut loudspeaker, &mut packet, now)?;
        without.extend_from_slice(&microphone);
        played.drain(..FRAME);
        played.extend_from_slice(&loudspeaker);
        headset.endpoint.receive(&packet[..length], now)?;
    }
    let settled = with_echo.len() / 2;
    let endpoint = &hands_free.endpoint;
    println!("echo at the microphone {:.1} dBFS", level_db(&with_echo[settled..]));
    println!("echo that was sent     {:.1} dBFS", level_db(&without[settled..]));
    println!("delay of the jitter buffer {:?}", endpoint.delay());
    println!("samples concealed {} of {}", endpoint.played().concealed, endpoint.played().played);
    Ok(())
}
