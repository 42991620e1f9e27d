//! Playing a little faster or slower.

use std::time::Duration;

use mc_dsp::SampleRate;

use super::PlayoutStats;
use super::clock::Clock;
use super::level::SpeechLevel;
use super::line::Line;
use super::pace::{Pace, Step};
use crate::conceal::TimeScaler;

/// Correlation from which periods are taken out of speech or put in.
const PERIODIC: f32 = 0.6;

/// Takes time out of what waits to be played, or puts it in: in pauses as soon as the delay is off, in speech whole
/// pitch periods and only when no pause comes.
#[derive(Clone, Debug)]
pub(crate) struct Stretch {
    clock: Clock,
    rate_hz: u32,
    scaler: TimeScaler,
    level: SpeechLevel,
    pace: Pace,
}

impl Stretch {
    pub(crate) fn new(rate: SampleRate, clock: Clock) -> Self {
        Self {
            clock,
            rate_hz: rate.hz(),
            scaler: TimeScaler::new(rate),
            level: SpeechLevel::default(),
            pace: Pace::default(),
        }
    }

    /// Samples that should wait when a change is considered.
    pub(crate) const fn needed(&self) -> usize {
        self.scaler.needed()
    }

    /// Hears what is played, so that pauses can be told from speech.
    pub(crate) fn hear(&mut self, played: &[f32]) {
        self.level.hear(played, self.rate_hz);
    }

    /// Whether nothing would be done about a delay that is `excess_us` above the one aimed at.
    pub(crate) fn is_content(&mut self, excess_us: i64) -> bool {
        self.pace.is_content(excess_us)
    }

    /// Changes what waits in `line`, if it is time to, when the delay is `excess_us` above the one aimed at.
    pub(crate) fn change(
        &mut self,
        line: &mut Line,
        excess_us: i64,
        now: Duration,
        stats: &mut PlayoutStats,
    ) {
        let waiting = line.waiting();
        let in_pause = self.level.is_pause(&waiting[..waiting.len().min(self.needed())]);
        let step = self.pace.step(excess_us, in_pause, now);
        let (Step::Shorten(limit_us) | Step::Lengthen(limit_us)) = step else { return };
        let Some(pitch) = self.scaler.lag(waiting, self.clock.samples_in_us(limit_us)) else { return };
        if !in_pause && pitch.correlation < PERIODIC {
            return;
        }
        let length = waiting.len();
        if matches!(step, Step::Shorten(_)) {
            let Some(waiting) = line.waiting_mut(0) else { return };
            let left = self.scaler.shorten(waiting, pitch.lag);
            line.set_waiting_len(left);
            stats.shortened += pitch.lag as u64;
        } else {
            let Some(waiting) = line.waiting_mut(pitch.lag) else { return };
            self.scaler.lengthen(waiting, length, pitch.lag);
            line.set_waiting_len(length + pitch.lag);
            stats.lengthened += pitch.lag as u64;
        }
        self.pace.stepped(now);
    }
}
