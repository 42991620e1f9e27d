//! What happens to the audio between decoding and encoding.

use mc_metrics::{Clock, StageTimer};

/// What a stage does with a frame; the pipeline leaves out the work that is not needed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FrameAccess {
    /// Nothing: no frame is made, and [`process`](FrameStage::process) is not called.
    None,
    /// Nothing, but what is sent is silence: as [`None`](Self::None).
    Mute,
    /// Nothing, but what is sent is this many times as loud (linear, not dB), sample by sample: as
    /// [`None`](Self::None). A gain of 1 changes nothing; one that is not a number is silence.
    Gain(f32),
    /// It listens: the frame is decoded, and what is sent is as if nobody did.
    Listen,
    /// It changes the audio: the frame is decoded and encoded again.
    Change,
}

/// A step in the middle of the pipeline, such as a voice processor.
pub trait FrameStage {
    /// What the stage will do with the next frame. Asked once per packet.
    fn access(&self) -> FrameAccess {
        FrameAccess::Change
    }

    /// Processes one frame in place: f32 mono, ±1.0, 8 kHz, 1 to
    /// [`MAX_PAYLOAD_SAMPLES`](crate::MAX_PAYLOAD_SAMPLES) samples, of another length from packet to
    /// packet if the sender wants it so. What a stage with [`FrameAccess::Listen`] writes is not sent.
    ///
    /// `timer` stands at the end of decoding: a stage that wants its time known ends each of its steps
    /// with a [`lap`](StageTimer::lap); what it leaves unclaimed counts as encoding.
    fn process<C: Clock>(&mut self, frame: &mut [f32], timer: &mut StageTimer<'_, C>);
}

/// No stage: packets are only renumbered, and transcoded if the laws differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passthrough;

impl FrameStage for Passthrough {
    fn access(&self) -> FrameAccess {
        FrameAccess::None
    }

    fn process<C: Clock>(&mut self, _frame: &mut [f32], _timer: &mut StageTimer<'_, C>) {}
}
