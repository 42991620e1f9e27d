//! The packets that wait.

use std::time::Duration;

use mc_dsp::ConfigError;

use super::bursts::BurstLength;
use super::delay::DelayEstimator;
use super::{JitterConfig, JitterStats, MediaPacket};
use crate::sequence::{Arrival, SequenceHistory};

/// Packets that can wait: one bit each of a word.
const SLOTS: usize = u64::BITS as usize;

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Insertion {
    /// It waits to be taken.
    Accepted,
    /// It waits, and is the first of another source; what waited before is gone.
    NewSource,
    /// It had come before.
    Duplicate,
    /// Its time had passed.
    Late,
    /// Its number is too far off to be believed at once.
    Stray,
    /// Its payload is longer than the buffer has room for.
    Oversized,
}

/// A packet that waits, or has just been taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitingPacket<'a> {
    /// The payload type.
    pub payload_type: u8,
    /// The marker bit.
    pub marker: bool,
    /// The sequence number.
    pub sequence: u16,
    /// The RTP timestamp of the first sample.
    pub timestamp: u32,
    /// Packets missing between the one taken before and this one.
    pub missing: u16,
    /// The payload.
    pub payload: &'a [u8],
}

/// An adaptive jitter buffer: puts packets in order, counts what is wrong with them, and says how long they
/// should wait.
///
/// It holds up to 64 packets and never allocates after construction. Inserting and taking cost the copy of
/// the payload and a few instructions, whatever waits. When to take is the caller's decision: see
/// [`delay_us`](Self::delay_us) and [`target_delay`](Self::target_delay).
#[derive(Clone, Debug)]
pub struct JitterBuffer {
    payload_room: usize,
    source: Option<Source>,
    /// Bit `n` says that slot `n` holds a packet; a packet's slot is its number modulo 64.
    occupied: u64,
    slots: Box<[Slot; SLOTS]>,
    payloads: Box<[u8]>,
    delay: DelayEstimator,
    bursts: BurstLength,
    stats: JitterStats,
}

#[derive(Clone, Debug)]
struct Source {
    ssrc: u32,
    history: SequenceHistory,
    /// The number that is to be taken next; what is before it is late.
    next: u16,
    /// How many numbers are before it, from the first that came.
    passed: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    payload_type: u8,
    marker: bool,
    length: u16,
    timestamp: u32,
}

impl JitterBuffer {
    /// A buffer that is empty.
    ///
    /// # Errors
    /// [`ConfigError`] from [`JitterConfig::validate`].
    pub fn new(config: &JitterConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self {
            payload_room: config.payload_bytes,
            source: None,
            occupied: 0,
            slots: Box::new([Slot::default(); SLOTS]),
            payloads: vec![0; SLOTS * config.payload_bytes].into(),
            delay: DelayEstimator::new(config),
            bursts: BurstLength::default(),
            stats: JitterStats::default(),
        })
    }

    /// Takes in a packet that arrived at `now`, by a clock of the caller's that never goes back.
    pub fn insert(&mut self, packet: &MediaPacket<'_>, now: Duration) -> Insertion {
        let insertion = self.insert_untimed(packet);
        if matches!(insertion, Insertion::Accepted | Insertion::NewSource | Insertion::Late) {
            self.delay.note(packet.timestamp, now);
        }
        insertion
    }

    /// Takes in a packet whose timestamp does not say when it was sent: telephone events have that of their
    /// beginning (RFC 4733 §2.2).
    pub fn insert_untimed(&mut self, packet: &MediaPacket<'_>) -> Insertion {
        let insertion = self.place(packet);
        match insertion {
            Insertion::Accepted | Insertion::NewSource => self.stats.accepted += 1,
            Insertion::Late => {
                self.stats.late += 1;
                self.stats.lost -= u64::from(self.was_awaited(packet.sequence));
            }
            Insertion::Duplicate => self.stats.duplicates += 1,
            Insertion::Stray => self.stats.strays += 1,
            Insertion::Oversized => self.stats.oversized += 1,
        }
        insertion
    }

    /// Whether `sequence`, which is late, is behind the first that came, and so has been counted as lost.
    fn was_awaited(&self, sequence: u16) -> bool {
        let source = self.source.as_ref();
        source.is_some_and(|source| u64::from(source.next.wrapping_sub(sequence)) <= source.passed)
    }

    #[inline]
    fn place(&mut self, packet: &MediaPacket<'_>) -> Insertion {
        if packet.payload.len() > self.payload_room {
            return Insertion::Oversized;
        }
        let arrival = match &mut self.source {
            Some(source) if source.ssrc == packet.ssrc => source.history.note(packet.sequence),
            _ => Arrival::Restart,
        };
        match arrival {
            Arrival::Duplicate => return Insertion::Duplicate,
            Arrival::Jump => return Insertion::Stray,
            Arrival::Restart => return self.start_source(packet),
            Arrival::Newest | Arrival::Late => {}
        }
        let Some(source) = &mut self.source else { return Insertion::Stray };
        let ahead = packet.sequence.wrapping_sub(source.next);
        if ahead > u16::MAX / 2 {
            return Insertion::Late;
        }
        if usize::from(ahead) >= SLOTS {
            self.make_room_for(packet.sequence);
        }
        self.stats.reordered += u64::from(arrival == Arrival::Late);
        self.store(packet);
        Insertion::Accepted
    }

    fn start_source(&mut self, packet: &MediaPacket<'_>) -> Insertion {
        self.stats.discarded += u64::from(self.occupied.count_ones());
        self.stats.source_changes += u64::from(self.source.is_some());
        self.occupied = 0;
        let history = SequenceHistory::starting_at(packet.sequence);
        self.source = Some(Source { ssrc: packet.ssrc, history, next: packet.sequence, passed: 0 });
        self.delay.restart();
        self.store(packet);
        Insertion::NewSource
    }

    /// Gives up the oldest numbers so that `sequence` fits.
    #[cold]
    fn make_room_for(&mut self, sequence: u16) {
        let Some(source) = &mut self.source else { return };
        let first = sequence.wrapping_sub(SLOTS as u16 - 1);
        let passed = usize::from(first.wrapping_sub(source.next));
        let gone = if passed >= SLOTS {
            u64::MAX
        } else {
            ((1u64 << passed) - 1).rotate_left(u32::from(source.next) % u64::BITS)
        };
        let discarded = u64::from((self.occupied & gone).count_ones());
        self.occupied &= !gone;
        self.stats.discarded += discarded;
        self.stats.lost += passed as u64 - discarded;
        source.next = first;
        source.passed += passed as u64;
    }

    #[inline]
    fn store(&mut self, packet: &MediaPacket<'_>) {
        let slot = usize::from(packet.sequence) % SLOTS;
        self.occupied |= 1 << slot;
        self.slots[slot] = Slot {
            payload_type: packet.payload_type,
            marker: packet.marker,
            length: packet.payload.len() as u16,
            timestamp: packet.timestamp,
        };
        let start = slot * self.payload_room;
        self.payloads[start..start + packet.payload.len()].copy_from_slice(packet.payload);
    }

    /// The packet that is to be taken next: the one with the lowest number that waits.
    #[must_use]
    pub fn peek(&self) -> Option<WaitingPacket<'_>> {
        self.waiting().next()
    }

    /// Everything that waits, in order of numbers.
    pub fn waiting(&self) -> impl Iterator<Item = WaitingPacket<'_>> {
        let next = self.source.as_ref().map_or(0, |source| source.next);
        let mut left = self.occupied.rotate_right(u32::from(next) % u64::BITS);
        std::iter::from_fn(move || {
            let missing = left.trailing_zeros() as u16;
            left &= left.wrapping_sub(1);
            (usize::from(missing) < SLOTS).then(|| self.at(next.wrapping_add(missing), missing))
        })
    }

    fn at(&self, sequence: u16, missing: u16) -> WaitingPacket<'_> {
        let place = usize::from(sequence) % SLOTS;
        let Slot { payload_type, marker, length, timestamp } = self.slots[place];
        let start = place * self.payload_room;
        let payload = &self.payloads[start..start + usize::from(length)];
        WaitingPacket { payload_type, marker, sequence, timestamp, missing, payload }
    }

    /// Takes the packet that [`peek`](Self::peek) shows. Numbers before it count as lost.
    pub fn take(&mut self) -> Option<WaitingPacket<'_>> {
        let source = self.source.as_mut()?;
        let left = self.occupied.rotate_right(u32::from(source.next) % u64::BITS);
        if left == 0 {
            return None;
        }
        let missing = left.trailing_zeros() as u16;
        let sequence = source.next.wrapping_add(missing);
        source.next = sequence.wrapping_add(1);
        source.passed += u64::from(missing) + 1;
        self.occupied &= !(1 << (usize::from(sequence) % SLOTS));
        self.stats.lost += u64::from(missing);
        self.bursts.note(missing);
        Some(self.at(sequence, missing))
    }

    /// Packets that wait.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.occupied.count_ones() as usize
    }

    /// Whether no packet waits.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.occupied == 0
    }

    /// Weighs the arrivals so far, for a receiver that plays `period` at a time: to be called once per period.
    pub fn update_target(&mut self, period: Duration) {
        self.delay.update(period, self.bursts.packets());
    }

    /// The delay aimed at, against a packet that took the fastest way.
    #[must_use]
    pub const fn target_delay(&self) -> Duration {
        Duration::from_micros(self.delay.target_us().unsigned_abs())
    }

    /// The delay in microseconds of the sample with `timestamp` if it is played at `now`, against the fastest
    /// way; negative if it would be played before it can have arrived.
    #[must_use]
    pub fn delay_us(&self, timestamp: u32, now: Duration) -> i64 {
        self.delay.delay_us(timestamp, now)
    }

    /// What became of the packets so far.
    #[must_use]
    pub const fn stats(&self) -> &JitterStats {
        &self.stats
    }
}
