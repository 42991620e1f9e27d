//! The detector.

use mc_dsp::{ConfigError, ProcessError, Processor, SampleRate, VoiceActivity, VoiceDetector, check_frame};

use super::decision::Decision;
use super::features::{FEATURES, FeatureExtractor};
use super::learned::Learned;
use super::likelihood::LikelihoodTest;
use super::{AdvancedVadConfig, VadClassifier, VadFeatures};

/// Hears speech in noise and music: 32 ms spectra every 10 ms up to 3.8 kHz, the same features at every sample
/// rate, classified by a small recurrent network or by a likelihood-ratio test.
///
/// Frames may have any length from 2.5 to 60 ms; the result does not depend on how the audio is cut into frames. The
/// opinion returned is that of the last 10 ms that are complete. Samples that are not finite count as 0.
#[derive(Debug)]
pub struct AdvancedVoiceActivityDetector {
    rate: SampleRate,
    extractor: FeatureExtractor,
    classifier: Classifier,
    decision: Decision,
    features: [f32; FEATURES],
    latest: VoiceActivity,
}

#[derive(Debug)]
enum Classifier {
    Learned(Learned),
    LikelihoodRatio(LikelihoodTest),
}

impl AdvancedVoiceActivityDetector {
    /// A detector for audio at `rate`.
    ///
    /// # Errors
    /// [`ConfigError`] as of [`AdvancedVadConfig::validate`].
    pub fn new(config: AdvancedVadConfig, rate: SampleRate) -> Result<Self, ConfigError> {
        config.validate()?;
        let classifier = match config.classifier {
            VadClassifier::Learned => Classifier::Learned(Learned::new()),
            VadClassifier::LikelihoodRatio => Classifier::LikelihoodRatio(LikelihoodTest::new()),
        };
        Ok(Self {
            rate,
            extractor: FeatureExtractor::new(rate),
            classifier,
            decision: Decision::new(&config),
            features: [0.0; FEATURES],
            latest: VoiceActivity::new(0.0, false),
        })
    }

    /// What the detector saw in the last 10 ms that were complete.
    #[must_use]
    pub fn features(&self) -> VadFeatures {
        VadFeatures::of(&self.features)
    }

    /// Samples that were not finite and counted as 0.
    #[must_use]
    pub const fn replaced_samples(&self) -> u64 {
        self.extractor.replaced_samples()
    }
}

impl Classifier {
    fn classify(&mut self, features: &[f32; FEATURES]) -> f32 {
        match self {
            Self::Learned(learned) => learned.classify(features),
            Self::LikelihoodRatio(test) => test.classify(features),
        }
    }
}

impl Processor for AdvancedVoiceActivityDetector {
    fn sample_rate(&self) -> SampleRate {
        self.rate
    }

    /// 0: an opinion on 10 ms is there with their last sample.
    fn latency_samples(&self) -> usize {
        0
    }

    fn state_bytes(&self) -> usize {
        let classifier = match &self.classifier {
            Classifier::Learned(learned) => learned.state_bytes(),
            Classifier::LikelihoodRatio(_) => 0,
        };
        size_of::<Self>() + self.extractor.heap_bytes() + classifier
    }

    fn model_bytes(&self) -> usize {
        match self.classifier {
            Classifier::Learned(_) => Learned::model_bytes(),
            Classifier::LikelihoodRatio(_) => 0,
        }
    }

    fn reset(&mut self) {
        self.extractor.reset();
        match &mut self.classifier {
            Classifier::Learned(learned) => learned.reset(),
            Classifier::LikelihoodRatio(test) => test.reset(),
        }
        self.decision.reset();
        self.features = [0.0; FEATURES];
        self.latest = VoiceActivity::new(0.0, false);
    }
}

impl VoiceDetector for AdvancedVoiceActivityDetector {
    fn process(&mut self, frame: &[f32]) -> Result<VoiceActivity, ProcessError> {
        check_frame(self.rate, frame.len())?;
        let Self { extractor, classifier, decision, features, latest, .. } = self;
        extractor.process(frame, |row| {
            *features = *row;
            let probability = classifier.classify(row);
            *latest = VoiceActivity::new(probability, decision.decide(probability));
        });
        if self.latest.probability.is_finite() { Ok(self.latest) } else { Err(ProcessError::NonFiniteState) }
    }
}
