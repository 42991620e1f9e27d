//! Conferences: everybody hears everybody else.

mod config;
mod frame;
mod limiter;
mod party;
mod speakers;

pub use config::ConferenceConfig;

use std::fmt;

use mc_dsp::{ConfigError, SampleRate};
use mc_simd::SimdProcessor;

use self::frame::Frame;
use self::limiter::SumLimiter;
use self::party::{OtherRate, Party, Place};
use self::speakers::ActiveSpeaker;
use crate::AdvancedProcessorFactory;

/// One party of a [`Conference`]; not given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartyId {
    seat: u32,
    /// How often the seat was taken before.
    turn: u32,
}

/// Adds voices and takes each listener's own away again: the work grows with the parties, not with their square,
/// and nobody gets fainter because others join.
///
/// Every tick has three steps. What came from the parties is [written](Self::speak) where the conference keeps it:
/// decode straight into it. [`tick`](Self::tick) adds it up. Then every party is served with what it
/// [hears](Self::hear), whether or not it has sent anything. Nothing is allocated but when a party joins.
///
/// The sum is limited softly when it gets loud: one gain, found once for all listeners. With
/// [`loudest`](ConferenceConfig::loudest) only so many voices are added, others fade out; those who speak, by their
/// voice detectors' opinion, go before those who do not.
///
/// ```
/// use mc_engine::{Conference, ConferenceConfig, SampleRate};
///
/// let mut conference = Conference::new(ConferenceConfig::default())?;
/// let ann = conference.join(SampleRate::Hz8000)?;
/// let bob = conference.join(SampleRate::Hz16000)?;
/// conference.speak(ann).unwrap().fill(0.1); // 160 samples: 20 ms
/// conference.tick();
/// assert!(conference.hear(ann).iter().all(|sample| *sample == 0.0), "nobody hears himself");
/// assert_eq!(conference.hear(bob).len(), 320);
/// # Ok::<(), mc_engine::ConfigError>(())
/// ```
pub struct Conference {
    config: ConferenceConfig,
    factory: AdvancedProcessorFactory,
    simd: SimdProcessor,
    seats: Vec<Seat>,
    parties: usize,
    sum: Frame,
    /// What those hear who are not in the sum, and what they say in it.
    common: Frame,
    silence: Frame,
    limiter: SumLimiter,
    speaker: ActiveSpeaker,
    /// Seats in the order of a choice; as many as there are seats.
    order: Vec<u32>,
}

#[derive(Default)]
struct Seat {
    turn: u32,
    party: Option<Party>,
}

impl Conference {
    /// A conference without parties.
    ///
    /// # Errors
    /// [`ConfigError`] as of [`ConferenceConfig::validate`].
    pub fn new(config: ConferenceConfig) -> Result<Self, ConfigError> {
        Self::with_factory(config, AdvancedProcessorFactory::default())
    }

    /// A conference without parties whose voice detectors `factory` makes.
    ///
    /// # Errors
    /// [`ConfigError`] as of [`ConferenceConfig::validate`].
    pub fn with_factory(
        config: ConferenceConfig,
        factory: AdvancedProcessorFactory,
    ) -> Result<Self, ConfigError> {
        config.validate()?;
        let samples = config.samples();
        Ok(Self {
            factory,
            simd: SimdProcessor::new(),
            seats: Vec::new(),
            parties: 0,
            sum: Frame::filled(0.0, samples),
            common: Frame::filled(0.0, samples),
            silence: Frame::filled(0.0, samples),
            limiter: SumLimiter::new(config.rate, samples),
            speaker: ActiveSpeaker::default(),
            order: Vec::new(),
            config,
        })
    }

    /// Lets a party take part that sends and hears audio at `rate`.
    ///
    /// # Errors
    /// [`ConfigError`] naming `max_parties` when there are as many already, or of the voice detector.
    pub fn join(&mut self, rate: SampleRate) -> Result<PartyId, ConfigError> {
        let limit = self.config.max_parties;
        if self.parties >= limit {
            return Err(ConfigError::new("max_parties", limit, "more than there are parties"));
        }
        let party = Party::new(&self.config, rate, &self.factory)?;
        let free = self.seats.iter().position(|seat| seat.party.is_none());
        let index = free.unwrap_or_else(|| {
            self.order.push(self.seats.len() as u32);
            self.seats.push(Seat::default());
            self.seats.len() - 1
        });
        let seat = &mut self.seats[index];
        seat.party = Some(party);
        self.parties += 1;
        Ok(PartyId { seat: index as u32, turn: seat.turn })
    }

    /// Lets a party go. Returns whether it was there.
    pub fn leave(&mut self, id: PartyId) -> bool {
        let Some(seat) = self.seats.get_mut(id.seat as usize).filter(|seat| seat.turn == id.turn) else {
            return false;
        };
        let was_there = seat.party.take().is_some();
        if was_there {
            seat.turn += 1;
            self.parties -= 1;
            self.speaker.forget(id.seat as usize);
        }
        was_there
    }

    /// Parties that take part.
    #[must_use]
    pub const fn parties(&self) -> usize {
        self.parties
    }

    /// Where this tick's audio of a party is to be written: f32 mono, ±1.0, one tick at the party's rate; all of
    /// it, since what is there is old. `None` for one who is not there. A party that is not asked for in a tick
    /// is silent in it.
    pub fn speak(&mut self, id: PartyId) -> Option<&mut [f32]> {
        self.party_mut(id).map(Party::room)
    }

    /// Says whether what a party sends in this tick is speech, where somebody knows: its session, for instance.
    pub fn set_speech(&mut self, id: PartyId, is_speech: bool) {
        if let Some(party) = self.party_mut(id) {
            party.told = Some(is_speech);
        }
    }

    /// Adds up what was written since the last tick.
    pub fn tick(&mut self) {
        self.take_in();
        if let Some(places) = self.config.loudest {
            self.choose_voices(places);
        }
        self.serve();
    }

    /// What a party hears: everybody else, one tick at the party's rate, ±1.0. Empty for one who is not there;
    /// what was heard before until the next [`tick`](Self::tick).
    #[must_use]
    pub fn hear(&self, id: PartyId) -> &[f32] {
        let Some(party) = self.party(id) else { return &[] };
        match &party.other_rate {
            Some(other) => &other.mix,
            None if party.place.is_heard() => &party.mix,
            None => &self.common,
        }
    }

    /// The party that speaks: the loudest of those who do. It stays while it goes on or nobody else speaks.
    #[must_use]
    pub fn active_speaker(&self) -> Option<PartyId> {
        let seat = self.speaker.party()?;
        Some(PartyId { seat: seat as u32, turn: self.seats.get(seat)?.turn })
    }

    /// Whether a party's voice is in the sum.
    #[must_use]
    pub fn is_heard(&self, id: PartyId) -> bool {
        self.party(id).is_some_and(|party| party.place.is_heard())
    }

    fn party(&self, id: PartyId) -> Option<&Party> {
        self.seats.get(id.seat as usize).filter(|seat| seat.turn == id.turn)?.party.as_ref()
    }

    fn party_mut(&mut self, id: PartyId) -> Option<&mut Party> {
        self.seats.get_mut(id.seat as usize).filter(|seat| seat.turn == id.turn)?.party.as_mut()
    }

    /// Hears what came from each party, finds out who speaks loudest and, where all are heard, adds up the voices while
    /// they are at hand.
    fn take_in(&mut self) {
        let all_are_heard = self.config.loudest.is_none();
        let speaker = self.speaker.party();
        let mut loudest: Option<(usize, f32)> = None;
        let share = 1.0 / self.sum.len() as f32;
        self.sum.fill(0.0);
        for (seat, holder) in self.seats.iter_mut().enumerate() {
            let Some(party) = &mut holder.party else { continue };
            party.bring();
            party.listen();
            if all_are_heard {
                // Nothing needs to fade: it is their own beginning and end.
                party.place = if party.sent { Place::In } else { Place::Out };
            }
            let energy = if party.sent && all_are_heard {
                self.simd.mix_energy(&mut self.sum, &party.voice)
            } else if party.speaks {
                self.simd.energy(&party.voice)
            } else {
                0.0
            };
            if party.speaks {
                party.loudness.follow(energy * share);
                let weight = party.loudness.weight(speaker == Some(seat));
                if loudest.is_none_or(|(_, most)| weight >= most) {
                    loudest = Some((seat, weight));
                }
            } else if !all_are_heard {
                party.loudness.follow(0.0);
            }
        }
        self.speaker.follow(loudest.map(|(seat, _)| seat));
    }

    /// Decides whose voices are in the sum from now on, the loudest `places`, and adds them up.
    fn choose_voices(&mut self, places: usize) {
        let Self { seats, order, .. } = self;
        let weight = |seat: u32| {
            let party = seats.get(seat as usize).and_then(|seat| seat.party.as_ref());
            party
                .filter(|party| party.sent)
                .map_or(-1.0, |party| party.loudness.weight(party.place.is_heard()))
        };
        if places < order.len() {
            order.select_nth_unstable_by(places, |a, b| weight(*b).total_cmp(&weight(*a)));
        }
        for (rank, &seat) in order.iter().enumerate() {
            let Some(party) = seats.get_mut(seat as usize).and_then(|seat| seat.party.as_mut()) else {
                continue;
            };
            party.place =
                match (rank < places && party.sent, party.place.is_heard() && party.place != Place::Going) {
                    (true, true) => Place::In,
                    (true, false) => Place::Coming,
                    (false, true) if party.sent => Place::Going,
                    (false, _) => Place::Out,
                };
            party.fade();
        }
        for party in seats.iter().filter_map(|seat| seat.party.as_ref()) {
            if party.place.is_heard() {
                self.simd.mix_into(&mut self.sum, &party.voice);
            }
        }
    }

    fn serve(&mut self) {
        let gains = self.limiter.gains(&self.sum, &self.simd);
        self.simd.mix_minus(&self.sum, &self.silence, gains, &mut self.common);
        // Backwards: the voices that were added up last are still in the nearest cache.
        for party in self.seats.iter_mut().rev().filter_map(|seat| seat.party.as_mut()) {
            let heard = if party.place.is_heard() {
                self.simd.mix_minus(&self.sum, &party.voice, gains, &mut party.mix);
                &party.mix
            } else {
                &self.common
            };
            if let Some(OtherRate { outwards, mix, .. }) = party.other_rate.as_deref_mut() {
                outwards.process(heard, mix);
            }
            party.sent = false;
        }
    }
}

impl fmt::Debug for Conference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conference")
            .field("config", &self.config)
            .field("parties", &self.parties)
            .finish_non_exhaustive()
    }
}
