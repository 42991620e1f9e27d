//! How long packets last that a proxy wants joined or cut.

use std::ops::RangeInclusive;

use mc_ng::MediaOptions;

/// How long the packets to each side last, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PacketTimes {
    to_offerer: Option<u32>,
    to_answerer: Option<u32>,
    /// Whether a proxy has asked for any of it. Otherwise packets stay as they come.
    is_asked: bool,
}

impl PacketTimes {
    /// Lengths of packets that can be made.
    const RANGE_MS: RangeInclusive<u32> = 10..=60;

    /// Where nobody says anything (RFC 3551 §4.2).
    const USUAL_MS: u32 = 20;

    /// As the offer of somebody who has `stated` what its own packets last.
    pub(super) fn offered(stated: Option<u32>, options: &MediaOptions) -> Self {
        Self {
            to_offerer: options.ptime_reverse_ms.or(stated),
            to_answerer: options.ptime_ms.or(stated),
            is_asked: options.ptime_ms.is_some() || options.ptime_reverse_ms.is_some(),
        }
    }

    /// With what the answer's options say.
    #[must_use]
    pub(super) fn answered(self, options: &MediaOptions) -> Self {
        Self {
            to_offerer: options.ptime_ms.or(self.to_offerer),
            to_answerer: options.ptime_reverse_ms.or(self.to_answerer),
            is_asked: self.is_asked || options.ptime_ms.is_some() || options.ptime_reverse_ms.is_some(),
        }
    }

    /// What is made for each side, if packets do not stay as they come.
    pub(super) fn made(self) -> Option<[Option<u32>; 2]> {
        let made =
            |ms: Option<u32>| Some(ms.unwrap_or(Self::USUAL_MS)).filter(|ms| Self::RANGE_MS.contains(ms));
        self.is_asked.then(|| [made(self.to_offerer), made(self.to_answerer)])
    }

    /// What the offerer is told, where the answer says `answered`.
    pub(super) fn stated_to_offerer(self, answered: Option<u32>) -> Option<u32> {
        if self.is_asked { self.to_offerer } else { answered }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(ptime_ms: Option<u32>, ptime_reverse_ms: Option<u32>) -> MediaOptions {
        let mut options = MediaOptions::default();
        (options.ptime_ms, options.ptime_reverse_ms) = (ptime_ms, ptime_reverse_ms);
        options
    }

    #[test]
    fn packets_stay_as_they_come_unless_asked_for() {
        let times = PacketTimes::offered(Some(30), &asked(None, None)).answered(&asked(None, None));
        assert_eq!((times.made(), times.stated_to_offerer(Some(40))), (None, Some(40)));
    }

    #[test]
    fn each_side_gets_what_was_asked_for_or_what_it_stated() {
        for (stated, offer, answer, made, told) in [
            (None, (Some(30), None), (None, None), [Some(20), Some(30)], None),
            (Some(50), (Some(30), None), (None, None), [Some(50), Some(30)], Some(50)),
            (Some(50), (Some(30), Some(20)), (None, None), [Some(20), Some(30)], Some(20)),
            (Some(30), (None, Some(20)), (None, None), [Some(20), Some(30)], Some(20)),
            (Some(30), (None, None), (Some(40), None), [Some(40), Some(30)], Some(40)),
            // What cannot be made stays as it comes.
            (Some(100), (Some(30), None), (None, Some(10)), [None, Some(10)], Some(100)),
        ] {
            let times = PacketTimes::offered(stated, &asked(offer.0, offer.1));
            let times = times.answered(&asked(answer.0, answer.1));
            assert_eq!((times.made(), times.stated_to_offerer(Some(60))), (Some(made), told), "{stated:?}");
        }
    }
}
