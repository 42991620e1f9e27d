//! The media side of a voice agent: the caller's audio goes out in frames of 16 kHz with speech events, the agent's
//! answer comes in and stops when the caller interrupts. `cargo run -p mc-engine --example voice_agent`

#![allow(clippy::print_stdout, reason = "an example prints")]

use std::sync::mpsc;
use std::time::Duration;

use mc_engine::{
    AudioProcessingConfig, EndpointConfig, EngineError, MediaEndpoint, MediaEngine, MediaEngineConfig,
    MediaSessionParams, NearEnd, PooledAudioFrame, SampleRate,
};

const TICK_MS: u32 = 20;
const NARROW: usize = SampleRate::Hz8000.samples_in_ms(TICK_MS);
const WIDE: usize = SampleRate::Hz16000.samples_in_ms(TICK_MS);

/// What the agent is told.
enum Event {
    SpeechBegan {
        at_ms: u64,
    },
    SpeechEnded {
        at_ms: u64,
    },
    /// 20 ms at 16 kHz, from the engine's pool: it goes back there when the agent drops it.
    Audio(PooledAudioFrame<f32>),
}

/// The caller's leg.
struct Tap {
    endpoint: MediaEndpoint,
    events: mpsc::SyncSender<Event>,
    speaking: bool,
}

impl Tap {
    fn new(engine: &MediaEngine, events: mpsc::SyncSender<Event>) -> Result<Self, EngineError> {
        // The caller's telephone may play our answer back to us, and it is the caller whose speech is looked for.
        let listening =
            AudioProcessingConfig::default().with_use_advanced_aec(true).with_use_advanced_vad(true);
        let config =
            EndpointConfig::default().with_near_end(NearEnd::Received).with_rate(SampleRate::Hz16000);
        let params = MediaSessionParams::default().with_processing(listening);
        Ok(Self { endpoint: engine.create_media_endpoint(&config, params)?, events, speaking: false })
    }

    /// What the caller said, to the agent. Returns whether the caller interrupts.
    fn listen(&mut self, engine: &MediaEngine, now: Duration) -> bool {
        let mut audio = [0.0; WIDE];
        self.endpoint.play(&mut audio, now);
        let speaks = self.endpoint.processed().voice.is_some_and(|voice| voice.is_speech);
        let at_ms = now.as_millis() as u64;
        let began = speaks && !self.speaking;
        if began {
            self.tell(Event::SpeechBegan { at_ms });
        } else if self.speaking && !speaks {
            self.tell(Event::SpeechEnded { at_ms });
        }
        self.speaking = speaks;
        if let Some(Ok(frame)) = engine.frame_pool().map(|pool| pool.get_copy(&audio)) {
            self.tell(Event::Audio(frame));
        }
        began
    }

    /// An agent that does not keep up loses events, never the call its time.
    fn tell(&self, event: Event) {
        let _ = self.events.try_send(event);
    }
}

/// A caller who speaks, listens, and interrupts at 6 s.
fn caller(tick: u64) -> [f32; NARROW] {
    let speaks = (50..100).contains(&tick) || (300..350).contains(&tick);
    std::array::from_fn(|n| {
        let t = (tick as usize * NARROW + n) as f32 / 8_000.0;
        let syllable = (t * 4.0 * std::f32::consts::TAU).sin().max(0.0);
        let voice =
            (1..20).map(|k| (t * 130.0 * k as f32 * std::f32::consts::TAU).sin() / k as f32).sum::<f32>();
        if speaks { 0.1 * syllable * voice } else { 0.0 }
    })
}

/// The network: what it brings and nobody wants is counted there.
fn arrive(end: &mut MediaEndpoint, packet: &[u8], now: Duration) {
    let _ = end.receive(packet, now);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let engine = MediaEngine::new(MediaEngineConfig::default())?;
    let (events, inbox) = mpsc::sync_channel(64);
    // The agent: here it only counts and prints; a recogniser would take the audio.
    let agent = std::thread::spawn(move || {
        let mut samples = 0;
        for event in inbox {
            match event {
                Event::SpeechBegan { at_ms } => println!("{at_ms:>5} ms: the caller speaks"),
                Event::SpeechEnded { at_ms } => println!("{at_ms:>5} ms: the caller is silent"),
                Event::Audio(frame) => samples += frame.len(),
            }
        }
        samples
    });
    let mut tap = Tap::new(&engine, events)?;
    let mut telephone =
        engine.create_media_endpoint(&EndpointConfig::default(), MediaSessionParams::default())?;
    // Six seconds of an answer, from the end of the caller's first words.
    let answer: Vec<f32> = (0..6 * 16_000).map(|n| 0.1 * (n as f32 * 0.2).sin()).collect();
    let mut remaining: Option<&[f32]> = None;
    for tick in 0..500u64 {
        let now = Duration::from_millis(tick * u64::from(TICK_MS));
        telephone.send(&caller(tick), |packet| arrive(&mut tap.endpoint, packet, now));
        if tap.listen(&engine, now) && remaining.take().is_some() {
            println!("{:>5} ms: the answer stops", now.as_millis());
        }
        if tick == 120 {
            remaining = Some(&answer);
        }
        let frame = remaining.and_then(|rest| rest.split_at_checked(WIDE));
        remaining = frame.map(|(_, rest)| rest);
        let answer = frame.map_or(&[0.0; WIDE][..], |(now, _)| now);
        tap.endpoint.send(answer, |packet| arrive(&mut telephone, packet, now));
    }
    let heard = tap.endpoint.handle().endpoint();
    drop(tap);
    let samples = agent.join().map_err(|_| "the agent has failed")?;
    println!("the agent has got {:.1} s of audio at 16 kHz", samples as f32 / 16_000.0);
    println!("the caller's leg: {heard:?}");
    Ok(())
}
