//! Which packets of a stream have been seen: extended sequence numbers and protection against replay.

use crate::SrtpError;

/// The newest index of a stream and which of the 128 up to it have been used (RFC 3711 §3.3.2 asks for 64).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    newest: u64,
    /// Bit n: the index n below the newest. No bit: nothing has been seen.
    seen: u128,
}

/// RTP packets that one key may protect of a stream (RFC 3711 §9.2).
const MOST_PACKETS: u64 = 1 << 48;

impl Window {
    /// The index of the packet numbered `sequence`: the one closest to the newest (RFC 3711 §3.3.1).
    pub(crate) fn index_of(&self, sequence: u16) -> Result<u64, SrtpError> {
        if self.seen == 0 {
            return Ok(sequence.into());
        }
        let ahead = sequence.wrapping_sub(self.newest as u16) as i16;
        let index = self.newest.checked_add_signed(ahead.into()).ok_or(SrtpError::TooOld)?;
        if index < MOST_PACKETS { Ok(index) } else { Err(SrtpError::Exhausted) }
    }

    /// Whether a packet of `index` may still be taken.
    pub(crate) fn check(&self, index: u64) -> Result<(), SrtpError> {
        match self.newest.checked_sub(index) {
            None => Ok(()),
            Some(behind) if behind >= u128::BITS.into() => Err(SrtpError::TooOld),
            Some(behind) if self.seen >> behind & 1 == 1 => Err(SrtpError::Repeated),
            Some(_) => Ok(()),
        }
    }

    /// Takes note of a packet that was [checked](Self::check).
    pub(crate) fn mark(&mut self, index: u64) {
        match index.checked_sub(self.newest) {
            Some(ahead) => {
                let moved = u32::try_from(ahead).ok().and_then(|ahead| self.seen.checked_shl(ahead));
                (self.newest, self.seen) = (index, moved.unwrap_or(0) | 1);
            }
            // Older ones do not get here.
            None => self.seen |= 1_u128.unbounded_shl((self.newest - index) as u32),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_run_on_over_their_end() {
        let mut window = Window::default();
        for (sequence, index) in [(65_534, 65_534), (0, 65_536), (65_535, 65_535), (3, 65_539)] {
            assert_eq!(window.index_of(sequence), Ok(index));
            window.mark(index);
        }
        let mut window = Window::default();
        window.mark(0);
        assert_eq!(window.index_of(65_535), Err(SrtpError::TooOld));
    }

    #[test]
    fn a_key_ends_with_its_last_index() {
        let mut window = Window::default();
        window.mark(MOST_PACKETS - 1);
        assert_eq!(window.index_of(u16::MAX), Ok(MOST_PACKETS - 1));
        assert_eq!(window.index_of(0), Err(SrtpError::Exhausted));
    }

    proptest! {
        /// As a set of all indices that were ever taken would say.
        #[test]
        fn nothing_is_taken_twice(steps in prop::collection::vec((-200_i64..200, any::<bool>()), 1..300)) {
            let mut window = Window::default();
            let (mut taken, mut newest) = (HashSet::new(), None::<u64>);
            let mut at = 1_000_u64;
            for (step, again) in steps {
                at = if again { at } else { at.saturating_add_signed(step) };
                let expected = match newest {
                    Some(newest) if at + 128 <= newest => Err(SrtpError::TooOld),
                    _ if taken.contains(&at) => Err(SrtpError::Repeated),
                    _ => Ok(()),
                };
                prop_assert_eq!(window.check(at), expected);
                if expected.is_ok() {
                    window.mark(at);
                    taken.insert(at);
                    newest = newest.max(Some(at));
                }
            }
        }
    }
}
