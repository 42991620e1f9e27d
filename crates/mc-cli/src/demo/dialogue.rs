//! What is said in the demo: the committed speech, as long as the call lasts.

use mc_dsp::{SampleRate, rms_dbfs};

use crate::audio::wav;
use crate::failure::Failure;
use crate::plot::Span;

/// G.711 has one rate.
pub(super) const RATE: SampleRate = SampleRate::Hz8000;

const ADA: &[u8] = include_bytes!("../../assets/speech/ada.wav");
const BEN: &[u8] = include_bytes!("../../assets/speech/ben.wav");

/// The two talkers' clean speech, equally long.
pub(super) struct Dialogue {
    pub(super) ada: Vec<f32>,
    pub(super) ben: Vec<f32>,
}

impl Dialogue {
    /// The first `samples` of the conversation, which begins again when it is over.
    pub(super) fn new(samples: usize) -> Result<Self, Failure> {
        let take = |file| -> Result<Vec<f32>, Failure> {
            let speech = wav::parse(file)?.samples;
            Ok(speech.iter().copied().cycle().take(samples).collect())
        };
        Ok(Self { ada: take(ADA)?, ben: take(BEN)? })
    }
}

/// Where clean `speech` is louder than -50 dBFS, pauses of up to 300 ms bridged.
pub(super) fn spoken(speech: &[f32]) -> Vec<Span> {
    spans(speech.chunks(RATE.samples_in_ms(20)).map(|frame| rms_dbfs(frame) > -50.0), 0.02, 0.3)
}

/// The stretches in which `flags`, `seconds` apart, are set; gaps shorter than `bridge` seconds count in.
pub(super) fn spans(flags: impl Iterator<Item = bool>, seconds: f64, bridge: f64) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for (index, _) in flags.enumerate().filter(|(_, set)| *set) {
        let (start, end) = (index as f64 * seconds, (index + 1) as f64 * seconds);
        match spans.last_mut() {
            // Half a flag's length more, because sums of floats are not exact.
            Some(last) if start - last.end < bridge + 0.5 * seconds => last.end = end,
            _ => spans.push(start..end),
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_conversation_lasts_as_long_as_the_call() {
        for samples in [0, 24_000, 160_000, 400_000] {
            let dialogue = Dialogue::new(samples).unwrap();
            assert_eq!((dialogue.ada.len(), dialogue.ben.len()), (samples, samples));
        }
    }

    #[test]
    fn ben_begins_and_ada_answers() {
        let dialogue = Dialogue::new(160_000).unwrap();
        let (ada, ben) = (spoken(&dialogue.ada), spoken(&dialogue.ben));
        assert!(ben[0].start < 0.5 && ben[0].end > 4.0, "{ben:?}");
        assert!(ada[0].start > ben[0].end, "{ada:?}");
    }

    #[test]
    fn short_gaps_are_bridged_and_long_ones_are_not() {
        let flags = [true, false, true, true, false, false, false, true];
        let found = spans(flags.into_iter(), 0.1, 0.1);
        assert_eq!(found.len(), 2);
        assert!((found[0].end - 0.4).abs() < 1e-9 && (found[1].start - 0.7).abs() < 1e-9);
    }
}
