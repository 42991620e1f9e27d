//! What is attached to a call beside its peers: who listens in, and who talks into it.
//!
//! A plain call has none of this and pays for one look at an empty `Option`.

mod carry;
mod tap;

pub(crate) use tap::{Heard, Tap, TapQueue, TapStatus, tap};

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

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
    fork: Option<Fork>,
    /// What is played to the leg's peer.
    player: Option<Player>,
}

/// Somebody who listens to what a leg's peer says, and talks to it where nothing is played.
#[derive(Debug)]
pub(crate) struct Fork {
    pub(crate) tap: Tap,
    pub(crate) voice: Player,
}

/// What is attached or, with `None`, taken off.
#[derive(Debug)]
pub(crate) enum Attachment {
    Recording(Option<Tap>),
    Player(LegId, Box<Player>),
    /// The end of what is played, and where to say how far in its clip it was.
    EndPlayer(LegId, Arc<OnceLock<Duration>>),
    Fork(LegId, Box<Fork>),
    /// The end of the fork whose tap has this number; another one stays.
    EndFork(LegId, u64),
}

impl Attachments {
    /// Attaches something in the place of what was there.
    pub(crate) fn change(&mut self, change: Attachment) {
        match change {
            Attachment::Recording(tap) => self.recording = tap,
            Attachment::Player(leg, player) => self.legs[leg.index()].play(*player),
            Attachment::EndPlayer(leg, place) => {
                if let Some(player) = self.legs[leg.index()].player.take() {
                    // Whoever asks has made it for this.
                    let _ = place.set(player.place());
                }
            }
            Attachment::Fork(leg, fork) => self.legs[leg.index()].fork = Some(*fork),
            Attachment::EndFork(leg, id) => {
                self.legs[leg.index()].fork.take_if(|fork| fork.tap.id() == id);
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.recording.is_none() && !self.has_players()
    }

    /// Whether somebody may talk, so that the beat is needed.
    pub(crate) fn has_players(&self) -> bool {
        self.legs.iter().any(|leg| leg.player.is_some() || leg.fork.is_some())
    }

    /// Takes a packet of `from`'s peer that is about to be passed on to the peer at `to`, received at `now_ns`:
    /// whoever listens hears it, and whoever talks to the other side puts their audio in its place. False when it is
    /// not to be passed on: it holds something else than audio that we could replace.
    pub(crate) fn pass(
        &mut self,
        from: LegId,
        packet: &mut Egress<'_>,
        to: Option<SocketAddr>,
        now_ns: u64,
    ) -> bool {
        let fork = self.legs[from.index()].fork.as_ref().map(|fork| &fork.tap);
        for tap in self.recording.iter().chain(fork) {
            tap.hear(from, packet, to, now_ns);
        }
        let mut players = self.legs[from.other().index()].players();
        players.find_map(|player| player.replace(packet, now_ns)).unwrap_or(true)
    }

    /// What is to be sent to `leg`'s peer on this beat, with the numbers of its packet; `None` where nobody talks, or
    /// packets of the other side carry it.
    pub(crate) fn speak(&mut self, leg: LegId, beat_ns: u64, frame: &mut [f32]) -> Option<Origin> {
        let leg = &mut self.legs[leg.index()];
        leg.player.take_if(|player| player.is_over());
        leg.players().find_map(|player| player.speak(beat_ns, frame))
    }

    /// Makes of a packet with what was [to be sent](Self::speak) to `leg`'s peer what is sent.
    pub(crate) fn press(&mut self, leg: LegId, packet: &mut Egress<'_>) {
        if let Some(player) = &mut self.legs[leg.index()].player {
            player.press(packet);
        }
    }
}

impl Attached {
    /// Plays something in the place of what was played, or behind it where both are keys.
    fn play(&mut self, next: Player) {
        if !self.player.as_mut().is_some_and(|player| player.append(&next)) {
            self.player = Some(next);
        }
    }

    /// Who talks to the leg's peer; the first that has something to say is heard.
    fn players(&mut self) -> impl Iterator<Item = &mut Player> {
        self.player.iter_mut().chain(self.fork.as_mut().map(|fork| &mut fork.voice))
    }
}
