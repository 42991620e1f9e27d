//! How long packets should wait before they are played.

use std::time::Duration;

use super::JitterConfig;
use super::histogram::DelayHistogram;

/// Packets whose arrival is still being weighed: 1.3 s of 20 ms packets. The fastest of them says what the
/// network's own delay is at present, so that clock drift and changes of route are followed.
const RECENT: usize = 64;

/// Recent packets that may be later than the delay aimed at: as many as a single spike delays.
const RECENT_BEYOND: usize = RECENT / 8;

/// Packets in a row that must all be faster, or all slower, than nearly all before them to be taken for
/// another route, and by how much: longer than a spike lasts, and more than a queue varies.
const NEW_ROUTE: usize = 16;
const NEW_ROUTE_US: i64 = 10_000;

/// A step of the transit time by which no network explains itself: the sender's timestamps have jumped.
const DISCONTINUITY_US: i64 = 2_000_000;

/// Estimates the delay from arrival times.
///
/// A delay goes into the long memory only when the second after it has told what it was: while a longer
/// route is taken for one long spike, its delay would be remembered as jitter.
#[derive(Clone, Debug)]
pub(crate) struct DelayEstimator {
    clock_rate: u32,
    beyond: f32,
    spare_us: i64,
    range_us: (i64, i64),
    /// Timestamp of the newest packet, and when it was sent, in microseconds of our own reckoning.
    newest: Option<(u32, i64)>,
    /// Arrival less sending, in microseconds; offset unknown.
    recent: [i64; RECENT],
    /// How many of `recent` are known, and which is the next to be replaced.
    known: usize,
    oldest: usize,
    /// The least of `recent`, as of the latest [`update`](Self::update).
    base: i64,
    /// The same without the newest, of which it is not yet known whether they came by the same route.
    settled_base: i64,
    target_us: i64,
    memory: DelayHistogram,
}

impl DelayEstimator {
    pub(crate) fn new(config: &JitterConfig) -> Self {
        let micros = |duration: Duration| duration.as_micros() as i64;
        Self {
            clock_rate: config.clock_rate,
            beyond: 1.0 - config.in_time,
            spare_us: micros(config.spare),
            range_us: (micros(config.min_delay), micros(config.max_delay)),
            newest: None,
            recent: [0; RECENT],
            known: 0,
            oldest: 0,
            base: 0,
            settled_base: 0,
            target_us: micros(config.min_delay.max(config.spare)),
            memory: DelayHistogram::new(),
        }
    }

    /// Forgets the network's own delay, but not its jitter: the sender's timestamps have a new beginning.
    pub(crate) fn restart(&mut self) {
        self.newest = None;
        self.known = 0;
        self.oldest = 0;
    }

    /// Notes that the packet with `timestamp` arrived at `now`.
    #[inline]
    pub(crate) fn note(&mut self, timestamp: u32, now: Duration) {
        let now_us = now.as_micros() as i64;
        let mut transit = now_us - self.sent_us(timestamp).unwrap_or(now_us);
        if self.known > 0 && (transit - self.base).abs() > DISCONTINUITY_US {
            self.restart();
            transit = 0;
        }
        if self.newest.is_none_or(|(newest, _)| timestamp.wrapping_sub(newest) as i32 > 0) {
            self.newest = Some((timestamp, now_us - transit));
        }
        if self.known < RECENT {
            self.base = if self.known == 0 { transit } else { self.base.min(transit) };
            self.known += 1;
        } else {
            self.memory.add(self.recent[self.oldest] - self.settled_base);
        }
        self.recent[self.oldest] = transit;
        self.oldest = (self.oldest + 1) % RECENT;
    }

    /// When the sample with `timestamp` was sent, in microseconds of our own reckoning.
    fn sent_us(&self, timestamp: u32) -> Option<i64> {
        let (newest, sent_us) = self.newest?;
        let ticks = i64::from(timestamp.wrapping_sub(newest) as i32);
        Some(sent_us + ticks * 1_000_000 / i64::from(self.clock_rate))
    }

    /// By how much the sample with `timestamp` is delayed when it is played at `now`, against the fastest way
    /// it could have taken; 0 before the first packet.
    pub(crate) fn delay_us(&self, timestamp: u32, now: Duration) -> i64 {
        self.sent_us(timestamp).map_or(0, |sent_us| now.as_micros() as i64 - sent_us - self.base)
    }

    /// Weighs what has arrived, for a receiver that plays `period` at a time and wants the far side of gaps of
    /// `burst` packets.
    pub(crate) fn update(&mut self, period: Duration, burst: u8) {
        self.follow_route();
        let recent = &self.recent[..self.known];
        self.base = recent.iter().copied().min().unwrap_or(self.base);
        let asked = self.memory.quantile_us(self.beyond).max(self.recent_us());
        let target = asked + self.spare_us * i64::from(burst) + period.as_micros() as i64;
        self.target_us = target.clamp(self.range_us.0, self.range_us.1);
    }

    /// Forgets the recent packets that came by another route than the newest.
    fn follow_route(&mut self) {
        if self.known == RECENT {
            self.recent.rotate_left(self.oldest);
            self.oldest = 0;
        }
        let Some(before) = self.known.checked_sub(NEW_ROUTE).filter(|&before| before > RECENT_BEYOND) else {
            return;
        };
        let (before, since) = self.recent[..self.known].split_at(before);
        self.settled_base = before.iter().copied().min().unwrap_or(self.base);
        let (least, most) = (since.iter().min(), since.iter().max());
        let (Some(&least), Some(&most)) = (least, most) else { return };
        let slower = before.iter().filter(|&&transit| transit > most + NEW_ROUTE_US).count();
        let faster = before.iter().filter(|&&transit| transit < least - NEW_ROUTE_US).count();
        if slower.max(faster) + RECENT_BEYOND >= before.len() {
            self.recent.copy_within(self.known - NEW_ROUTE..self.known, 0);
            self.known = NEW_ROUTE;
            self.oldest = NEW_ROUTE;
        }
    }

    /// The delay that all but a few of the recent packets stayed within.
    fn recent_us(&self) -> i64 {
        let mut latest = [0; RECENT_BEYOND + 1];
        for transit in &self.recent[..self.known] {
            let delay = transit - self.base;
            // Kept in order, the smallest first.
            if delay > latest[0] {
                let place = latest.iter().take_while(|&&other| other < delay).count() - 1;
                latest[..=place].rotate_left(1);
                latest[place] = delay;
            }
        }
        latest[0]
    }

    /// The delay aimed at, in microseconds, as of the latest [`update`](Self::update).
    pub(crate) const fn target_us(&self) -> i64 {
        self.target_us
    }
}
