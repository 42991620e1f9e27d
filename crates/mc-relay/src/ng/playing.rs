//! `play media` and `stop media`.

use std::path::Path;

use mc_ng::bencode::Value;
use mc_ng::{NgError, Reply, Request};

use super::blocking::named_side;
use super::refusal::Refusal;
use super::service::NgService;
use crate::{Clip, DialogId, LegId};

impl NgService {
    /// Plays a WAV file, `file` on this machine or the `blob` in the request, to the side that `from-tag` names, or
    /// to both with the flag `all`; `repeat-times` is how often.
    pub(super) fn play(&mut self, request: &Request<'_>) -> Result<Vec<u8>, Refusal> {
        let hearing = self.hearing(request)?;
        let clip = match (request.parameters.get("file"), request.parameters.get("blob")) {
            (Some(_), _) => self.clips.read(Path::new(request.text("file")?))?,
            (None, Some(Value::Bytes(blob))) => {
                Clip::from_wav(blob).map_err(|error| Refusal::Clip(error.to_string()))?
            }
            (None, Some(_)) => return Err(NgError::Malformed { key: "blob", expected: "bytes" }.into()),
            (None, None) => return Err(NgError::Missing("file").into()),
        };
        let times = match request.parameters.get("repeat-times") {
            None => 1,
            Some(Value::Integer(times)) => u32::try_from(*times).unwrap_or(1),
            Some(other) => other
                .text()
                .and_then(|times| times.parse().ok())
                .ok_or(NgError::Malformed { key: "repeat-times", expected: "a number" })?,
        };
        for (dialog, leg) in hearing {
            self.relay.play_media(&dialog, leg, &clip, times)?;
        }
        let duration = i64::try_from(clip.duration().as_millis()).unwrap_or(i64::MAX);
        Ok(Reply::ok().with("duration", duration).datagram(request.cookie))
    }

    pub(super) fn stop_playing(&self, request: &Request<'_>) -> Result<Vec<u8>, Refusal> {
        for (dialog, leg) in self.hearing(request)? {
            self.relay.stop_playing(&dialog, leg)?;
        }
        Ok(Reply::ok().datagram(request.cookie))
    }

    /// Who is to hear it: the peers of these legs.
    fn hearing(&self, request: &Request<'_>) -> Result<Vec<(DialogId, LegId)>, Refusal> {
        let call = self.calls.get(request.text("call-id")?).ok_or(Refusal::UnknownCall)?;
        let parameters = &request.parameters;
        let in_flags = |flags: &Value<'_>| flags.texts().any(|word| word == "all");
        let all = parameters.text("all") == Some("all") || parameters.get("flags").is_some_and(in_flags);
        let side = match named_side(call, request)? {
            None if !all => return Err(NgError::Missing("from-tag").into()),
            named => named.filter(|_| !all),
        };
        let legs = LegId::ALL.into_iter().filter(|leg| side.is_none_or(|side| side == *leg));
        let hearing: Vec<_> = legs
            .flat_map(|leg| {
                call.running().filter(|stream| stream.is_g711).map(move |stream| (stream.dialog.clone(), leg))
            })
            .collect();
        if hearing.is_empty() { Err(Refusal::NothingToPlayTo) } else { Ok(hearing) }
    }
}
