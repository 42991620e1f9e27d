//! From packets to audio.

use std::time::Duration;

use mc_dsp::{ConfigError, SampleRate};

use super::PlayoutStats;
use super::clock::Clock;
use super::stretch::Stretch;
use super::supply::Supply;
use crate::codec::Codec;
use crate::jitter::{Insertion, JitterConfig, JitterStats, MediaPacket};

/// An adaptive jitter buffer with its decoder, loss concealment and time scaling: packets go in when they
/// arrive, and audio comes out whenever the player needs some.
///
/// The caller gives the time of both; nothing allocates after construction.
#[derive(Debug)]
pub struct Playout<C> {
    supply: Supply<C>,
    stretch: Stretch,
    clock: Clock,
    rate: SampleRate,
    /// Whether the delay follows the jitter.
    adaptive: bool,
    /// The delay of what was played last, in microseconds.
    played_delay_us: Option<i64>,
}

impl<C: Codec> Playout<C> {
    /// A receiver for packets of `codec`; the clock rate in `config` is replaced by the codec's.
    ///
    /// # Errors
    /// [`ConfigError`] from [`JitterConfig::validate`].
    pub fn new(config: &JitterConfig, codec: C) -> Result<Self, ConfigError> {
        let config = config.clone().with_clock_rate(codec.clock_rate());
        let (rate, clock) = (codec.sample_rate(), Clock::of(&codec));
        let stretch = Stretch::new(rate, clock);
        // What is waited for, a gap, two packets behind it, and a period put in.
        let room = 2 * stretch.needed() + 5 * rate.max_frame_samples();
        Ok(Self {
            supply: Supply::new(&config, codec, room)?,
            stretch,
            clock,
            rate,
            adaptive: !config.is_fixed(),
            played_delay_us: None,
        })
    }

    /// Takes packets of `payload_type` for comfort noise; 13, its static type, without this.
    #[must_use]
    pub fn with_comfort_noise(mut self, payload_type: u8) -> Self {
        self.supply.comfort_noise = payload_type;
        self
    }

    /// Takes packets of `payload_type` for telephone events, which are played as a pause; what they say is
    /// [`EventReceiver`](crate::telephone_event::EventReceiver)'s to tell.
    #[must_use]
    pub fn with_telephone_events(mut self, payload_type: u8) -> Self {
        self.supply.telephone_events = Some(payload_type);
        self
    }

    /// Takes in a packet that arrived at `now`.
    pub fn insert(&mut self, packet: &MediaPacket<'_>, now: Duration) -> Insertion {
        self.supply.insert(packet, now)
    }

    /// Plays at `now`: fills `out` (±1.0, up to 60 ms).
    pub fn play(&mut self, out: &mut [f32], now: Duration) {
        for out in out.chunks_mut(self.rate.max_frame_samples()) {
            self.play_frame(out, now);
        }
    }

    fn play_frame(&mut self, out: &mut [f32], now: Duration) {
        let Self { supply, stretch, .. } = self;
        supply.buffer.update_target(self.clock.duration(out.len()));
        supply.start(now);
        if self.adaptive
            && supply.ends_with_received()
            && let Some(excess_us) = supply.excess_us(now)
            && !stretch.is_content(excess_us)
        {
            supply.append_following(stretch.needed() + out.len());
            stretch.change(&mut supply.line, excess_us, now, &mut supply.stats);
        }
        while supply.line.waiting_len() < out.len() && supply.append(now) {}
        self.played_delay_us = supply.delay_us(now);
        supply.line.play(out);
        stretch.hear(out);
        supply.stats.played += out.len() as u64;
    }

    /// The delay that what was played last had, against a packet that took the fastest way; `None` before the
    /// first packet.
    #[must_use]
    pub fn delay(&self) -> Option<Duration> {
        self.played_delay_us.map(|delay_us| Duration::from_micros(delay_us.max(0).unsigned_abs()))
    }

    /// Whether everything that has arrived has been played.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.supply.is_drained()
    }

    /// The delay aimed at.
    #[must_use]
    pub const fn target_delay(&self) -> Duration {
        self.supply.buffer.target_delay()
    }

    /// What became of the packets.
    #[must_use]
    pub const fn packets(&self) -> &JitterStats {
        self.supply.buffer.stats()
    }

    /// What was played.
    #[must_use]
    pub const fn stats(&self) -> &PlayoutStats {
        &self.supply.stats
    }
}
