//! The pace at which a worker sends what no peer sends: one beat for all of its calls.

use std::time::Duration;

/// From beat to beat: the length of the packets that are made here.
pub(crate) const BEAT: Duration = Duration::from_millis(20);
/// Samples in a beat.
pub(crate) const BEAT_SAMPLES: usize = mc_engine::SAMPLE_RATE.samples_in_ms(20);

/// Beats that may be made up for after a delay; with more the beat starts anew.
const MOST_LATE: u32 = 10;

/// When the next beat is, and for which calls.
#[derive(Debug, Default)]
pub(crate) struct Beat {
    next_ns: u64,
    calls: Vec<u64>,
}

impl Beat {
    /// Beats for call `id`, too.
    pub(crate) fn join(&mut self, id: u64, now_ns: u64) {
        if self.calls.is_empty() {
            self.next_ns = now_ns;
        }
        if !self.calls.contains(&id) {
            self.calls.push(id);
        }
    }

    /// When the next beat is; `u64::MAX` while nobody needs one.
    pub(crate) fn next_ns(&self) -> u64 {
        if self.calls.is_empty() { u64::MAX } else { self.next_ns }
    }

    /// Beats for every call, if it is time: `play` is given a call and the beat, and says whether the call needs the
    /// next one.
    pub(crate) fn strike(&mut self, now_ns: u64, mut play: impl FnMut(u64, u64) -> bool) {
        let step = BEAT.as_nanos() as u64;
        if now_ns.saturating_sub(self.next_ns) > u64::from(MOST_LATE) * step {
            self.next_ns = now_ns;
        }
        while now_ns >= self.next_ns() {
            let beat_ns = self.next_ns;
            self.calls.retain(|&id| play(id, beat_ns));
            self.next_ns += step;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: u64 = BEAT.as_nanos() as u64;

    /// The beats that strike at `now_ns`, for calls that want all of them.
    fn struck(beat: &mut Beat, now_ns: u64) -> Vec<(u64, u64)> {
        let mut beats = Vec::new();
        beat.strike(now_ns, |id, at| {
            beats.push((id, at));
            true
        });
        beats
    }

    #[test]
    fn nobody_is_woken_for_nothing() {
        let mut beat = Beat::default();
        assert_eq!(beat.next_ns(), u64::MAX);
        beat.join(7, 100);
        beat.join(7, 101);
        assert_eq!(beat.next_ns(), 100);
        beat.strike(100, |id, at| {
            assert_eq!((id, at), (7, 100));
            false
        });
        assert_eq!(beat.next_ns(), u64::MAX);
    }

    #[test]
    fn a_late_worker_makes_up_for_it_and_a_stalled_one_starts_anew() {
        let mut beat = Beat::default();
        beat.join(1, 0);
        beat.join(2, 5);
        assert_eq!(struck(&mut beat, 0), [(1, 0), (2, 0)]);
        assert_eq!(struck(&mut beat, STEP - 1), []);
        assert_eq!(struck(&mut beat, 2 * STEP + 9), [(1, STEP), (2, STEP), (1, 2 * STEP), (2, 2 * STEP)]);
        assert_eq!(struck(&mut beat, 1_000 * STEP + 3), [(1, 1_000 * STEP + 3), (2, 1_000 * STEP + 3)]);
    }
}
