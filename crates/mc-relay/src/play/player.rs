//! What is played to one leg's peer, and how it gets into the stream that the peer hears.
//!
//! While the other side sends, its packets carry the audio: their numbers and their pace stay, and nobody
//! notices a seam when it ends. While the other side is silent, packets are made on the worker's beat.

use std::sync::Arc;
use std::time::Duration;

use crossbeam::queue::ArrayQueue;
use mc_engine::{Egress, MAX_PAYLOAD_SAMPLES, Origin, SAMPLE_RATE, sample_from_i16};

use super::keys::Keys;
use super::{Clip, Playback};
use crate::beat::{BEAT, BEAT_SAMPLES};
use crate::random::random_u64;

/// How long the other side's packets are waited for before packets are made in their place: three of 20 ms.
const PATIENCE: Duration = Duration::from_millis(60);

/// Audio that comes while it is played, a frame for each beat.
pub(crate) type LiveFrame = [i16; BEAT_SAMPLES];

/// Where the audio comes from, at 8 kHz.
#[derive(Debug)]
pub(crate) enum Source {
    /// Played from `at` to its end, and then from its beginning as often as `again` says; `left` samples at most.
    Clip { samples: Arc<[i16]>, at: usize, again: u32, left: u64 },
    /// Whatever is in the queue.
    Live(Arc<ArrayQueue<LiveFrame>>),
    /// Keys that are pressed.
    Keys(Keys),
}

impl Source {
    /// A clip from its beginning or another place.
    pub(super) fn clip(clip: &Clip, playback: Playback) -> Self {
        let samples = Arc::clone(&clip.0);
        let at = samples_in(playback.start).try_into().unwrap_or(usize::MAX).min(samples.len());
        let (again, left) = (playback.times.max(1) - 1, playback.most.map_or(u64::MAX, samples_in));
        Self::Clip { samples, at, again, left }
    }
}

fn samples_in(time: Duration) -> u64 {
    (time.as_nanos() * u128::from(SAMPLE_RATE.hz()) / 1_000_000_000).try_into().unwrap_or(u64::MAX)
}

/// Plays a source to one leg's peer.
#[derive(Debug)]
pub(crate) struct Player {
    source: Source,
    /// Of a live frame: what did not fit the packet before.
    rest: LiveFrame,
    rest_samples: usize,
    origin: Origin,
    /// When a packet of the other side could carry the audio last.
    carried_ns: u64,
    /// The beat before this one on which a packet was made.
    spoke_ns: u64,
}

impl Player {
    /// A player that begins at `now_ns`.
    pub(crate) fn new(source: Source, now_ns: u64) -> Self {
        let numbers = random_u64();
        let origin = Origin { ssrc: numbers as u32, sequence: (numbers >> 32) as u16, ..Origin::default() };
        let (rest, rest_samples) = ([0; BEAT_SAMPLES], 0);
        Self { source, rest, rest_samples, origin, carried_ns: now_ns, spoke_ns: 0 }
    }

    /// Whether nothing will be played any more.
    pub(crate) fn is_over(&self) -> bool {
        match &self.source {
            Source::Clip { samples, at, again, left } => {
                samples.is_empty() || *left == 0 || (*again == 0 && *at >= samples.len())
            }
            Source::Live(_) => false,
            Source::Keys(keys) => keys.is_over(),
        }
    }

    /// Has `next` follow on what is played, where both are keys; false otherwise.
    pub(crate) fn append(&mut self, next: &Self) -> bool {
        let (Source::Keys(keys), Source::Keys(others)) = (&mut self.source, &next.source) else {
            return false;
        };
        keys.append(others);
        true
    }

    /// Makes of a packet with the audio that was read what is to be sent: an event, where keys are pressed as such.
    pub(crate) fn press(&mut self, packet: &mut Egress<'_>) {
        if let Source::Keys(keys) = &mut self.source {
            keys.press(packet);
        }
    }

    /// How far in its clip it is.
    pub(crate) fn place(&self) -> Duration {
        match &self.source {
            Source::Clip { at, .. } => {
                Duration::from_nanos(*at as u64 * 1_000_000_000 / u64::from(SAMPLE_RATE.hz()))
            }
            Source::Live(_) | Source::Keys(_) => Duration::ZERO,
        }
    }

    /// Puts audio in the place of a packet's, which the other side sent. `None` while there is none; otherwise
    /// whether the packet is to be sent.
    pub(crate) fn replace(&mut self, packet: &mut Egress<'_>, now_ns: u64) -> Option<bool> {
        let mut samples = [0.0; MAX_PAYLOAD_SAMPLES];
        if packet.law().is_none() {
            return self.has_audio().then_some(false);
        }
        self.carried_ns = now_ns;
        let wanted = samples.get_mut(..packet.payload().len())?;
        let read = self.read(wanted);
        (read > 0).then(|| {
            let is_replaced = packet.replace_audio(&samples[..read]);
            self.press(packet);
            is_replaced
        })
    }

    /// The next frame and the numbers of its packet, where a packet is to be made on the beat at `beat_ns`.
    pub(crate) fn speak(&mut self, beat_ns: u64, frame: &mut [f32]) -> Option<Origin> {
        if beat_ns.saturating_sub(self.carried_ns) < PATIENCE.as_nanos() as u64 || self.read(frame) == 0 {
            return None;
        }
        let beat = BEAT.as_nanos() as u64;
        let ticks = u128::from(beat_ns) * u128::from(SAMPLE_RATE.hz()) / 1_000_000_000;
        self.origin.timestamp = ticks as u32;
        self.origin.sequence = self.origin.sequence.wrapping_add(1);
        self.origin.marker = beat_ns.saturating_sub(self.spoke_ns) > beat;
        self.spoke_ns = beat_ns;
        Some(self.origin)
    }

    fn has_audio(&self) -> bool {
        match &self.source {
            Source::Clip { .. } | Source::Keys(_) => !self.is_over(),
            Source::Live(frames) => self.rest_samples > 0 || !frames.is_empty(),
        }
    }

    /// Fills `out` from its front, and the rest with silence; returns how much was filled.
    fn read(&mut self, out: &mut [f32]) -> usize {
        let mut read = 0;
        while read < out.len() {
            let room = &mut out[read..];
            let taken = match &mut self.source {
                Source::Clip { samples, at, again, left } => {
                    if *at >= samples.len() && *again > 0 {
                        (*at, *again) = (0, *again - 1);
                    }
                    let most = room.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                    let taken = copy(samples.get(*at..).unwrap_or_default(), &mut room[..most]);
                    *at += taken;
                    *left -= taken as u64;
                    taken
                }
                Source::Live(frames) => {
                    if self.rest_samples == 0
                        && let Some(frame) = frames.pop()
                    {
                        (self.rest, self.rest_samples) = (frame, frame.len());
                    }
                    let taken = copy(&self.rest[self.rest.len() - self.rest_samples..], room);
                    self.rest_samples -= taken;
                    taken
                }
                Source::Keys(keys) => keys.read(room),
            };
            if taken == 0 {
                break;
            }
            read += taken;
        }
        out[read..].fill(0.0);
        read
    }
}

/// Copies what fits, and returns how much that was.
fn copy(from: &[i16], to: &mut [f32]) -> usize {
    from.iter().zip(to).map(|(&sample, out)| *out = sample_from_i16(sample)).count()
}

#[cfg(test)]
mod tests {
    use mc_engine::sample_to_i16;

    use super::*;

    fn clip(samples: &[i16], again: u32) -> Player {
        let source = Source::Clip { samples: samples.into(), at: 0, again, left: u64::MAX };
        Player::new(source, 0)
    }

    fn taken(player: &mut Player, length: usize) -> (usize, Vec<i16>) {
        let mut out = vec![9.0; length];
        let read = player.read(&mut out);
        (read, out.iter().map(|&sample| sample_to_i16(sample)).collect())
    }

    #[test]
    fn a_clip_is_played_as_often_as_asked_for_and_is_over_then() {
        let mut player = clip(&[1, 2, 3], 2);
        assert_eq!(taken(&mut player, 4), (4, vec![1, 2, 3, 1]));
        assert!(!player.is_over());
        assert_eq!(taken(&mut player, 7), (5, vec![2, 3, 1, 2, 3, 0, 0]));
        assert!(player.is_over());
        assert_eq!(taken(&mut player, 1).0, 0);
        assert!(
            clip(&[], 5).speak(1 << 40, &mut [0.0; 4]).is_none(),
            "an empty one does not go round for ever"
        );
    }

    #[test]
    fn a_clip_may_begin_within_and_end_before_its_end() {
        let whole = Clip::new(vec![1, 2, 3, 4]);
        let eighths = |count: u32| Duration::from_micros(125) * count;
        let playback = Playback::default().with_times(9).with_start(eighths(2)).with_most(Some(eighths(5)));
        let mut player = Player::new(Source::clip(&whole, playback), 0);
        assert_eq!(taken(&mut player, 4), (4, vec![3, 4, 1, 2]));
        assert_eq!((player.place(), player.is_over()), (eighths(2), false));
        assert_eq!(taken(&mut player, 4), (1, vec![3, 0, 0, 0]));
        assert!(player.is_over());
        // Behind its end, once: nothing. Twice: once.
        let behind = Playback::default().with_start(Duration::MAX);
        assert!(Player::new(Source::clip(&whole, behind), 0).is_over());
        let mut again = Player::new(Source::clip(&whole, behind.with_times(2)), 0);
        assert_eq!(taken(&mut again, 5), (4, vec![1, 2, 3, 4, 0]));
        let empty = Source::clip(&Clip::new(vec![]), Playback::default().with_times(u32::MAX));
        assert!(Player::new(empty, 0).is_over());
    }

    #[test]
    fn live_frames_fit_packets_of_any_length() {
        let frames = Arc::new(ArrayQueue::new(4));
        let mut player = Player::new(Source::Live(Arc::clone(&frames)), 0);
        assert_eq!(taken(&mut player, 160).0, 0);
        for start in [0, 160] {
            frames.push(std::array::from_fn(|at| (start + at) as i16)).unwrap();
        }
        let all: Vec<i16> = (0..320).collect();
        assert_eq!(taken(&mut player, 80).1, all[..80]);
        assert_eq!(taken(&mut player, 200).1, all[80..280]);
        let (read, last) = taken(&mut player, 80);
        assert_eq!((read, &last[..40]), (40, &all[280..]));
        assert!(!player.is_over());
    }

    #[test]
    fn packets_are_made_when_the_other_side_has_been_silent_for_three() {
        let mut player = clip(&[5; 1_000], 0);
        let beat = BEAT.as_nanos() as u64;
        let mut frame = [0.0; BEAT_SAMPLES];
        player.carried_ns = 10 * beat;
        assert!(player.speak(12 * beat, &mut frame).is_none());
        let [first, second, later] = [13, 14, 16].map(|at| player.speak(at * beat, &mut frame).unwrap());
        assert!(first.marker && !second.marker && later.marker);
        assert_eq!(second.sequence, first.sequence.wrapping_add(1));
        assert_eq!((second.timestamp - first.timestamp, later.timestamp - first.timestamp), (160, 480));
    }
}
