//! Who talks: between an echo canceller, a voice detector and a gain control.

use crate::{EchoReport, SILENCE_DBFS, SampleRate, VoiceActivity, rms_dbfs};

/// Keeps a gain control from taking residual echo for the talker it is to level.
///
/// While a canceller learns, speech is left of the far end's speech, and a detector rightly hears it. A gain
/// control that follows it lifts all residual echo by what a faint talker would need, and keeps it lifted. So what
/// is left of a frame is near-end speech only if it is louder than echo of the far end's last seconds can be, and
/// if no canceller that is known to remove echo claims that the far end talks alone. The comparison of levels is
/// Duttweiler's ("A twelve-channel digital echo canceler", IEEE Trans. Commun. 26, 1978), with an echo path that may
/// amplify.
///
/// That is strict where both talk at once, and may be: the gain control then keeps the gain that it has.
#[derive(Clone, Copy, Debug)]
pub struct NearEndGate {
    fall_db: f32,
    far_dbfs: f32,
}

impl NearEndGate {
    /// Most that loudspeaker and microphone amplify the far end, in dB.
    const COUPLING_DB: f32 = 6.0;
    /// Echo that a canceller must have removed for its claims to count, in dB. One that has found no echo to learn
    /// from, as with a headset, may take all that it hears for the far end's.
    const PROVEN_DB: f32 = 6.0;
    /// How fast the far end is forgotten, in dB per second: its echo comes up to half a second later, and fades.
    const FALL_DB: f32 = 20.0;

    /// A gate for one microphone that has heard nothing yet.
    #[must_use]
    pub fn new(rate: SampleRate) -> Self {
        Self { fall_db: Self::FALL_DB / rate.hz() as f32, far_dbfs: SILENCE_DBFS }
    }

    /// Hears the far end (f32 mono, ±1.0), as [`EchoCanceller::render`](crate::EchoCanceller::render) does.
    /// Without it everything is the near end.
    pub fn render(&mut self, far_end: &[f32]) {
        // A level that is no number counts as silence.
        self.far_dbfs = self.far_dbfs.max(rms_dbfs(far_end));
    }

    /// What to tell [`GainControl::process`](crate::GainControl::process) about `frame`, which is f32 mono after
    /// the echo canceller: the detector's probability, or 0 for what may be echo. `echo` and `voice` are the
    /// reports on this frame, `None` for a stage that is off or failed; without a detector the gain control decides
    /// for itself about what is not echo.
    pub fn speech_probability(
        &mut self,
        frame: &[f32],
        echo: Option<EchoReport>,
        voice: Option<VoiceActivity>,
    ) -> Option<f32> {
        let loudest_echo = self.far_dbfs + Self::COUPLING_DB;
        self.far_dbfs = (self.far_dbfs - self.fall_db * frame.len() as f32).max(SILENCE_DBFS);
        let far_end_alone = echo.is_some_and(|echo| {
            let proven = echo.erle_db.is_some_and(|erle| erle >= Self::PROVEN_DB);
            proven && echo.far_end_active && !echo.near_end_active
        });
        if far_end_alone || rms_dbfs(frame) <= loudest_echo {
            return Some(0.0);
        }
        voice.map(|voice| voice.probability)
    }

    /// Forgets the far end.
    pub const fn reset(&mut self) {
        self.far_dbfs = SILENCE_DBFS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEECH: Option<VoiceActivity> = Some(VoiceActivity::new(0.9, true));
    const BOTH: Option<EchoReport> = Some(EchoReport::new(None, true, true));
    const FAR_END_ALONE: Option<EchoReport> = Some(EchoReport::new(Some(20.0), false, true));
    const NEAR_END_ALONE: Option<EchoReport> = Some(EchoReport::new(None, false, false));

    fn gate(far_end: f32) -> NearEndGate {
        let mut gate = NearEndGate::new(SampleRate::Hz8000);
        gate.render(&[far_end; 80]);
        gate
    }

    #[test]
    fn what_is_as_loud_as_echo_can_be_is_not_speech_whatever_canceller_and_detector_say() {
        for echo in [None, BOTH, NEAR_END_ALONE] {
            for (left, heard) in [(0.001, Some(0.0)), (0.19, Some(0.0)), (0.21, Some(0.9))] {
                assert_eq!(gate(0.1).speech_probability(&[left; 80], echo, SPEECH), heard);
            }
        }
    }

    #[test]
    fn the_canceller_may_say_that_the_far_end_is_alone_once_it_has_removed_echo() {
        assert_eq!(gate(0.1).speech_probability(&[0.9; 80], FAR_END_ALONE, SPEECH), Some(0.0));
        for erle_db in [None, Some(0.0)] {
            let unproven = Some(EchoReport::new(erle_db, false, true));
            assert_eq!(gate(0.1).speech_probability(&[0.9; 80], unproven, SPEECH), Some(0.9));
        }
    }

    #[test]
    fn a_far_end_that_is_faint_or_unknown_keeps_nothing_away() {
        let mut deaf = NearEndGate::new(SampleRate::Hz8000);
        assert_eq!(deaf.speech_probability(&[0.001; 80], None, SPEECH), Some(0.9));
        assert_eq!(deaf.speech_probability(&[0.001; 80], None, None), None);
        assert_eq!(gate(0.0003).speech_probability(&[0.001; 80], BOTH, SPEECH), Some(0.9));
        assert_eq!(gate(f32::NAN).speech_probability(&[0.001; 80], BOTH, SPEECH), Some(0.9));
    }

    #[test]
    fn the_far_end_is_forgotten_in_time_however_it_is_cut_and_at_once_by_reset() {
        for (frame, rate) in [(20, SampleRate::Hz8000), (480, SampleRate::Hz8000), (480, SampleRate::Hz48000)]
        {
            let mut gate = NearEndGate::new(rate);
            gate.render(&[0.1; 80]);
            let mut is_kept_away =
                |_: &usize| gate.speech_probability(&vec![0.1; frame], NEAR_END_ALONE, SPEECH) == Some(0.0);
            let samples = frame * (0..10_000).take_while(&mut is_kept_away).count();
            // 6 dB at 20 dB per second.
            assert!((300.0..=361.0).contains(&rate.ms_of(samples)), "{samples} at {rate:?}");
            gate.render(&[0.1; 80]);
            gate.reset();
            assert_eq!(gate.speech_probability(&[0.001; 80], NEAR_END_ALONE, SPEECH), Some(0.9));
        }
    }
}
