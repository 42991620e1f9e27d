//! One who takes part: what came from there in this tick, and what goes there.

use mc_dsp::{ConfigError, SampleRate, VoiceDetector};

use super::ConferenceConfig;
use super::frame::Frame;
use super::speakers::Loudness;
use crate::{AdvancedProcessorFactory, Resampler};

/// Whether a party is in the sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    #[default]
    Out,
    /// From this tick on: its voice fades in.
    Coming,
    In,
    /// Until the end of this tick: its voice fades out.
    Going,
}

impl Place {
    pub(super) const fn is_heard(self) -> bool {
        !matches!(self, Self::Out)
    }
}

pub(super) struct Party {
    /// One tick at the conference's rate; written by whoever speaks.
    pub(super) voice: Frame,
    /// Everybody else, at the conference's rate; only of those who are in the sum.
    pub(super) mix: Frame,
    /// Whether anything came in this tick.
    pub(super) sent: bool,
    /// Whether what came is speech, where somebody else has said so.
    pub(super) told: Option<bool>,
    pub(super) speaks: bool,
    pub(super) loudness: Loudness,
    pub(super) place: Place,
    pub(super) detector: Option<Box<dyn VoiceDetector>>,
    /// On the heap: what every tick looks at in every party is then close together.
    pub(super) other_rate: Option<Box<OtherRate>>,
}

/// What a party needs whose rate is not the conference's.
pub(super) struct OtherRate {
    pub(super) inwards: Resampler,
    pub(super) outwards: Resampler,
    /// One tick at the party's rate, each way.
    pub(super) voice: Frame,
    pub(super) mix: Frame,
}

impl Party {
    pub(super) fn new(
        config: &ConferenceConfig,
        rate: SampleRate,
        factory: &AdvancedProcessorFactory,
    ) -> Result<Self, ConfigError> {
        let (samples, own_samples) = (config.samples(), rate.samples_in_ms(config.tick_ms));
        let silence = |samples| Frame::filled(0.0, samples);
        let detector = config.speech_detection.as_ref();
        Ok(Self {
            voice: silence(samples),
            mix: silence(samples),
            sent: false,
            told: None,
            speaks: false,
            loudness: Loudness::default(),
            place: Place::Out,
            detector: detector
                .map(|config_of_detector| factory.voice_detector(config_of_detector, config.rate))
                .transpose()?
                .map(|made| made.processor),
            other_rate: (rate != config.rate).then(|| {
                Box::new(OtherRate {
                    inwards: Resampler::new(rate, config.rate),
                    outwards: Resampler::new(config.rate, rate),
                    voice: silence(own_samples),
                    mix: silence(own_samples),
                })
            }),
        })
    }

    /// Where to write what comes from there, at the party's rate.
    pub(super) fn room(&mut self) -> &mut [f32] {
        self.sent = true;
        match &mut self.other_rate {
            Some(other) => &mut other.voice,
            None => &mut self.voice,
        }
    }

    /// Brings what came to the conference's rate.
    pub(super) fn bring(&mut self) {
        if let Some(OtherRate { inwards, voice, .. }) = self.other_rate.as_deref_mut() {
            if !self.sent {
                voice.fill(0.0);
            }
            inwards.process(voice, &mut self.voice);
        }
    }

    /// Decides whether what came is speech.
    pub(super) fn listen(&mut self) {
        let detected = match &mut self.detector {
            // Silence is heard as well, so that the detector's time goes on.
            Some(detector) => {
                if !self.sent {
                    self.voice.fill(0.0);
                }
                detector.process(&self.voice).ok().map(|voice| voice.is_speech)
            }
            None => None,
        };
        self.speaks = self.sent && self.told.take().or(detected).unwrap_or(true);
    }

    /// Fades the voice in or out over the tick, if it is coming or going.
    pub(super) fn fade(&mut self) {
        let samples = self.voice.len() as f32;
        let rising = match self.place {
            Place::Coming => true,
            Place::Going => false,
            Place::In | Place::Out => return,
        };
        for (n, sample) in self.voice.iter_mut().enumerate() {
            let share = (n as f32 + 0.5) / samples;
            *sample *= if rising { share } else { 1.0 - share };
        }
    }
}
