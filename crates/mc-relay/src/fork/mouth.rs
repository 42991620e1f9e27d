//! What a consumer says: audio that comes in chunks of any length, whenever it likes, and is said at the pace of speech.
//!
//! Chunks that come just in time on the average come too late half of the time. So what is begun is begun a little
//! later than it could be, and by how much is learnt from the gaps that there were: a jitter buffer for a stream
//! without timestamps.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crossbeam::queue::ArrayQueue;
use mc_engine::{Resampler, SAMPLE_RATE, sample_from_i16, sample_to_i16};

use super::{Bytes, RATE};
use crate::beat::BEAT_SAMPLES;
use crate::play::LiveFrame;

/// Most audio that waits to be said, in samples: 60 s, a long answer made at once.
const LONGEST: usize = SAMPLE_RATE.samples_in_ms(60_000);

/// Most marks that wait to be reached.
const MOST_MARKS: usize = 1_024;

/// Frames that lie ready for the worker: what the thread between may oversleep, and packets of the other side that come
/// together and carry them. They can be taken back at any time.
const AHEAD: usize = 16;

/// How long the first words wait for others to follow: at least, and at most.
const LEAST_LEAD: Duration = Duration::from_millis(60);
const MOST_LEAD: Duration = Duration::from_millis(400);

/// A gap up to this long was one in the middle of what was being said: its second half came late.
const LATE: Duration = Duration::from_millis(400);

/// What is added to the lead beyond the gap that it would have bridged.
const MARGIN: Duration = Duration::from_millis(20);

/// With so much to say nothing is waited for, in samples: half a second, a burst.
const BURST: usize = SAMPLE_RATE.samples_in_ms(500);

/// What has been said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Everything before this mark.
    Mark(String),
    /// Everything there was.
    All,
}

/// What was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unsaid {
    pub(super) samples: usize,
    /// Marks that were not reached.
    pub(super) marks: Vec<String>,
}

/// Speaks to one leg. Times are those of any clock that does not go back, in nanoseconds.
#[derive(Debug)]
pub(super) struct Mouth {
    resampler: Resampler,
    waiting: VecDeque<i16>,
    live: Arc<ArrayQueue<LiveFrame>>,
    /// Samples that were made ready for the worker so far.
    ready: u64,
    /// Marks, each behind so many samples.
    marks: VecDeque<(u64, String)>,
    lead: Duration,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// There is nothing to say, since a moment if there ever was anything.
    Silent {
        since_ns: Option<u64>,
    },
    /// The first words wait since a moment.
    Gathering {
        since_ns: u64,
    },
    Speaking,
}

impl Mouth {
    pub(super) fn new() -> Self {
        Self {
            resampler: Resampler::new(RATE, SAMPLE_RATE),
            waiting: VecDeque::new(),
            live: Arc::new(ArrayQueue::new(AHEAD)),
            ready: 0,
            marks: VecDeque::new(),
            lead: LEAST_LEAD,
            state: State::Silent { since_ns: None },
        }
    }

    /// Where the worker takes what is to be said.
    pub(super) fn live(&self) -> Arc<ArrayQueue<LiveFrame>> {
        Arc::clone(&self.live)
    }

    /// Takes audio, 16-bit little-endian at 16 kHz; an odd byte at its end is left out. Returns how many samples at
    /// 8 kHz found no room.
    pub(super) fn take(&mut self, audio: &[u8], now_ns: u64) -> usize {
        let (samples, _) = audio.as_chunks::<{ size_of::<Bytes>() }>();
        let wide: Vec<f32> =
            samples.iter().map(|&bytes| sample_from_i16(i16::from_le_bytes(bytes))).collect();
        let lost = self.append(&wide);
        if let State::Silent { since_ns } = self.state
            && !self.waiting.is_empty()
        {
            let gap = since_ns.map(|since_ns| Duration::from_nanos(now_ns.saturating_sub(since_ns)));
            if let Some(gap) = gap.filter(|&gap| gap <= LATE) {
                self.lead = (self.lead + gap + MARGIN).min(MOST_LEAD);
            }
            self.state = State::Gathering { since_ns: now_ns };
        }
        lost
    }

    /// Notes a mark behind what was taken so far. False when there are too many.
    pub(super) fn mark(&mut self, name: String) -> bool {
        let has_room = self.marks.len() < MOST_MARKS;
        if has_room {
            self.marks.push_back((self.ready + self.waiting.len() as u64, name));
        }
        has_room
    }

    /// Keeps the worker supplied, and tells what has been said.
    pub(super) fn speak(&mut self, now_ns: u64, mut tell: impl FnMut(Said)) {
        if let State::Gathering { since_ns } = self.state
            && (self.waiting.len() >= BURST || now_ns.saturating_sub(since_ns) >= self.lead.as_nanos() as u64)
        {
            self.state = State::Speaking;
        }
        let mut is_all = false;
        if self.state == State::Speaking {
            while self.waiting.len() >= BEAT_SAMPLES && !self.live.is_full() {
                self.make_ready();
            }
            if self.live.is_empty() && !self.waiting.is_empty() {
                // The worker needs a frame now, and there is no whole one: the end, or a gap.
                self.make_ready();
            } else if self.live.is_empty() {
                is_all = true;
                self.state = State::Silent { since_ns: Some(now_ns) };
                // The last 4 ms in its filter do not belong before what is said next.
                self.resampler.reset();
                // Where there was no gap, less may do.
                self.lead = (self.lead * 7 / 8).max(LEAST_LEAD);
            }
        }
        let said = self.ready - (self.live.len() * BEAT_SAMPLES) as u64;
        while let Some((_, name)) = self.marks.pop_front_if(|(at, _)| *at <= said) {
            tell(Said::Mark(name));
        }
        if is_all {
            tell(Said::All);
        }
    }

    /// Says no more of what was taken.
    pub(super) fn fall_silent(&mut self) -> Unsaid {
        let mut samples = self.waiting.len();
        self.waiting.clear();
        while self.live.pop().is_some() {
            samples += BEAT_SAMPLES;
        }
        self.resampler.reset();
        self.state = State::Silent { since_ns: None };
        Unsaid { samples, marks: self.marks.drain(..).map(|(_, name)| name).collect() }
    }

    /// Puts samples at 16 kHz behind what waits; returns how many at 8 kHz found no room.
    fn append(&mut self, wide: &[f32]) -> usize {
        let mut narrow = vec![0.0; wide.len() / 2 + 1];
        let made = self.resampler.process(wide, &mut narrow);
        let room = made.min(LONGEST - self.waiting.len());
        self.waiting.extend(narrow[..room].iter().map(|&sample| sample_to_i16(sample)));
        made - room
    }

    /// Lays a frame ready for the worker; what it lacks is silence.
    fn make_ready(&mut self) {
        let frame = std::array::from_fn(|_| self.waiting.pop_front().unwrap_or(0));
        if self.live.push(frame).is_ok() {
            self.ready += BEAT_SAMPLES as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;
    const BEAT_MS: u64 = 20;

    fn bytes(samples: usize, sample: i16) -> Vec<u8> {
        (0..samples).flat_map(|_| sample.to_le_bytes()).collect()
    }

    fn chunk(ms: usize) -> Vec<u8> {
        bytes(16 * ms, 10_000)
    }

    /// A consumer and a worker in the same time.
    struct Talk {
        mouth: Mouth,
        live: Arc<ArrayQueue<LiveFrame>>,
        /// What the worker found on each of its beats.
        beats: Vec<Option<LiveFrame>>,
        said: Vec<(u64, Said)>,
    }

    impl Talk {
        fn new() -> Self {
            let mouth = Mouth::new();
            let live = mouth.live();
            Self { mouth, live, beats: Vec::new(), said: Vec::new() }
        }

        /// Chunks that come at these milliseconds, until one of them.
        fn run(&mut self, from_ms: u64, until_ms: u64, mut chunks: impl FnMut(u64) -> Option<Vec<u8>>) {
            for now_ms in from_ms..until_ms {
                if let Some(chunk) = chunks(now_ms) {
                    assert_eq!(self.mouth.take(&chunk, now_ms * MS), 0);
                }
                // The thread between is back every 10 ms at the latest.
                if now_ms.is_multiple_of(10) {
                    self.mouth.speak(now_ms * MS, |said| self.said.push((now_ms, said)));
                }
                if now_ms.is_multiple_of(BEAT_MS) {
                    self.beats.push(self.live.pop());
                }
            }
        }

        /// Beats without audio between the first and the last with some.
        fn gaps(&self) -> usize {
            let filled: Vec<bool> =
                self.beats.iter().map(|beat| beat.is_some_and(|frame| frame[80] != 0)).collect();
            let first = filled.iter().position(|&filled| filled).unwrap();
            let last = filled.iter().rposition(|&filled| filled).unwrap();
            filled[first..last].iter().filter(|&&filled| !filled).count()
        }
    }

    #[test]
    fn a_long_answer_is_begun_at_once_and_said_frame_by_frame() {
        let mut talk = Talk::new();
        talk.run(0, 1_200, |now| (now == 0).then(|| chunk(1_000)));
        assert!(talk.beats[0].is_some() && talk.gaps() == 0);
        let heard = talk.beats.iter().flatten().count();
        assert!((50..=51).contains(&heard), "{heard} frames of a second");
        assert!(talk.beats[10].unwrap().iter().all(|sample| sample.abs_diff(10_000) < 50));
        assert_eq!(talk.said.len(), 1);
        assert!((980..=1_030).contains(&talk.said[0].0) && talk.said[0].1 == Said::All, "{:?}", talk.said);
    }

    #[test]
    fn chunks_that_come_unevenly_are_said_evenly() {
        // 100 ms of audio every 100 ms, up to 50 ms late.
        let lateness = [0, 50, 10, 45, 5, 50, 0, 20, 50, 30];
        let mut talk = Talk::new();
        talk.run(0, 3_000, |now| {
            let due = |index: u64| index * 100 + lateness[index as usize % 10];
            (0..25).any(|index| due(index) == now).then(|| chunk(100))
        });
        assert_eq!(talk.gaps(), 0);
        let whole = talk.beats.iter().flatten().filter(|frame| frame.iter().all(|&sample| sample > 9_000));
        assert!(whole.count() >= 124, "no frame of 2.5 s is filled up with silence");
    }

    #[test]
    fn whatever_the_pieces_everything_is_said_once_and_in_order() {
        let mut random = 1u64;
        let mut up_to = |most: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % most
        };
        for _ in 0..20 {
            // Pieces of 20 to 200 ms, each a step louder, that come when they like.
            let mut due_ms = 0;
            let pieces: Vec<(u64, usize, i16)> = (1..=50)
                .map(|step| {
                    let ms = 20 + up_to(181);
                    due_ms += 1 + up_to(2 * ms);
                    (due_ms, ms as usize, step * 600)
                })
                .collect();
            let mut talk = Talk::new();
            talk.run(0, due_ms + 12_000, |now| {
                let piece = pieces.iter().find(|&&(at, ..)| at == now);
                piece.map(|&(_, ms, level)| bytes(16 * ms, level))
            });
            let said: Vec<i16> = talk.beats.iter().flatten().flatten().copied().collect();
            let mut middle_before = 0;
            for &(_, ms, level) in &pieces {
                let of_piece = |(at, sample): (usize, &i16)| (sample.abs_diff(level) < 30).then_some(at);
                let places: Vec<usize> = said.iter().enumerate().filter_map(of_piece).collect();
                // Where a step begins, and at the seam of a gap, the filter is between two of them.
                let (count, sent) = (places.len(), 8 * ms);
                assert!(count <= sent + 40 && count + 80 >= sent, "{count} samples of {sent}");
                let middle = places[count / 2];
                assert!(middle > middle_before, "in order");
                middle_before = middle;
            }
            assert_eq!(talk.said.last().map(|(_, said)| said), Some(&Said::All));
        }
    }

    #[test]
    fn a_gap_teaches_and_calm_makes_it_forgotten() {
        let mut talk = Talk::new();
        // As much late as nobody expects.
        let late = |now: u64| now == 0 || now == 250 || (now > 250 && now.is_multiple_of(100));
        talk.run(0, 2_000, |now| (late(now) && now <= 1_500).then(|| chunk(100)));
        let learnt = talk.mouth.lead;
        assert!(learnt > LEAST_LEAD + MARGIN && learnt <= MOST_LEAD, "{learnt:?}");
        assert!(talk.gaps() > 0);
        // What begins now stands a chunk that is as late.
        let mut again = Talk { beats: Vec::new(), ..talk };
        again.run(5_000, 7_000, |now| {
            let late = now == 5_000 || now == 5_250 || (now > 5_250 && now.is_multiple_of(100));
            (late && now <= 6_500).then(|| chunk(100))
        });
        assert_eq!(again.gaps(), 0);
        // One word every second, for a minute.
        again.run(8_000, 68_000, |now| now.is_multiple_of(1_000).then(|| chunk(200)));
        assert_eq!(again.mouth.lead, LEAST_LEAD);
    }

    #[test]
    fn marks_are_told_when_what_is_before_them_was_said() {
        let mut talk = Talk::new();
        assert!(talk.mouth.mark("before anything".to_owned()));
        talk.mouth.take(&chunk(600), 0);
        assert!(talk.mouth.mark("one".to_owned()));
        talk.mouth.take(&chunk(400), 0);
        assert!(talk.mouth.mark("two".to_owned()));
        talk.run(0, 1_200, |_| None);
        let at = |index: usize| talk.said[index].0;
        let said: Vec<&Said> = talk.said.iter().map(|(_, said)| said).collect();
        let mark = |name: &str| Said::Mark(name.to_owned());
        assert_eq!(said, [&mark("before anything"), &mark("one"), &mark("two"), &Said::All]);
        assert!(
            at(0) == 0 && (580..=630).contains(&at(1)) && (980..=1_030).contains(&at(2)),
            "{:?}",
            talk.said
        );
        for number in 0..MOST_MARKS {
            assert!(talk.mouth.mark(number.to_string()));
        }
        assert!(!talk.mouth.mark("one too many".to_owned()));
    }

    #[test]
    fn what_waits_has_an_end() {
        let mut mouth = Mouth::new();
        for _ in 0..60 {
            assert_eq!(mouth.take(&bytes(16_000, 1), 0), 0);
        }
        assert_eq!(mouth.take(&bytes(16_000, 1), 0), 8_000);
        mouth.speak(0, |_| {});
        assert_eq!(mouth.take(&bytes(16_000, 1), 0), 8_000 - AHEAD * BEAT_SAMPLES);
    }

    #[test]
    fn barging_in_takes_everything_back() {
        let mut mouth = Mouth::new();
        let live = mouth.live();
        mouth.take(&bytes(16_000, 9_000), 0);
        mouth.mark("end".to_owned());
        mouth.speak(0, |_| {});
        live.pop();
        let unsaid = mouth.fall_silent();
        assert_eq!(unsaid, Unsaid { samples: 8_000 - BEAT_SAMPLES, marks: vec!["end".to_owned()] });
        mouth.speak(1, |said| panic!("{said:?}"));
        assert!(live.is_empty());
        assert_eq!(mouth.take(&[1, 2, 3], 2), 0, "an odd byte does no harm");
        assert_eq!(mouth.fall_silent().marks, [""; 0]);
    }
}
