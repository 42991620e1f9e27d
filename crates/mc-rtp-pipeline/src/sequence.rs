//! Where a packet's sequence number stands among those received (RFC 3550 §A.1).

/// How many sequence numbers may be missing before a step ahead counts as a jump: MAX_DROPOUT of
/// RFC 3550 §A.1, a minute of 20 ms packets.
pub(crate) const MAX_AHEAD: u16 = 3_000;

/// How many sequence numbers back a late packet is still told from a duplicate.
pub(crate) const HISTORY: u16 = u128::BITS as u16;

/// What an arriving sequence number means for the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// Ahead of everything so far.
    Newest,
    /// Behind the newest, and new: reordered on the way.
    Late,
    /// Seen before.
    Duplicate,
    /// Too far off to belong to the stream, so far.
    Jump,
    /// The second packet in a row after a jump: the sender has restarted its numbering.
    Restart,
}

/// The sequence numbers of one source.
#[derive(Clone, Debug)]
pub(crate) struct SequenceHistory {
    newest: u16,
    /// Bit `n` stands for `newest - n`.
    seen: u128,
    /// The number that would confirm a jump.
    confirming: Option<u16>,
}

impl SequenceHistory {
    /// The history of a source whose first packet had number `first`.
    pub(crate) fn starting_at(first: u16) -> Self {
        Self { newest: first, seen: 1, confirming: None }
    }

    /// Notes the arrival of `sequence` if it is the next number, as nearly all are.
    #[inline]
    pub(crate) fn follow(&mut self, sequence: u16) -> bool {
        let follows = sequence.wrapping_sub(self.newest) == 1;
        if follows {
            *self = Self { newest: sequence, seen: self.seen << 1 | 1, confirming: None };
        }
        follows
    }

    /// Notes the arrival of `sequence`. After [`Arrival::Restart`] the history is worth nothing: start
    /// another.
    #[inline]
    pub(crate) fn note(&mut self, sequence: u16) -> Arrival {
        if self.follow(sequence) {
            return Arrival::Newest;
        }
        let ahead = sequence.wrapping_sub(self.newest);
        let behind = self.newest.wrapping_sub(sequence);
        if behind < HISTORY {
            let bit = 1u128 << behind;
            let known = self.seen & bit != 0;
            self.seen |= bit;
            if known { Arrival::Duplicate } else { Arrival::Late }
        } else if ahead < MAX_AHEAD {
            self.newest = sequence;
            self.seen = self.seen.checked_shl(u32::from(ahead)).unwrap_or(0) | 1;
            self.confirming = None;
            Arrival::Newest
        } else if self.confirming == Some(sequence) {
            Arrival::Restart
        } else {
            self.confirming = Some(sequence.wrapping_add(1));
            Arrival::Jump
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_step_from_every_corner_is_classified_by_its_distance() {
        for first in [0u16, 1, 100, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF] {
            for step in 0..=u16::MAX {
                let arrival = SequenceHistory::starting_at(first).note(first.wrapping_add(step));
                let expected = match step {
                    0 => Arrival::Duplicate,
                    1..MAX_AHEAD => Arrival::Newest,
                    _ if step > u16::MAX - (HISTORY - 1) => Arrival::Late,
                    _ => Arrival::Jump,
                };
                assert_eq!(arrival, expected, "{first} + {step}");
            }
        }
    }

    #[test]
    fn a_jump_needs_the_very_next_number_to_be_believed() {
        let mut history = SequenceHistory::starting_at(10);
        assert_eq!(history.note(30_000), Arrival::Jump);
        assert_eq!(history.note(30_002), Arrival::Jump);
        assert_eq!(history.note(11), Arrival::Newest);
        assert_eq!(history.note(30_003), Arrival::Jump, "the old stream has gone on in between");
        assert_eq!(history.note(30_004), Arrival::Restart);
    }

    proptest! {
        #[test]
        fn within_the_window_it_agrees_with_a_set(
            first: u16,
            steps in prop::collection::vec(-60i32..60, 1..300),
        ) {
            let mut history = SequenceHistory::starting_at(first);
            let mut seen = HashSet::from([i32::from(first)]);
            let (mut newest, mut position) = (i32::from(first), i32::from(first));
            for step in steps {
                // Stay within the window, wherever the walk leads.
                position = (position + step).max(newest - 127);
                let arrival = history.note(position as u16);
                let expected = if !seen.insert(position) {
                    Arrival::Duplicate
                } else if position > newest {
                    Arrival::Newest
                } else {
                    Arrival::Late
                };
                prop_assert_eq!(arrival, expected);
                newest = newest.max(position);
            }
        }
    }
}
