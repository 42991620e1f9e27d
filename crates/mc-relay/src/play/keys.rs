//! Keys that are pressed in the place of a call's side: as events where the other side has asked for them (RFC 4733),
//! as tones where it has not (ITU-T Q.23).

use std::collections::VecDeque;
use std::time::Duration;

use mc_engine::{ConfigError, DtmfKey, Egress, SAMPLE_RATE};
use mc_rtp_pipeline::MediaPacket;
use mc_rtp_pipeline::telephone_event::{DtmfTone, EventSender};

/// Keys that may wait to be pressed.
const MOST: usize = 64;

/// The loudest sine that G.711 carries, in dBm0: 3.14 in A-law and 3.17 in mu-law (ITU-T G.711 tables 1 and 2).
const FULL_SCALE_DBM0: f32 = 3.155;

/// Peak of each of a key's two tones at most: together at full scale.
const LOUDEST: f32 = 0.5;

/// How keys are pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyPress {
    /// How long each is held, 40 ms to 5 s. Default: 250 ms.
    pub duration: Duration,
    /// How long nothing is heard behind each, 40 ms to 5 s. Default: 100 ms.
    pub pause: Duration,
    /// How loud each tone is, 0 to 63 dB below 0 dBm0. Default: 8.
    pub volume: u8,
}

impl Default for KeyPress {
    fn default() -> Self {
        Self { duration: Duration::from_millis(250), pause: Duration::from_millis(100), volume: 8 }
    }
}

impl KeyPress {
    /// Sets how long each key is held.
    #[must_use]
    pub const fn with_duration(mut self, duration: Duration) -> Self {
        self.duration = duration;
        self
    }

    /// Sets how long nothing is heard behind each key.
    #[must_use]
    pub const fn with_pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// Sets how loud each tone is, in dB below 0 dBm0.
    #[must_use]
    pub const fn with_volume(mut self, volume: u8) -> Self {
        self.volume = volume;
        self
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first field that is out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let times = Duration::from_millis(40)..=Duration::from_secs(5);
        for (field, time) in [("duration", self.duration), ("pause", self.pause)] {
            if !times.contains(&time) {
                return Err(ConfigError::new(field, format!("{time:?}"), "40 ms to 5 s"));
            }
        }
        if self.volume > 63 {
            return Err(ConfigError::new("volume", self.volume, "0 to 63 dB"));
        }
        Ok(())
    }
}

/// Keys that wait to be pressed one after the other, and the one that is.
#[derive(Debug)]
pub(crate) struct Keys {
    /// The number that the listener knows events by; `None` to send tones.
    payload_type: Option<u8>,
    waiting: VecDeque<(DtmfKey, KeyPress)>,
    now: Now,
}

/// What is heard at present.
#[derive(Debug)]
enum Now {
    /// Silence for so many samples.
    Pause(usize),
    Tone {
        tone: DtmfTone,
        left: usize,
        pause: usize,
    },
    /// An event, which began at `timestamp`; the first of its packets is marked.
    Event {
        sender: EventSender,
        timestamp: u32,
        is_first: bool,
        pause: usize,
    },
}

impl Keys {
    pub(crate) fn new(payload_type: Option<u8>, keys: &[DtmfKey], press: KeyPress) -> Self {
        let mut waiting = VecDeque::with_capacity(MOST);
        waiting.extend(keys.iter().take(MOST).map(|key| (*key, press)));
        Self { payload_type, waiting, now: Now::Pause(0) }
    }

    /// Presses those of `other` behind its own, as far as there is room, in its own way.
    pub(crate) fn append(&mut self, other: &Self) {
        let room = MOST.saturating_sub(self.waiting.len());
        self.waiting.extend(other.waiting.iter().take(room));
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.now, Now::Pause(0)) && self.waiting.is_empty()
    }

    /// Fills `out` with what is heard; returns how much was filled. Events are silence here: they take
    /// [its place](Self::press).
    pub(crate) fn read(&mut self, out: &mut [f32]) -> usize {
        out.fill(0.0);
        if self.payload_type.is_some() {
            return if self.is_over() { 0 } else { out.len() };
        }
        let mut read = 0;
        while read < out.len() && !self.is_over() {
            let room = &mut out[read..];
            read += match &mut self.now {
                Now::Pause(left) if *left > 0 => take(left, room.len()),
                Now::Tone { tone, left, pause } => {
                    let length = take(left, room.len());
                    tone.add_to(&mut room[..length]);
                    if *left == 0 {
                        self.now = Now::Pause(*pause);
                    }
                    length
                }
                Now::Pause(_) | Now::Event { .. } => {
                    self.next_tone();
                    0
                }
            };
        }
        read
    }

    fn next_tone(&mut self) {
        let Some((key, press)) = self.waiting.pop_front() else { return };
        let (left, pause) = (samples(press.duration), samples(press.pause));
        let dbfs = -f32::from(press.volume) - FULL_SCALE_DBM0;
        let tone = DtmfTone::new(key, SAMPLE_RATE, left, 10f32.powf(dbfs / 20.0).min(LOUDEST));
        self.now = Now::Tone { tone, left, pause };
    }

    /// Puts the event that is due into the place of a packet's audio, which is silence.
    pub(crate) fn press(&mut self, packet: &mut Egress<'_>) {
        let Some(payload_type) = self.payload_type else { return };
        let length = packet.payload().len();
        loop {
            match &mut self.now {
                Now::Pause(left) if *left > 0 => {
                    take(left, length);
                    return;
                }
                Now::Event { sender, timestamp, is_first, pause } => match sender.next() {
                    Some(event) => {
                        let marker = std::mem::take(is_first);
                        packet.replace_by_event(payload_type, marker, *timestamp, event);
                        return;
                    }
                    None => self.now = Now::Pause(*pause),
                },
                Now::Pause(_) | Now::Tone { .. } => {
                    let (Some((key, press)), Ok(header)) =
                        (self.waiting.pop_front(), MediaPacket::parse(packet.packet()))
                    else {
                        return;
                    };
                    let duration = samples(press.duration) as u16;
                    let sender = EventSender::new(key.event(), press.volume, duration, length as u16);
                    let pause = samples(press.pause);
                    self.now = Now::Event { sender, timestamp: header.timestamp, is_first: true, pause };
                }
            }
        }
    }
}

/// Takes up to `most` of what is left.
fn take(left: &mut usize, most: usize) -> usize {
    let taken = most.min(*left);
    *left -= taken;
    taken
}

/// At most 40,000, which is 5 s.
fn samples(time: Duration) -> usize {
    SAMPLE_RATE.samples_in_ms(time.as_millis() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(symbols: &str) -> Vec<DtmfKey> {
        symbols.chars().map(|symbol| DtmfKey::from_symbol(symbol).unwrap()).collect()
    }

    #[test]
    fn tones_and_pauses_follow_one_another_in_reads_of_any_length() {
        let press = KeyPress::default()
            .with_duration(Duration::from_millis(50))
            .with_pause(Duration::from_millis(40));
        let read = |length: usize| {
            let (mut keys, mut heard) = (Keys::new(None, &keys("5#"), press), Vec::new());
            while !keys.is_over() {
                let mut out = vec![9.0; length];
                let filled = keys.read(&mut out);
                heard.extend_from_slice(&out[..filled]);
            }
            heard
        };
        let heard = read(160);
        assert_eq!(heard.len(), 2 * (400 + 320));
        assert!(heard[400..720].iter().chain(&heard[1_120..]).all(|sample| *sample == 0.0));
        for tone in [&heard[..400], &heard[720..1_120]] {
            let peak = tone.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
            assert!((0.5..0.56).contains(&peak), "twice 11.14 dB below full scale: {peak}");
        }
        assert_eq!(read(37), heard);
    }

    #[test]
    fn no_more_wait_than_there_is_room_for() {
        let press = KeyPress::default();
        let mut waiting = Keys::new(Some(96), &keys(&"1".repeat(50)), press);
        waiting.append(&Keys::new(Some(96), &keys(&"2".repeat(50)), press.with_volume(3)));
        assert_eq!(waiting.waiting.len(), MOST);
        assert_eq!(waiting.waiting[50].1.volume, 3);
    }

    #[test]
    fn what_nobody_presses_is_named() {
        let press = KeyPress::default();
        assert_eq!(press.validate(), Ok(()));
        let (short, long) = (Duration::from_millis(39), Duration::from_millis(5_001));
        for (press, field) in [
            (press.with_duration(short), "duration"),
            (press.with_duration(long), "duration"),
            (press.with_pause(long), "pause"),
            (press.with_volume(64), "volume"),
        ] {
            assert_eq!(press.validate().unwrap_err().field(), field);
        }
    }
}
