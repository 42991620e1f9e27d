//! Keeps an echo canceller's reference in step with a near end that comes in packets.

use mc_rtp_pipeline::{Egress, MAX_PAYLOAD_SAMPLES, MediaPacket, SAMPLE_RATE};

/// Most of the far end that our echo cancellers keep waiting: what a longer gap of the near end leaves behind.
const LONGEST: i64 = SAMPLE_RATE.samples_in_ms(2 * mc_dsp::MAX_FRAME_MS) as i64;

/// Longest gap of the far end that is filled; a longer one is a pause.
const LONGEST_FILLED: i64 = SAMPLE_RATE.samples_in_ms(200) as i64;

/// How late a packet may come to be taken for one that was missing, in samples.
const LATEST: i64 = SAMPLE_RATE.samples_in_ms(500) as i64;

/// Shortest frame that a processor takes.
const SHORTEST: i64 = SAMPLE_RATE.min_frame_samples() as i64;

const SILENCE: [f32; MAX_PAYLOAD_SAMPLES] = [0.0; MAX_PAYLOAD_SAMPLES];

/// The place of a packet in its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    ssrc: u32,
    timestamp: u32,
}

impl Place {
    /// The place of an RTP packet.
    pub(crate) fn of(packet: &[u8]) -> Option<Self> {
        let MediaPacket { ssrc, timestamp, .. } = MediaPacket::parse(packet).ok()?;
        Some(Self { ssrc, timestamp })
    }

    const fn after(self, samples: usize) -> Self {
        Self { timestamp: self.timestamp.wrapping_add(samples as u32), ..self }
    }

    /// Samples from `next` to here, of the same source.
    fn since(self, next: Option<Self>) -> i64 {
        let next = next.filter(|next| next.ssrc == self.ssrc);
        next.map_or(0, |next| i64::from(self.timestamp.wrapping_sub(next.timestamp) as i32))
    }
}

/// An echo canceller takes a sample of the far end for each of the near end, so a packet that is missing on either side
/// would shift the two against each other for good. Timestamps tell: what is missing of the near end is passed over
/// before the packet behind it, and what is missing of the far end is silence.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timeline {
    /// What comes next on either side.
    near: Option<Place>,
    far: Option<Place>,
    /// Samples of the far end that wait, as an echo canceller would count them.
    waiting: i64,
    /// Samples that it asked for since the far end's latest packet and did not find: silence already.
    starved: i64,
    /// Samples that the latest packet behind a gap did not find, the gap's included: what is behind a gap may be early.
    early: i64,
    is_behind_gap: bool,
    /// Silence that the far end is to have because the near end has come twice: as what was passed over, and late.
    owed: i64,
}

impl Timeline {
    /// A packet of the near end at `place` is about to be processed: gives `pass` what is missing before it, 2.5 to
    /// 60 ms at a time.
    pub(crate) fn pass_over(&mut self, place: Place, mut pass: impl FnMut(usize)) {
        let missing = place.since(self.near);
        if (-LATEST..0).contains(&missing) {
            return;
        }
        let mut missing = missing.clamp(0, LONGEST);
        self.is_behind_gap = missing > 0;
        if self.is_behind_gap {
            self.early = 0;
        }
        while missing >= SHORTEST {
            let passed = missing.min(MAX_PAYLOAD_SAMPLES as i64);
            pass(passed as usize);
            self.early += self.consume(passed);
            missing -= passed;
        }
        self.near = Some(place);
    }

    /// The packet of the near end at `place` has become `egress`.
    pub(crate) fn near_end(&mut self, place: Place, egress: &Egress<'_>) {
        // One that was passed on as it is holds no audio.
        if egress.law().is_some() {
            self.hear(place, egress.payload().len());
        }
    }

    /// `samples` of the near end at `place` have been processed.
    fn hear(&mut self, place: Place, samples: usize) {
        if self.near == Some(place) {
            self.near = Some(place.after(samples));
            let starved = self.consume(samples as i64);
            if self.is_behind_gap {
                self.early += starved;
            }
        } else {
            // It comes late, and its part of the far end was passed over: what it has taken now was another's, unless
            // that other had come too early for it.
            let taken = self.waiting.min(samples as i64);
            self.waiting -= taken;
            let unclaimed = taken.min(self.early);
            self.early -= unclaimed;
            self.owed += taken - unclaimed;
        }
    }

    /// A packet of the far end with `audio` is about to be sent: gives `render` what the echo canceller is to have.
    pub(crate) fn far_end(&mut self, place: Place, audio: &[f32], mut render: impl FnMut(&[f32])) {
        let missing = place.since(self.far);
        if (-LATEST..0).contains(&missing) {
            // Silence has taken its place.
            return;
        }
        self.far = Some(place.after(audio.len()));
        let gap = if missing <= LONGEST_FILLED { missing - self.starved } else { 0 };
        let mut silence = gap.max(0) + std::mem::take(&mut self.owed);
        while silence >= SHORTEST {
            let part = silence.min(SILENCE.len() as i64);
            render(&SILENCE[..part as usize]);
            self.waiting += part;
            silence -= part;
        }
        render(audio);
        self.waiting = (self.waiting + audio.len() as i64).min(LONGEST);
        self.starved = 0;
    }

    /// Takes `samples` of the far end and returns how many there were not.
    fn consume(&mut self, samples: i64) -> i64 {
        let taken = samples.min(self.waiting);
        self.waiting -= taken;
        self.starved += samples - taken;
        samples - taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frame `n` of a source.
    fn place(ssrc: u32, n: u32) -> Place {
        // The timestamps wrap on the way.
        Place { ssrc, timestamp: (n * 160).wrapping_sub(20_000) }
    }

    /// Both sides with what was done for them, as numbers of frames; 0 is silence.
    #[derive(Default)]
    struct Canceller {
        timeline: Timeline,
        queue: std::collections::VecDeque<u32>,
        pairs: Vec<(u32, u32)>,
    }

    impl Canceller {
        fn pop(&mut self, near: u32) {
            let far = self.queue.pop_front().unwrap_or(0);
            self.pairs.push((near, far));
        }

        fn near(&mut self, n: u32) {
            let mut passed = 0;
            self.timeline.pass_over(place(1, n), |samples| passed += samples / 160);
            (0..passed).for_each(|_| self.pop(0));
            self.pop(n);
            self.timeline.hear(place(1, n), 160);
        }

        fn far(&mut self, n: u32) {
            let queue = &mut self.queue;
            self.timeline.far_end(place(2, n), &[f32::from(n as u16); 160], |audio| {
                let frames = audio.chunks(160).map(|frame| frame[0] as u32);
                queue.extend(frames);
                // As an echo canceller does.
                while queue.len() > 6 {
                    queue.pop_front();
                }
            });
        }
    }

    #[test]
    fn near_end_and_far_end_stay_in_step_whatever_is_lost() {
        for ahead in [0, 1, 3] {
            let mut canceller = Canceller::default();
            (1..=ahead).for_each(|n| canceller.far(n));
            for n in 1..1_000 {
                if n % 13 != 5 && n % 31 != 6 {
                    canceller.far(n + ahead);
                }
                if n % 17 != 3 {
                    canceller.near(n);
                }
            }
            for &(near, far) in canceller.pairs.iter().filter(|(near, far)| *near > 0 && *far > 0) {
                assert_eq!(near, far, "{ahead} frames ahead");
            }
            let matched = canceller.pairs.iter().filter(|(near, far)| near == far).count();
            assert!(matched > 800, "{matched}");
        }
    }

    #[test]
    fn a_packet_that_comes_late_leaves_no_shift_behind() {
        for ahead in 0..3 {
            let mut canceller = Canceller::default();
            (1..=ahead).for_each(|n| canceller.far(n));
            for n in 1..200 {
                canceller.far(n + ahead);
                match n {
                    // Late with its successor, two later, and in its place.
                    50 | 90 | 91 => {}
                    52 => [52, 50].into_iter().for_each(|n| canceller.near(n)),
                    92 => [92, 90, 91].into_iter().for_each(|n| canceller.near(n)),
                    150 => canceller.near(151),
                    151 => canceller.near(150),
                    _ => canceller.near(n),
                }
            }
            let pairs = &canceller.pairs;
            assert!(pairs[pairs.len() - 30..].iter().all(|(near, far)| near == far), "{ahead}: {pairs:?}");
            let matched = pairs.iter().filter(|(near, far)| near == far).count();
            assert!(matched > 185, "{ahead}: {matched}");
        }
    }

    #[test]
    fn pauses_and_other_sources_are_no_losses() {
        let mut canceller = Canceller::default();
        for n in 1..10 {
            canceller.far(n);
            canceller.near(n);
        }
        // Ten seconds of a pause of the near end: what has waited is passed over, and no more.
        (10..510).for_each(|n| canceller.far(n));
        canceller.near(509);
        assert_eq!(canceller.pairs.iter().filter(|(near, _)| *near == 0).count(), 6);
        for n in 510..520 {
            canceller.far(n);
            canceller.near(n);
        }
        assert_eq!(canceller.pairs.last(), Some(&(519, 519)));
        // And of the far end: no silence is put in front of what comes then.
        (520..900).for_each(|n| canceller.near(n));
        canceller.far(900);
        canceller.near(900);
        assert_eq!(canceller.pairs.last(), Some(&(900, 900)));
        canceller.timeline.pass_over(place(7, 40_000), |_| unreachable!("another source"));
    }
}
