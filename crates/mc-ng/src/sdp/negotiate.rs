//! Which format each side of a stream is to use, once both have spoken.

use super::{Format, MediaStream};
use crate::CodecRules;

/// What two sides of a stream agreed on, each in its own numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// What the answer to the offerer lists.
    pub answer: Vec<Format>,
    /// The formats of voice for offerer and answerer, where they differ: the relay transcodes between
    /// them. `None`: what one sends, the other understands.
    pub transcoding: Option<[Format; 2]>,
}

impl Agreement {
    /// Answers with the first format of voice only, and with what is no voice.
    #[must_use]
    pub fn with_single_voice(mut self) -> Self {
        let mut has_voice = false;
        self.answer.retain(|format| !format.is_voice() || !std::mem::replace(&mut has_voice, true));
        self
    }
}

/// Brings together what one side offered and the other side answered. `rules` were applied to the offer
/// on its way. `None` when they share nothing and nothing can be transcoded.
#[must_use]
pub fn agree(offered: &MediaStream, answered: &MediaStream, rules: &CodecRules) -> Option<Agreement> {
    // Rules that take everything out take nothing out.
    let all_taken = !offered.formats.iter().any(|format| rules.leaves_to_offerer(format));
    let usable = |format: &&Format| all_taken || rules.leaves_to_offerer(format);
    let shared: Vec<Format> = answered
        .formats
        .iter()
        .filter(|format| offered.formats.iter().any(|other| other.is_codec(format)))
        .cloned()
        .collect();
    let Some(voice) = answered.voice() else {
        // Events alone, or no audio: whatever it is, it is passed on.
        return (!shared.is_empty()).then_some(Agreement { answer: shared, transcoding: None });
    };
    let usable_g711 = || offered.formats.iter().filter(usable).filter(|format| format.is_g711());
    let insisted = usable_g711().find(|format| rules.insists_on(format));
    let understood = shared.iter().filter(usable).any(|format| format.is_codec(voice));
    let own = insisted.or_else(|| usable_g711().next());
    let other = own.filter(|own| voice.is_g711() && !own.is_codec(voice));
    let transcodes = !understood || rules.transcodes_always() || insisted.is_some();
    let Some(own) = other.filter(|_| transcodes) else {
        return understood.then_some(Agreement { answer: shared, transcoding: None });
    };
    let others = shared.into_iter().filter(|format| !format.is_voice());
    let answer = std::iter::once(own.clone()).chain(others).collect();
    Some(Agreement { answer, transcoding: Some([own.clone(), voice.clone()]) })
}
