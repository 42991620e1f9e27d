//! What is attached to a call beside its peers: who listens in, and who talks into it.
//!
//! A plain call has none of this and pays for one look at an empty `Option`.

mod carry;
mod tap;

pub(crate) use tap::{Heard, Tap, TapQueue, TapStatus, tap};

use mc_engine::{Egress, Origin};

use crate::LegId;
use crate::play::Player;

/// What is attached to one call.
#[derive(Debug, Default)]
pub(crate) struct Attachments {
    recording: Option<Tap>,
    legs: [Attached; 2],
}

/// What is attached to one leg.
#[derive(Debug, Default)]
struct Attached {
    /// Listens to what the leg's peer says.
    fork: Option<Tap>,
    /// Talks to the leg's peer: what signalling had played, and then whoever listens at the fork.
    players: [Option<Player>; 2],
}

/// Which of a leg's players; the first that has something to say is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    Media,
    #[allow(dead_code, reason = "made by the fork, which comes next")]
    Fork,
}

/// What is attached or, with `None`, taken off.
#[derive(Debug)]
pub(crate) enum Attachment {
    Recording(Option<Tap>),
    #[allow(dead_code, reason = "made by the fork, which comes next")]
    Fork(LegId, Option<Tap>),
    Player(LegId, Voice, Option<Box<Player>>),
}

impl Attachments {
    /// Attaches something in the place of what was there.
    pub(crate) fn change(&mut self, change: Attachment) {
        match change {
            Attachment::Recording(tap) => self.recording = tap,
            Attachment::Fork(leg, tap) => self.legs[leg.index()].fork = tap,
            Attachment::Player(leg, voice, player) => {
                self.legs[leg.index()].players[voice as usize] = player.map(|player| *player);
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.recording.is_none() && self.legs.iter().all(|leg| leg.fork.is_none()) && !self.has_players()
    }

    /// Whether somebody may talk, so that the beat is needed.
    pub(crate) fn has_players(&self) -> bool {
        self.legs.iter().any(|leg| leg.players.iter().any(Option::is_some))
    }

    /// Takes a packet of `from`'s peer that is about to be passed on, received at `now_ns`: whoever listens hears
    /// it, and whoever talks to the other side puts their audio in its place. False when it is not to be passed on:
    /// it holds something else than audio that we could replace.
    pub(crate) fn pass(&mut self, from: LegId, packet: &mut Egress<'_>, now_ns: u64) -> bool {
        for tap in [&mut self.recording, &mut self.legs[from.index()].fork].into_iter().flatten() {
            tap.hear(from, packet, now_ns);
        }
        let players = &mut self.legs[from.other().index()].players;
        players.iter_mut().flatten().find_map(|player| player.replace(packet, now_ns)).unwrap_or(true)
    }

    /// What is to be sent to `leg`'s peer on this beat, with the numbers of its packet; `None` where nobody talks, or
    /// packets of the other side carry it.
    pub(crate) fn speak(&mut self, leg: LegId, beat_ns: u64, frame: &mut [f32]) -> Option<Origin> {
        let players = &mut self.legs[leg.index()].players;
        for player in players.iter_mut() {
            player.take_if(|player| player.is_over());
        }
        players.iter_mut().flatten().find_map(|player| player.speak(beat_ns, frame))
    }
}
