//! Media and keys of one side that are not to be heard by the other.

use mc_ng::{Reply, Request};

use super::call::{Blocked, NgCall, Stream};
use super::refusal::Refusal;
use super::service::NgService;
use crate::{LegId, MediaSessionController, RelayError};

impl NgService {
    /// Silences what one side sends, or both where no side is named, or lets it through again.
    pub(super) fn block_media(&mut self, request: &Request<'_>, blocked: bool) -> Result<Vec<u8>, Refusal> {
        self.block(request, |side| side.media = blocked)
    }

    /// Drops the keys that one side presses, or both where no side is named, or lets them through again.
    pub(super) fn block_keys(&mut self, request: &Request<'_>, blocked: bool) -> Result<Vec<u8>, Refusal> {
        self.block(request, |side| side.keys = blocked)
    }

    fn block(&mut self, request: &Request<'_>, change: impl Fn(&mut Blocked)) -> Result<Vec<u8>, Refusal> {
        let call_id = request.text("call-id")?;
        let call = self.calls.get_mut(call_id).ok_or(Refusal::UnknownCall)?;
        let side = named_side(call, request)?;
        for leg in LegId::ALL.into_iter().filter(|leg| side.is_none_or(|side| side == *leg)) {
            change(&mut call.blocked[leg.index()]);
        }
        let call = &*call;
        for stream in call.running() {
            block_stream(&self.relay, stream, &call.blocked)?;
        }
        self.write_down(call_id);
        Ok(Reply::ok().datagram(request.cookie))
    }

    /// Blocks what is blocked in streams that have just begun, or begun anew.
    pub(super) fn block_again(&self, call: &NgCall) {
        if call.blocked == <[Blocked; 2]>::default() {
            return;
        }
        for stream in call.running() {
            // One that has just ended by itself has nothing to block.
            let _ = block_stream(&self.relay, stream, &call.blocked);
        }
    }
}

fn block_stream(
    relay: &MediaSessionController,
    stream: &Stream,
    blocked: &[Blocked; 2],
) -> Result<(), RelayError> {
    for leg in LegId::ALL {
        let Blocked { media, keys } = blocked[leg.index()];
        relay.session(&stream.dialog, leg)?.set_muted(media);
        relay.block_keys(&stream.dialog, leg, keys)?;
    }
    Ok(())
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
