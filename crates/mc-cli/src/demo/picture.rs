//! The demo's picture: Ada's side of the call, before and after.

use super::dialogue::{Dialogue, RATE, spoken};
use super::direction::Direction;
use super::measure;
use super::report::Report;
use crate::plot::{Activity, Picture, Span, Track};

/// The picture of what Ada sent, in which the relay `heard` speech, with the figures of `report`.
pub(super) fn of<'a>(
    from_ada: &'a Direction,
    dialogue: &Dialogue,
    heard: &'a [Span],
    report: &Report,
) -> Picture<'a> {
    Picture {
        title: "A call through the relay, as Ada's microphone heard it and as Ben did".to_owned(),
        subtitle: report.headline(),
        rate: RATE,
        before: Track {
            name: "before: Ada's microphone, with Ben's voice from her loudspeaker",
            samples: &from_ada.before,
        },
        after: Track { name: "after: what Ben received", samples: &from_ada.after },
        activity: vec![
            Activity { name: "Ben talks", spans: spoken(&dialogue.ben) },
            Activity { name: "Ada talks", spans: spoken(&dialogue.ada) },
            Activity { name: "heard", spans: heard.to_vec() },
        ],
        speech: heard,
        gain: measure::gain(from_ada),
    }
}
