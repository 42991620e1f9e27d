//! What a consumer hears: a leg's packets as one stream of 20 ms frames at 16 kHz that never stops, and when there is
//! speech.

use std::time::Duration;

use mc_engine::{
    AdvancedVadConfig, AdvancedVoiceActivityDetector, ConfigError, JitterConfig, Law, PayloadFormat,
    PayloadMap, Resampler, SAMPLE_RATE, VoiceDetector, sample_to_i16,
};
use mc_rtp_pipeline::{MappedCodecs, MediaPacket, Playout};

use super::RATE;
use crate::attach::Heard;
use crate::beat::{BEAT, BEAT_SAMPLES};

/// Samples of a frame as it goes.
const WIDE: usize = RATE.samples_in_ms(20);

/// Static payload type of comfort noise (RFC 3551 §6).
const COMFORT_NOISE: u8 = 13;
/// What stands for everything else that is no audio: a pause. Which number a call gives to it does not matter here.
const PAUSE: u8 = 101;

/// Something to tell the consumer.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tell {
    /// A frame, 16-bit little-endian.
    Audio(Vec<u8>),
    /// Speech begins or ends, so many milliseconds of audio after the start.
    Speech { begins: bool, at_ms: u64 },
}

/// Listens to one leg through a jitter buffer: a frame for each 20 ms, in the order in which they were said, with what
/// is lost concealed.
#[derive(Debug)]
pub(super) struct Ears {
    playout: Playout<MappedCodecs>,
    vad: AdvancedVoiceActivityDetector,
    resampler: Resampler,
    start_ns: u64,
    frames: u64,
    is_speech: bool,
}

impl Ears {
    /// Ears that are open from `start_ns` on, in the time of the packets.
    pub(super) fn new(start_ns: u64) -> Result<Self, ConfigError> {
        let formats = PayloadMap::from(PayloadFormat::PCMU).with_format(PayloadFormat::PCMA);
        let playout = Playout::new(&JitterConfig::default(), formats.codecs()?)?;
        Ok(Self {
            playout: playout.with_comfort_noise(COMFORT_NOISE).with_telephone_events(PAUSE),
            vad: AdvancedVoiceActivityDetector::new(AdvancedVadConfig::default(), SAMPLE_RATE)?,
            resampler: Resampler::new(SAMPLE_RATE, RATE),
            start_ns,
            frames: 0,
            is_speech: false,
        })
    }

    /// Takes in a packet. What came before [`due_ns`](Self::due_ns) belongs here before the next frame is taken.
    pub(super) fn hear(&mut self, heard: &Heard) {
        let Some((packet, law)) = heard.parse() else { return };
        let payload_type = match law {
            Some(Law::Mu) => PayloadFormat::PCMU.payload_type,
            Some(Law::A) => PayloadFormat::PCMA.payload_type,
            None if packet.payload_type == COMFORT_NOISE => COMFORT_NOISE,
            None => PAUSE,
        };
        // Late, twice or of a stranger: the buffer leaves it out.
        self.playout.insert(&MediaPacket { payload_type, ..packet }, Duration::from_nanos(heard.at_ns));
    }

    /// When the next frame is due.
    pub(super) fn due_ns(&self) -> u64 {
        self.start_ns + (self.frames + 1) * BEAT.as_nanos() as u64
    }

    /// The next frame, and what else there is to tell with it.
    pub(super) fn frame(&mut self) -> impl Iterator<Item = Tell> + use<> {
        let mut narrow = [0.0; BEAT_SAMPLES];
        self.playout.play(&mut narrow, Duration::from_nanos(self.due_ns()));
        self.frames += 1;
        let mut wide = [0.0; WIDE];
        let made = self.resampler.process(&narrow, &mut wide);
        let audio = wide[..made].iter().flat_map(|&sample| sample_to_i16(sample).to_le_bytes()).collect();
        let is_speech = self.vad.process(&narrow).map_or(self.is_speech, |voice| voice.is_speech);
        let turned = std::mem::replace(&mut self.is_speech, is_speech) != is_speech;
        let at_ms = self.frames * BEAT.as_millis() as u64;
        let speech = turned.then_some(Tell::Speech { begins: is_speech, at_ms });
        std::iter::once(Tell::Audio(audio)).chain(speech)
    }
}

#[cfg(test)]
mod tests {
    use mc_engine::{G711, sample_from_i16};
    use mc_testkit::signal::{Talker, sine};

    use super::*;
    use crate::LegId;

    /// A packet: which 20 ms of the signal, and when it arrives.
    type Arrival = (usize, u64);

    /// What is told of `samples` of which `arrivals` arrive, in this order.
    fn told(samples: &[f32], arrivals: impl IntoIterator<Item = Arrival>) -> Vec<Tell> {
        let mut ears = Ears::new(0).unwrap();
        let mut told = Vec::new();
        let mut until = |ears: &mut Ears, at_ns: u64| {
            while ears.due_ns() <= at_ns {
                told.extend(ears.frame());
            }
        };
        for (index, at_ms) in arrivals {
            until(&mut ears, at_ms * 1_000_000);
            let mut codes = vec![0; BEAT_SAMPLES];
            let frame = &samples[index * BEAT_SAMPLES..][..BEAT_SAMPLES];
            G711::new(Law::Mu).encode_f32(frame, &mut codes).unwrap();
            let timestamp = ((index * BEAT_SAMPLES) as u32).wrapping_sub(1_000);
            ears.hear(&Heard::for_tests(LegId::A, at_ms * 1_000_000, index as u16, timestamp, &codes));
        }
        // Whatever waits has been played by then.
        until(&mut ears, (samples.len() as u64 / 8 + 500) * 1_000_000);
        told
    }

    /// Every packet when it is said.
    fn punctual(samples: &[f32]) -> impl Iterator<Item = Arrival> {
        (0..samples.len() / BEAT_SAMPLES).map(|index| (index, index as u64 * 20))
    }

    fn audio(told: &[Tell]) -> Vec<f32> {
        let frames = told.iter().filter_map(|tell| match tell {
            Tell::Audio(bytes) => Some(bytes),
            Tell::Speech { .. } => None,
        });
        let bytes: Vec<u8> = frames.flat_map(|bytes| bytes.iter().copied()).collect();
        bytes.chunks_exact(2).map(|pair| sample_from_i16(i16::from_le_bytes([pair[0], pair[1]]))).collect()
    }

    /// Signal over what differs from a tone of 1 kHz, in dB: how pure it is.
    fn purity_db(samples: &[f32]) -> f32 {
        let step = std::f32::consts::TAU * 1_000.0 / RATE.hz() as f32;
        let (mut re, mut im) = (0.0, 0.0);
        for (n, sample) in samples.iter().enumerate() {
            let (sin, cos) = (step * (n % 16) as f32).sin_cos();
            re += sample * cos;
            im += sample * sin;
        }
        let tone = 2.0 * (re * re + im * im) / samples.len() as f32;
        let all: f32 = samples.iter().map(|sample| sample * sample).sum();
        10.0 * (tone / (all - tone).max(1e-9)).log10()
    }

    #[test]
    fn a_tone_arrives_as_it_was_twice_as_fine() {
        let tone = sine(8_000, 1_000.0, 0.5, 16_000);
        let wide = audio(&told(&tone, punctual(&tone)));
        assert_eq!(wide.len(), 2 * (16_000 + 4_000), "time passes when nothing comes, too");
        let middle = &wide[8_000..24_000];
        let energy: f32 = middle.iter().map(|sample| sample * sample).sum::<f32>() / 16_000.0;
        assert!((energy - 0.125).abs() < 0.002, "{energy}");
        assert!(purity_db(middle) > 35.0, "{}", purity_db(middle));
    }

    #[test]
    fn disorder_is_put_in_order_and_doubles_and_losses_shift_nothing() {
        let tone = sine(8_000, 1_000.0, 0.5, 32_000);
        let mut arrivals: Vec<Arrival> = Vec::new();
        for (index, at_ms) in punctual(&tone) {
            match index % 10 {
                // Overtaken by the next one.
                3 => arrivals.push((index, at_ms + 25)),
                // Comes twice.
                5 => arrivals.extend([(index, at_ms), (index, at_ms + 1)]),
                _ => arrivals.push((index, at_ms)),
            }
        }
        arrivals.sort_by_key(|&(_, at_ms)| at_ms);
        let wide = audio(&told(&tone, arrivals.clone()));
        // From the second on: by then the buffer knows how late packets come.
        let ordered = purity_db(&wide[16_000..60_000]);
        assert!(ordered > 35.0, "{ordered}");
        // A lost packet a second is concealed, and what follows it stands where it would have stood.
        arrivals.retain(|(index, _)| index % 50 != 49);
        let lossy = audio(&told(&tone, arrivals));
        assert_eq!(lossy.len(), wide.len());
        let concealed = purity_db(&lossy[16_000..60_000]);
        assert!(concealed > 15.0, "{concealed}");
    }

    #[test]
    fn a_pause_takes_the_time_it_takes() {
        let mut samples = sine(8_000, 1_000.0, 0.5, 8_000);
        samples.extend([0.0; 16_000]);
        samples.extend(sine(8_000, 1_000.0, 0.5, 8_000));
        // The sender leaves the two seconds in the middle out.
        let arrivals = punctual(&samples).filter(|(index, _)| !(50..150).contains(index));
        let told = told(&samples, arrivals);
        let wide = audio(&told);
        let loud = |at_ms: usize| wide[at_ms * 16..][..320].iter().any(|sample| sample.abs() > 0.3);
        assert!(loud(500) && !loud(1_300) && !loud(2_900) && loud(3_500) && !loud(4_300));
    }

    #[test]
    fn speech_is_told_when_it_begins_and_ends() {
        let mut samples = vec![0.0; 8_000];
        samples.extend(Talker::new(3, 8_000).say(2.0, -26.0).samples);
        samples.resize(samples.len() + 16_000, 0.0);
        let events: Vec<(bool, u64)> = told(&samples, punctual(&samples))
            .into_iter()
            .filter_map(|tell| match tell {
                Tell::Speech { begins, at_ms } => Some((begins, at_ms)),
                Tell::Audio(_) => None,
            })
            .collect();
        assert!(events.len() >= 2 && events.len().is_multiple_of(2), "{events:?}");
        for (index, (begins, _)) in events.iter().enumerate() {
            assert_eq!(*begins, index % 2 == 0, "{events:?}");
        }
        assert!((1_000..1_500).contains(&events[0].1), "{events:?}");
        assert!(events[events.len() - 1].1 < 4_500, "{events:?}");
    }

    #[test]
    fn what_is_no_audio_is_a_pause() {
        let mut ears = Ears::new(0).unwrap();
        for index in 0..50u16 {
            let at_ns = u64::from(index) * 20_000_000;
            let mut heard = Heard::for_tests(LegId::A, at_ns, index, u32::from(index) * 160, &[7; 33]);
            heard.make_passed_on();
            ears.hear(&heard);
            let audio = audio(&ears.frame().collect::<Vec<_>>());
            assert!(audio.iter().all(|sample| sample.abs() < 1e-3), "{index}");
        }
    }
}
