//! Audio of packets, each at its time.

/// Longest pause that is kept, in samples at 8 kHz: a minute. What comes after a longer one follows at once, so that a
/// packet with a wild timestamp does not fill the disk.
const LONGEST_PAUSE: u32 = 60 * 8_000;

/// The audio of a stream: silence where packets are missing.
#[derive(Default)]
pub(super) struct Timeline {
    samples: Vec<f32>,
    /// Timestamp of the sample after the last.
    next: Option<u32>,
}

impl Timeline {
    /// Puts `frame` to where its RTP `timestamp` says it belongs, beside the frames before it.
    pub(super) fn place(&mut self, timestamp: u32, frame: &[f32]) {
        let ahead = timestamp.wrapping_sub(self.next.unwrap_or(timestamp));
        if ahead as i32 >= 0 {
            if ahead <= LONGEST_PAUSE {
                self.samples.resize(self.samples.len() + ahead as usize, 0.0);
            }
            self.samples.extend_from_slice(frame);
            self.next = Some(timestamp.wrapping_add(frame.len() as u32));
        } else if let Some(start) = self.samples.len().checked_sub(ahead.wrapping_neg() as usize) {
            // Late: its place has been kept free.
            for (slot, sample) in self.samples[start..].iter_mut().zip(frame) {
                *slot = *sample;
            }
        }
    }

    pub(super) fn samples(&self) -> &[f32] {
        &self.samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(frames: &[(u32, [f32; 2])]) -> Vec<f32> {
        let mut timeline = Timeline::default();
        for (timestamp, frame) in frames {
            timeline.place(*timestamp, frame);
        }
        timeline.samples
    }

    #[test]
    fn gaps_are_silent_and_late_frames_fill_theirs() {
        assert_eq!(timeline(&[(10, [1.0; 2]), (14, [3.0; 2])]), [1.0, 1.0, 0.0, 0.0, 3.0, 3.0]);
        assert_eq!(
            timeline(&[(10, [1.0; 2]), (14, [3.0; 2]), (12, [2.0; 2]), (16, [4.0; 2])]),
            [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0]
        );
    }

    #[test]
    fn timestamps_wrap() {
        assert_eq!(timeline(&[(u32::MAX - 1, [1.0; 2]), (0, [2.0; 2])]), [1.0, 1.0, 2.0, 2.0]);
    }

    #[test]
    fn wild_timestamps_add_no_silence() {
        assert_eq!(timeline(&[(0, [1.0; 2]), (1 << 30, [2.0; 2])]), [1.0, 1.0, 2.0, 2.0]);
        // Before the beginning: there is no place for it.
        assert_eq!(timeline(&[(100, [1.0; 2]), (0, [2.0; 2])]), [1.0, 1.0]);
    }
}
