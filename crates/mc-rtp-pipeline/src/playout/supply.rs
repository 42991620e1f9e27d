//! What the line is made of: packets, and what stands in for those that are missing or were never sent.

use std::time::Duration;

use mc_dsp::{ConfigError, SampleRate};

use super::PlayoutStats;
use super::clock::Clock;
use super::line::Line;
use super::patch::Patch;
use crate::codec::Codec;
use crate::comfort_noise::{NoiseDescription, NoiseGenerator};
use crate::jitter::{Insertion, JitterBuffer, JitterConfig, MediaPacket};

/// What is made up at a time while nothing is known of what follows, in milliseconds.
const GUESS_MS: u32 = 10;

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

/// Takes packets out of a jitter buffer and appends their audio to a line, in the order of their timestamps and
/// without gaps.
#[derive(Debug)]
pub(crate) struct Supply<C> {
    pub(crate) buffer: JitterBuffer,
    pub(crate) line: Line,
    codec: C,
    clock: Clock,
    rate: SampleRate,
    /// Whether the delay follows the jitter.
    adaptive: bool,
    patch: Patch,
    noise: NoiseGenerator,
    /// Timestamp of what is to be appended to the line next; `None` before the first packet.
    position: Option<u32>,
    end: End,
    /// Payload types that are no audio of the codec's.
    pub(crate) comfort_noise: u8,
    pub(crate) telephone_events: Option<u8>,
    pub(crate) stats: PlayoutStats,
}

impl<C: Codec> Supply<C> {
    /// A supply of `codec`'s audio whose line has room for `waiting` samples.
    pub(crate) fn new(config: &JitterConfig, codec: C, waiting: usize) -> Result<Self, ConfigError> {
        let rate = codec.sample_rate();
        let patch = Patch::new(rate);
        Ok(Self {
            buffer: JitterBuffer::new(config)?,
            line: Line::new(patch.history(), waiting),
            clock: Clock::of(&codec),
            rate,
            adaptive: !config.is_fixed(),
            patch,
            noise: NoiseGenerator::new(0),
            position: None,
            end: End::Received,
            comfort_noise: COMFORT_NOISE,
            telephone_events: None,
            stats: PlayoutStats::default(),
            codec,
        })
    }

    /// Takes in a packet that arrived at `now`.
    pub(crate) fn insert(&mut self, packet: &MediaPacket<'_>, now: Duration) -> Insertion {
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

    /// Places the first packet of a source so that it is played with the delay aimed at.
    pub(crate) fn start(&mut self, now: Duration) {
        if self.position.is_none()
            && let Some(first) = self.buffer.peek()
        {
            let target_us = self.buffer.target_delay().as_micros() as i64;
            let wait = self.clock.samples_in_us(target_us - self.buffer.delay_us(first.timestamp, now));
            let wait = wait.saturating_sub(self.line.waiting_len());
            self.position = Some(first.timestamp);
            if let Some(silence) = self.line.extend(wait) {
                silence.fill(0.0);
            }
            self.end = End::Received;
        }
    }

    /// Appends what comes next to the line; false if there is no room for it.
    pub(crate) fn append(&mut self, now: Duration) -> bool {
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
        let gap = self.clock.samples(ahead as u32);
        if self.end == End::Pause || next.missing == 0 {
            return self.pause_before(gap, now);
        }
        if gap <= self.patch.max_gap() { self.bridge(gap) } else { self.guess(chunk) }
    }

    /// Appends packets that follow each other until `samples` wait or one is missing.
    pub(crate) fn append_following(&mut self, samples: usize) {
        while self.line.waiting_len() < samples
            && self.end == End::Received
            && self.buffer.peek().map(|packet| packet.timestamp) == self.position
            && self.append_packet()
        {}
    }

    /// Appends a part of the pause of `gap` samples before the packet that is next. This is where the delay
    /// becomes the one aimed at without being heard.
    fn pause_before(&mut self, gap: usize, now: Duration) -> bool {
        let chunk = self.rate.samples_in_ms(GUESS_MS).min(gap);
        let excess_us = self.excess_us(now).filter(|_| self.adaptive).unwrap_or(0);
        let excess = self.clock.samples_in_us(excess_us.saturating_abs());
        if excess < chunk {
            return self.pause(chunk);
        }
        if excess_us > 0 {
            let cut = excess.min(gap);
            let appended = self.pause((gap - cut).min(chunk));
            self.advance(cut);
            return appended;
        }
        let position = self.position;
        let appended = self.pause(chunk);
        self.position = position;
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
        let known = self.codec.select(packet.payload_type);
        let samples = self.codec.samples_in(packet.payload).filter(|_| known).unwrap_or(0);
        if samples == 0 || samples > self.rate.max_frame_samples() {
            self.stats.undecodable += 1;
            return true;
        }
        let behind = self.position.map_or(0, |position| position.wrapping_sub(packet.timestamp));
        let behind = if self.adaptive { 0 } else { self.clock.samples(behind) };
        let after = packet.timestamp.wrapping_add(self.clock.ticks(samples));
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
            self.patch.join(&mut self.line, samples - behind);
        }
        true
    }

    /// Makes up `samples` without knowing what follows.
    fn guess(&mut self, samples: usize) -> bool {
        self.begin_guessing();
        let Some(room) = self.line.extend(samples) else { return false };
        self.patch.guess(room);
        self.stats.concealed += samples as u64;
        self.advance(samples);
        true
    }

    fn begin_guessing(&mut self) {
        if self.end != End::Guessed {
            self.patch.begin(&self.line);
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
        self.append_following(before + gap + self.patch.future());
        let future = self.line.waiting_len() - before - gap;
        self.patch.bridge(&mut self.line, gap, future);
        true
    }

    fn advance(&mut self, samples: usize) {
        let ticks = self.clock.ticks(samples);
        self.position = self.position.map(|position| position.wrapping_add(ticks));
    }

    /// Whether the end of the line is what was sent.
    pub(crate) fn ends_with_received(&self) -> bool {
        self.end == End::Received
    }

    /// How far the delay is above the one aimed at, in microseconds.
    pub(crate) fn excess_us(&self, now: Duration) -> Option<i64> {
        Some(self.delay_us(now)? - self.buffer.target_delay().as_micros() as i64)
    }

    /// The delay in microseconds of the first sample that waits, if it is played at `now`.
    pub(crate) fn delay_us(&self, now: Duration) -> Option<i64> {
        let position = self.position?;
        let head = position.wrapping_sub(self.clock.ticks(self.line.waiting_len()));
        Some(self.buffer.delay_us(head, now))
    }

    /// Whether everything that has arrived has been played.
    pub(crate) fn is_drained(&self) -> bool {
        self.buffer.is_empty()
            && (self.position.is_none() || self.end != End::Received || self.line.waiting_len() == 0)
    }
}
