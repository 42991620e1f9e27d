//! The keys of protected streams, as offers and answers exchange them (SDES, RFC 4568 §5.1).

use mc_ng::SdesRules;
use mc_ng::sdp::{MediaStream, is_secure};
use mc_srtp::{CryptoAttribute, MasterKey, Suite};

use super::call::Stream;
use super::refusal::Refusal;
use crate::{LegId, SrtpKeys};

/// The keys that one side of a stream is sent under: at most one for each suite, made when it is first told of it. They
/// stay as long as the side stays protected, so that a change of something else changes no key.
#[derive(Debug, Default)]
pub(super) struct OwnKeys(Vec<MasterKey>);

/// What offer and answer come to.
#[derive(Debug)]
pub(super) struct KeyAgreement {
    pub(super) offerer: Option<SrtpKeys>,
    pub(super) answerer: Option<SrtpKeys>,
    /// What the offerer is answered, as attributes' values.
    pub(super) answer: Vec<String>,
}

impl OwnKeys {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What its side is offered over `protocol`, as attributes' values: nothing where it is not to be protected.
    ///
    /// # Errors
    /// [`Refusal::NoSuite`] where `rules` leave none.
    pub(super) fn offer(&mut self, protocol: &str, rules: &SdesRules) -> Result<Vec<String>, Refusal> {
        if !is_secure(protocol) {
            self.0.clear();
            return Ok(Vec::new());
        }
        let allowed = |suite: Suite| rules.allows(suite.name());
        Suite::ALL
            .into_iter()
            .filter(|suite| allowed(*suite))
            .try_for_each(|suite| self.of(suite).map(drop))?;
        let keys = (1..).zip(&self.0).filter(|(_, key)| allowed(key.suite()));
        let offered: Vec<String> =
            keys.map(|(tag, key)| CryptoAttribute { tag, key: key.clone() }.to_string()).collect();
        if offered.is_empty() { Err(Refusal::NoSuite) } else { Ok(offered) }
    }

    /// The keys of a side that was offered ours, by its answer.
    fn answered(&self, answered: &MediaStream) -> Result<SrtpKeys, Refusal> {
        let taken = usable(answered).find_map(|CryptoAttribute { tag, key: peer }| {
            let own = self.0.get(usize::try_from(tag).ok()?.checked_sub(1)?)?;
            (own.suite() == peer.suite()).then(|| SrtpKeys::new(peer, own.clone()))
        });
        taken.ok_or(Refusal::NoSuite)
    }

    /// The keys of a side that offered its own, and what it is answered: the first of its suites that may be used.
    fn answer(&mut self, offered: &MediaStream, rules: &SdesRules) -> Result<(SrtpKeys, String), Refusal> {
        let taken = usable(offered).find(|attribute| rules.allows(attribute.key.suite().name()));
        let CryptoAttribute { tag, key: peer } = taken.ok_or(Refusal::NoSuite)?;
        let own = self.of(peer.suite())?.clone();
        let answer = CryptoAttribute { tag, key: own.clone() }.to_string();
        Ok((SrtpKeys::new(peer, own), answer))
    }

    /// The key for `suite`, which is made if there is none yet.
    fn of(&mut self, suite: Suite) -> Result<&MasterKey, Refusal> {
        let index = match self.0.iter().position(|key| key.suite() == suite) {
            Some(index) => index,
            None => {
                let key = MasterKey::generate(suite, getrandom::fill);
                self.0.push(key.map_err(|error| Refusal::Random(error.to_string()))?);
                self.0.len() - 1
            }
        };
        Ok(&self.0[index])
    }
}

/// Those of a side's keys that can be used here, most wanted first.
fn usable(media: &MediaStream) -> impl Iterator<Item = CryptoAttribute> {
    media.crypto.iter().filter_map(|value| value.parse().ok())
}

/// Checks that an offer over a protected transport brings a key that can be used.
///
/// # Errors
/// [`Refusal::NoSuite`] where it does not.
pub(super) fn check_offer(offered: &MediaStream, rules: &SdesRules) -> Result<(), Refusal> {
    let is_usable = |attribute: CryptoAttribute| rules.allows(attribute.key.suite().name());
    if is_secure(&offered.protocol) && !usable(offered).any(is_usable) {
        Err(Refusal::NoSuite)
    } else {
        Ok(())
    }
}

impl Stream {
    /// Brings together the keys of `offerer`, whose offer this stream has, and of the other side, which has `answered`.
    ///
    /// # Errors
    /// [`Refusal::NoSuite`] where a side is to be protected and names no key that can be used, [`Refusal::Downgrade`]
    /// where an answer is protected and its offer was not, or the other way round.
    pub(super) fn agree_keys(
        &mut self,
        offerer: LegId,
        answered: &MediaStream,
        rules: &SdesRules,
    ) -> Result<KeyAgreement, Refusal> {
        let (offered, forwarded) = (&self.offer.media, &self.offer.forwarded);
        if is_secure(forwarded) != is_secure(&answered.protocol) {
            return Err(Refusal::Downgrade);
        }
        let is_protected = is_secure(forwarded);
        let answerer = is_protected.then(|| self.own_keys[offerer.other().index()].answered(answered));
        let own = &mut self.own_keys[offerer.index()];
        let (keys, answer) = if is_secure(&offered.protocol) {
            let (keys, answer) = own.answer(offered, rules)?;
            (Some(keys), vec![answer])
        } else {
            *own = OwnKeys::default();
            (None, Vec::new())
        };
        Ok(KeyAgreement { offerer: keys, answerer: answerer.transpose()?, answer })
    }
}
