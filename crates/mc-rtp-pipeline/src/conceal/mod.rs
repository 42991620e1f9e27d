//! Concealment of audio that is missing: what was said just before a gap goes on, and where the audio behind
//! the gap is already known, the two meet in the middle.
//!
//! The model of speech is the one of linear prediction: an excitation, which repeats itself pitch period by
//! pitch period, through an all-pole filter. Going on in the excitation and letting the filter ring makes the
//! first concealed sample follow smoothly from the last real one; nothing has to be delayed for a cross-fade,
//! as ITU-T G.711 Appendix I does by 3.75 ms.

mod bridge;
mod extrapolate;
mod overlap;
mod pitch;
mod prediction;
mod scale;

pub(crate) use bridge::Bridge;
pub(crate) use extrapolate::Extrapolator;
pub(crate) use overlap::crossfade;
pub(crate) use prediction::{Levinson, dot};
pub(crate) use scale::TimeScaler;
