//! Two legs on one line of time: each packet's samples where its timestamp says, silence where there are none.

use std::collections::VecDeque;

use mc_engine::{G711, SAMPLE_RATE};
use mc_rtp_pipeline::MediaPacket;

use crate::LegId;
use crate::attach::Heard;

/// How long packets may come late and still be placed, in samples: 400 ms.
const HOLD: u64 = 3_200;

/// How far timestamps and arrival may part before the arrival is believed, in samples: 300 ms. A sender that has
/// jumped is further off, a network's jitter and an hour's drift of its clock are less.
const BELIEVED: u64 = 2_400;

/// Samples per leg that are given out at a time.
const MOST: usize = 8_000;

/// Both legs, in samples since the start.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    /// When the first packet came.
    start_ns: Option<u64>,
    /// Samples of each leg that have been given out.
    given: u64,
    /// Where the newest packet arrived.
    newest: u64,
    tracks: [Track; 2],
}

/// One leg.
#[derive(Debug, Default)]
struct Track {
    /// A packet's source, timestamp and place.
    anchor: Option<(u32, u32, u64)>,
    /// What was not given out yet.
    waiting: VecDeque<i16>,
}

impl Timeline {
    /// Puts a packet's audio in its place. What comes too late for it is left out, and so is what is no G.711.
    pub(super) fn place(&mut self, heard: &Heard) {
        let Some((packet, Some(law))) = heard.parse() else { return };
        let start_ns = *self.start_ns.get_or_insert(heard.at_ns);
        let ticks = u128::from(heard.at_ns.saturating_sub(start_ns)) * u128::from(SAMPLE_RATE.hz());
        let arrived = (ticks / 1_000_000_000) as u64;
        self.newest = self.newest.max(arrived);
        let track = &mut self.tracks[heard.leg.index()];
        let place = track.place(&packet, arrived);
        let codec = G711::new(law);
        for (at, &code) in (place as i64 - self.given as i64..).zip(packet.payload) {
            if let Ok(index) = usize::try_from(at) {
                if track.waiting.len() <= index {
                    track.waiting.resize(index + 1, 0);
                }
                track.waiting[index] = codec.decode_code(code);
            }
        }
    }

    /// What may be given out by now, or at the `end`: pairs of samples, legs A and B. Up to a second at a time; empty
    /// when there is nothing.
    pub(super) fn take(&mut self, end: bool) -> impl Iterator<Item = [i16; 2]> {
        let ready = if end {
            self.tracks.iter().map(|track| track.waiting.len()).max().unwrap_or(0)
        } else {
            self.newest.saturating_sub(HOLD).saturating_sub(self.given) as usize
        };
        let count = ready.min(MOST);
        self.given += count as u64;
        let [a, b] = &mut self.tracks;
        (0..count).map(|_| [&mut *a, &mut *b].map(|track| track.waiting.pop_front().unwrap_or(0)))
    }
}

impl Track {
    /// Where a packet belongs that arrived at `arrived`.
    fn place(&mut self, packet: &MediaPacket<'_>, arrived: u64) -> u64 {
        let by_timestamp =
            self.anchor.filter(|(ssrc, ..)| *ssrc == packet.ssrc).and_then(|(_, timestamp, place)| {
                place.checked_add_signed(i64::from(packet.timestamp.wrapping_sub(timestamp) as i32))
            });
        let place = by_timestamp.filter(|place| place.abs_diff(arrived) <= BELIEVED).unwrap_or(arrived);
        self.anchor = Some((packet.ssrc, packet.timestamp, place));
        place
    }
}

/// A leg's channel in the file.
pub(super) const CHANNELS: u16 = LegId::ALL.len() as u16;

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes of mu-law whose samples are told apart.
    const A: u8 = 0x10;
    const B: u8 = 0x20;

    fn packet(leg: LegId, at_ms: u64, timestamp: u32, code: u8) -> Heard {
        Heard::for_tests(leg, at_ms * 1_000_000, 0, timestamp, &[code; 160])
    }

    fn all(timeline: &mut Timeline, end: bool) -> Vec<[i16; 2]> {
        let mut all = Vec::new();
        loop {
            let before = all.len();
            all.extend(timeline.take(end));
            if all.len() == before {
                return all;
            }
        }
    }

    /// Which 20 ms of each leg are not silent.
    fn talking(pairs: &[[i16; 2]], leg: LegId) -> Vec<usize> {
        let frames = pairs.chunks(160).enumerate();
        frames
            .filter(|(_, frame)| {
                let talking = frame[0][leg.index()] != 0;
                assert!(frame.iter().all(|pair| (pair[leg.index()] != 0) == talking), "whole frames");
                talking
            })
            .map(|(index, _)| index)
            .collect()
    }

    #[test]
    fn jitter_and_order_do_not_matter_and_gaps_stay() {
        let mut timeline = Timeline::default();
        // The third is late, the fourth lost, and B begins 40 ms after A.
        for (at_ms, step) in [(0, 0), (29, 1), (61, 3), (62, 2), (100, 5)] {
            timeline.place(&packet(LegId::A, at_ms, 160 * step, A));
        }
        timeline.place(&packet(LegId::B, 40, 7_000, B));
        timeline.place(&packet(LegId::B, 65, 7_160, B));
        assert_eq!(timeline.take(false).count(), 0, "nothing is final yet");
        let pairs = all(&mut timeline, true);
        assert_eq!(talking(&pairs, LegId::A), [0, 1, 2, 3, 5]);
        assert_eq!(talking(&pairs, LegId::B), [2, 3]);
    }

    #[test]
    fn what_is_given_out_is_final_and_in_step_with_the_packets() {
        let mut timeline = Timeline::default();
        let mut pairs = Vec::new();
        for step in 0..100u32 {
            timeline.place(&packet(LegId::A, u64::from(step) * 20, step.wrapping_mul(160), A));
            pairs.extend(timeline.take(false));
        }
        assert_eq!(pairs.len(), 99 * 160 - HOLD as usize);
        // Too late by far.
        timeline.place(&packet(LegId::A, 99 * 20, 0, A));
        pairs.extend(all(&mut timeline, true));
        assert_eq!(talking(&pairs, LegId::A).len(), 100);
    }

    #[test]
    fn a_sender_that_starts_anew_is_placed_by_its_arrival() {
        let mut timeline = Timeline::default();
        timeline.place(&packet(LegId::A, 0, 0, A));
        timeline.place(&packet(LegId::A, 20, 4_000_000_000, A));
        timeline.place(&packet(LegId::A, 40, 4_000_000_160, A));
        // Held for an hour.
        timeline.place(&packet(LegId::A, 3_600_000, 5, A));
        let pairs = all(&mut timeline, false);
        assert_eq!(talking(&pairs, LegId::A), [0, 1, 2]);
        assert_eq!(pairs.len(), 3_600 * 8_000 - HOLD as usize);
        assert_eq!(talking(&all(&mut timeline, true), LegId::A), [20]);
    }

    #[test]
    fn a_clock_that_drifts_is_followed() {
        let mut timeline = Timeline::default();
        // 1 % fast: 20.2 ms of arrival for each 20 ms of timestamps.
        for step in 0..5_000u32 {
            let at_ms = u64::from(step) * 202 / 10;
            timeline.place(&packet(LegId::A, at_ms, step * 160, A));
            timeline.take(false).for_each(drop);
            let waiting = timeline.tracks[0].waiting.len() as u64;
            assert!(waiting <= HOLD + BELIEVED, "{waiting}");
        }
        assert!(timeline.newest.abs_diff(timeline.tracks[0].anchor.unwrap().2) <= BELIEVED);
    }
}
