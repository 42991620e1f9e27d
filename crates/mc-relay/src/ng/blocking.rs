//! Media and keys of one side that are not to be heard by the other.

use mc_ng::{Reply, Request};

use super::call::NgCall;
use super::refusal::Refusal;
use super::service::NgService;
use crate::{DialogId, LegId, RelayError};

impl NgService {
    /// Silences what one side sends, or both where no side is named, or lets it through again.
    pub(super) fn block_media(&self, request: &Request<'_>, blocked: bool) -> Result<Vec<u8>, Refusal> {
        self.each_leg(request, |dialog, leg| {
            self.relay.session(dialog, leg)?.set_muted(blocked);
            Ok(())
        })
    }

    /// Drops the keys that one side presses, or both where no side is named, or lets them through again.
    pub(super) fn block_keys(&self, request: &Request<'_>, blocked: bool) -> Result<Vec<u8>, Refusal> {
        self.each_leg(request, |dialog, leg| self.relay.block_keys(dialog, leg, blocked))
    }

    fn each_leg(
        &self,
        request: &Request<'_>,
        act: impl Fn(&DialogId, LegId) -> Result<(), RelayError>,
    ) -> Result<Vec<u8>, Refusal> {
        let call = self.calls.get(request.text("call-id")?).ok_or(Refusal::UnknownCall)?;
        let side = named_side(call, request)?;
        for stream in call.running() {
            for leg in LegId::ALL.into_iter().filter(|leg| side.is_none_or(|side| side == *leg)) {
                act(&stream.dialog, leg)?;
            }
        }
        Ok(Reply::ok().datagram(request.cookie))
    }
}

/// The side that a request names by its tag or by its label.
pub(super) fn named_side(call: &NgCall, request: &Request<'_>) -> Result<Option<LegId>, Refusal> {
    let by_tag = request.parameters.text("from-tag").map(|tag| call.known_side(tag));
    let by_label = || {
        let label = request.parameters.text("label")?;
        let named = |leg: &LegId| call.labels[leg.index()].as_deref() == Some(label);
        Some(LegId::ALL.into_iter().find(named).ok_or(Refusal::UnknownCall))
    };
    by_tag.or_else(by_label).transpose()
}
