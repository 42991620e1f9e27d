//! From packets to audio.

use std::time::Duration;

use mc_dsp::{ConfigError, SampleRate};

use super::PlayoutStats;
use super::level::SpeechLevel;
use super::line::Line;
use super::pace::{Pace, Step};
use crate::codec::Codec;
use crate::comfort_noise::{NoiseDescription, NoiseGenerator};
use crate::conceal::{Bridge, Extrapolator, TimeScaler, crossfade};
use crate::jitter::{Insertion, JitterBuffer, JitterConfig, JitterStats, MediaPacket};

/// What is made up at a time while nothing is known of what follows, in milliseconds.
const GUESS_MS: u32 = 10;

/// Cross-fade from made-up to real audio, in milliseconds.
const JOIN_MS: u32 = 5;

/// Correlation from which periods are taken out of speech or put in.
const PERIODIC: f32 = 0.6;

/// Static payload type of comfort noise (RFC 3551 §6).
const COMFORT_NOISE: u8 = 13;

/// What the end of the line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// What was sent.
    Received,
    /// Made up, because something is missing.
    Guessed,
    /// A pause that the sender left out.
    Pause,
}

/// An adaptive jitter buffer with its decoder, loss concealment and time scaling: packets go in when they
/// arrive, and audio comes out whenever the player needs some.
///
/// The caller gives the time of both; nothing allocates after construction.
#[derive(Debug)]
pub struct Playout<C> {
    buffer: JitterBuffer,
    codec: C,
    rate: SampleRate,
    /// Whether the delay follows the jitter.
    adaptive: bool,
    line: Line,
    forward: Extrapolator,
    bridge: Bridge,
    scaler: TimeScaler,
    level: SpeechLevel,
    pace: Pace,
    /// Timestamp of what is to be appended to the line next; `None` before the first packet.
    position: Option<u32>,
    end: End,
    noise: NoiseGenerator,
    /// Payload types that are no audio of the codec's.
    comfort_noise: u8,
    telephone_events: Option<u8>,
    join: Box<[f32]>,
    /// The delay of what was played last, in microseconds.
    played_delay_us: Option<i64>,
    stats: PlayoutStats,
}

impl<C: Codec> Playout<C> {
    /// A receiver for packets of `codec`; the clock rate in `config` is replaced by the codec's.
    ///
    /// # Errors
    /// [`ConfigError`] from [`JitterConfig::validate`].
    pub fn new(config: &JitterConfig, codec: C) -> Result<Self, ConfigError> {
        let config = config.clone().with_clock_rate(codec.clock_rate());
        let rate = codec.sample_rate();
        let (forward, scaler) = (Extrapolator::new(rate), TimeScaler::new(rate));
        // What is waited for, a gap, two packets behind it, and a period put in.
        let room = 2 * scaler.needed() + 5 * rate.max_frame_samples();
        Ok(Self {
            buffer: JitterBuffer::new(&config)?,
            rate,
            adaptive: !config.is_fixed(),
            line: Line::new(forward.history(), room),
            forward,
            bridge: Bridge::new(rate),
            join: vec![0.0; rate.samples_in_ms(JOIN_MS) + scaler.needed()].into(),
            scaler,
            level: SpeechLevel::default(),
            pace: Pace::default(),
            position: None,
            end: End::Received,
            noise: NoiseGenerator::new(0),
            comfort_noise: COMFORT_NOISE,
            telephone_events: None,
            played_delay_us: None,
            stats: PlayoutStats::default(),
            codec,
        })
    }

    /// Takes packets of `payload_type` for comfort noise; 13, its static type, without this.
    #[must_use]
    pub fn with_comfort_noise(mut self, payload_type: u8) -> Self {
        self.comfort_noise = payload_type;
        self
    }

    /// Takes packets of `payload_type` for telephone events, which are played as a pause; what they say is
    /// [`EventReceiver`](crate::telephone_event::EventReceiver)'s to tell.
    #[must_use]
    pub fn with_telephone_events(mut self, payload_type: u8) -> Self {
        self.telephone_events = Some(payload_type);
        self
    }

    /// Takes in a packet that arrived at `now`.
    pub fn insert(&mut self, packet: &MediaPacket<'_>, now: Duration) -> Insertion {
        let insertion = if self.telephone_events == Some(packet.payload_type) {
            self.buffer.insert_untimed(packet)
        } else {
            self.buffer.insert(packet, now)
        };
        if insertion == Insertion::NewSource {
            self.position = None;
        }
        insertion
    }

    /// Plays at `now`: fills `out` (±1.0, up to 60 ms).
    pub fn play(&mut self, out: &mut [f32], now: Duration) {
        for out in out.chunks_mut(self.rate.max_frame_samples()) {
            self.play_frame(out, now);
        }
    }

    fn play_frame(&mut self, out: &mut [f32], now: Duration) {
        let period = self.duration(out.len());
        self.buffer.update_target(period);
        self.start(now);
        if self.adaptive {
            self.adapt(out.len(), now);
        }
        while self.line.waiting_len() < out.len() && self.append(now) {}
        self.played_delay_us = self.delay_us(now);
        self.line.play(out);
        self.level.hear(out, self.rate.hz());
        self.stats.played += out.len() as u64;
    }

    /// Places the first packet of a source so that it is played with the delay aimed at.
    fn start(&mut self, now: Duration) {
        if self.position.is_none()
            && let Some(first) = self.buffer.peek()
        {
            let wait_us =
                self.buffer.target_delay().as_micros() as i64 - self.buffer.delay_us(first.timestamp, now);
            let wait = (wait_us.max(0) * i64::from(self.rate.hz()) / 1_000_000) as usize;
            let wait = wait.saturating_sub(self.line.waiting_len());
            self.position = Some(first.timestamp);
            if let Some(silence) = self.line.extend(wait) {
                silence.fill(0.0);
            }
            self.end = End::Received;
        }
    }

    /// Appends what comes next to the line; false if there is no room for it.
    fn append(&mut self, now: Duration) -> bool {
        let chunk = self.rate.samples_in_ms(GUESS_MS);
        let Some(position) = self.position else {
            return self.line.extend(chunk).map(|silence| silence.fill(0.0)).is_some();
        };
        let Some(next) = self.buffer.peek() else {
            return if self.end == End::Pause { self.pause(chunk) } else { self.guess(chunk) };
        };
        let ahead = next.timestamp.wrapping_sub(position) as i32;
        if ahead <= 0 {
            return self.append_packet();
        }
        let gap = self.samples(ahead as u32);
        if self.end == End::Pause || next.missing == 0 {
            return self.pause_before(gap, now);
        }
        if gap <= self.bridge.max_gap() { self.bridge(gap) } else { self.guess(chunk) }
    }

    /// Appends a part of the pause of `gap` samples before the packet that is next. This is where the delay
    /// becomes the one aimed at without being heard.
    fn pause_before(&mut self, gap: usize, now: Duration) -> bool {
        let chunk = self.rate.samples_in_ms(GUESS_MS).min(gap);
        let excess_us = self.excess_us(now).filter(|_| self.adaptive).unwrap_or(0);
        let excess = (excess_us * i64::from(self.rate.hz()) / 1_000_000) as isize;
        if excess.unsigned_abs() < chunk {
            return self.pause(chunk);
        }
        let cut = if excess > 0 { excess.unsigned_abs().min(gap) } else { 0 };
        let position = self.position;
        let appended = self.pause(if excess > 0 { (gap - cut).min(chunk) } else { chunk });
        if excess > 0 {
            self.advance(cut);
        } else {
            self.position = position;
        }
        appended
    }

    /// Appends `samples` of comfort noise.
    fn pause(&mut self, samples: usize) -> bool {
        self.end = End::Pause;
        let Some(room) = self.line.extend(samples) else { return false };
        self.noise.fill(room);
        self.stats.noise += samples as u64;
        self.advance(samples);
        true
    }

    /// Appends the packet that is next, wherever its timestamp lies.
    fn append_packet(&mut self) -> bool {
        let Some(packet) = self.buffer.take() else { return false };
        if packet.payload_type == self.comfort_noise {
            if let Some(description) = NoiseDescription::read(packet.payload) {
                self.noise.describe(&description);
            }
            self.end = End::Pause;
            return true;
        }
        if self.telephone_events == Some(packet.payload_type) {
            self.end = End::Pause;
            return true;
        }
        let samples = self.codec.samples_in(packet.payload).unwrap_or(0);
        if samples == 0 || samples > self.rate.max_frame_samples() {
            self.stats.undecodable += 1;
            return true;
        }
        let behind = self.position.map_or(0, |position| position.wrapping_sub(packet.timestamp));
        let behind = if self.adaptive { 0 } else { samples_of(&self.codec, behind) };
        let after = packet.timestamp.wrapping_add(ticks_of(&self.codec, samples));
        if behind >= samples {
            // A fixed buffer does not wait: this was to be played before.
            return true;
        }
        let Some(room) = self.line.extend(samples) else { return false };
        if self.codec.decode(packet.payload, room).is_err() {
            self.stats.undecodable += 1;
            room.fill(0.0);
        }
        if behind > 0 {
            room.copy_within(behind.., 0);
            let left = self.line.waiting_len() - behind;
            self.line.set_waiting_len(left);
        }
        self.position = Some(after);
        if std::mem::replace(&mut self.end, End::Received) == End::Guessed {
            self.join(samples - behind);
        }
        true
    }

    /// Fades from what was made up to the `samples` real ones at the end of the line.
    fn join(&mut self, samples: usize) {
        let fade = self.rate.samples_in_ms(JOIN_MS).min(samples);
        self.forward.extend(&mut self.join[..fade]);
        let (_, real) = self.line.split_end(samples);
        crossfade(&self.join[..fade], real);
    }

    /// Makes up `samples` without knowing what follows.
    fn guess(&mut self, samples: usize) -> bool {
        self.begin_guessing();
        let Some(room) = self.line.extend(samples) else { return false };
        self.forward.extend(room);
        self.stats.concealed += samples as u64;
        self.advance(samples);
        true
    }

    fn begin_guessing(&mut self) {
        if self.end != End::Guessed {
            self.forward.begin(self.line.known());
            self.end = End::Guessed;
        }
    }

    /// Makes up the `gap` samples before the packet that is next.
    fn bridge(&mut self, gap: usize) -> bool {
        self.begin_guessing();
        let before = self.line.waiting_len();
        if self.line.extend(gap).is_none() {
            return false;
        }
        self.stats.concealed += gap as u64;
        self.advance(gap);
        self.end = End::Received;
        // What lies behind the gap: the next packet, and the one after it if it follows.
        while self.line.waiting_len() < before + gap + self.bridge.future() {
            let next = self.buffer.peek().map(|packet| packet.timestamp);
            if next != self.position || !self.append_packet() {
                break;
            }
        }
        let future = self.line.waiting_len() - before - gap;
        let (known, rest) = self.line.split_end(gap + future);
        let (gap, future) = rest.split_at_mut(gap);
        self.bridge.fill(&mut self.forward, known, future, gap);
        true
    }

    fn advance(&mut self, samples: usize) {
        let ticks = ticks_of(&self.codec, samples);
        self.position = self.position.map(|position| position.wrapping_add(ticks));
    }

    /// Plays a little faster or slower when the delay is not the one aimed at.
    fn adapt(&mut self, frame: usize, now: Duration) {
        let Some(excess_us) = self.excess_us(now).filter(|_| self.end == End::Received) else { return };
        if self.pace.is_content(excess_us) {
            return;
        }
        let wanted = self.scaler.needed() + frame;
        while self.line.waiting_len() < wanted
            && self.end == End::Received
            && self.buffer.peek().map(|packet| packet.timestamp) == self.position
        {
            if !self.append_packet() {
                break;
            }
        }
        let waiting = self.line.waiting();
        let start = &waiting[..waiting.len().min(self.scaler.needed())];
        let in_pause = self.level.is_pause(start);
        let step = self.pace.step(excess_us, in_pause, now);
        let (Step::Shorten(limit_us) | Step::Lengthen(limit_us)) = step else { return };
        let limit = (limit_us * i64::from(self.rate.hz()) / 1_000_000) as usize;
        let Some(pitch) = self.scaler.lag(waiting, limit) else { return };
        if !in_pause && pitch.correlation < PERIODIC {
            return;
        }
        let length = waiting.len();
        if matches!(step, Step::Shorten(_)) {
            let Some(waiting) = self.line.waiting_mut(0) else { return };
            let left = self.scaler.shorten(waiting, pitch.lag);
            self.line.set_waiting_len(left);
            self.stats.shortened += pitch.lag as u64;
        } else {
            let Some(waiting) = self.line.waiting_mut(pitch.lag) else { return };
            self.scaler.lengthen(waiting, length, pitch.lag);
            self.line.set_waiting_len(length + pitch.lag);
            self.stats.lengthened += pitch.lag as u64;
        }
        self.pace.stepped(now);
    }

    /// The delay that what was played last had, against a packet that took the fastest way; `None` before the
    /// first packet.
    #[must_use]
    pub fn delay(&self) -> Option<Duration> {
        self.played_delay_us.map(|delay_us| Duration::from_micros(delay_us.max(0).unsigned_abs()))
    }

    /// How far the delay is above the one aimed at, in microseconds.
    fn excess_us(&self, now: Duration) -> Option<i64> {
        Some(self.delay_us(now)? - self.buffer.target_delay().as_micros() as i64)
    }

    /// The delay in microseconds of the first sample that waits, if it is played at `now`.
    fn delay_us(&self, now: Duration) -> Option<i64> {
        let position = self.position?;
        let head = position.wrapping_sub(ticks_of(&self.codec, self.line.waiting_len()));
        Some(self.buffer.delay_us(head, now))
    }

    /// Whether everything that has arrived has been played.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.buffer.is_empty()
            && (self.position.is_none() || self.end != End::Received || self.line.waiting_len() == 0)
    }

    /// The delay aimed at.
    #[must_use]
    pub const fn target_delay(&self) -> Duration {
        self.buffer.target_delay()
    }

    /// What became of the packets.
    #[must_use]
    pub const fn packets(&self) -> &JitterStats {
        self.buffer.stats()
    }

    /// What was played.
    #[must_use]
    pub const fn stats(&self) -> &PlayoutStats {
        &self.stats
    }

    fn duration(&self, samples: usize) -> Duration {
        Duration::from_micros(samples as u64 * 1_000_000 / u64::from(self.rate.hz()))
    }

    fn samples(&self, ticks: u32) -> usize {
        samples_of(&self.codec, ticks)
    }
}

fn samples_of(codec: &impl Codec, ticks: u32) -> usize {
    let samples = u64::from(ticks) * u64::from(codec.sample_rate().hz()) / u64::from(codec.clock_rate());
    samples as usize
}

fn ticks_of(codec: &impl Codec, samples: usize) -> u32 {
    (samples as u64 * u64::from(codec.clock_rate()) / u64::from(codec.sample_rate().hz())) as u32
}
