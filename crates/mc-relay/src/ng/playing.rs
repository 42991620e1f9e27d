//! `play media` and `stop media`.

use std::path::Path;
use std::time::Duration;

use mc_engine::SAMPLE_RATE;
use mc_ng::bencode::Value;
use mc_ng::{NgError, Reply, Request};

use super::blocking::named_side;
use super::refusal::Refusal;
use super::service::NgService;
use crate::{Clip, DialogId, LegId, Playback};

impl NgService {
    /// Plays a WAV file, `file` on this machine or the `blob` in the request, to the side that `from-tag` names, or
    /// to both with the flag `all`: from `start-pos` on, `repeat-times` times, for `repeat-duration` at most.
    pub(super) fn play(&mut self, request: &Request<'_>) -> Result<Vec<u8>, Refusal> {
        let hearing = self.speaking_g711(request)?;
        let clip = match (request.parameters.get("file"), request.parameters.get("blob")) {
            (Some(_), _) => self.clips.read(Path::new(request.text("file")?))?,
            (None, Some(Value::Bytes(blob))) => {
                Clip::from_wav(blob).map_err(|error| Refusal::Clip(error.to_string()))?
            }
            (None, Some(_)) => return Err(NgError::Malformed { key: "blob", expected: "bytes" }.into()),
            (None, None) if request.parameters.get("db-id").is_some() => {
                return Err(Refusal::NotConfigured("a database for media"));
            }
            (None, None) => return Err(NgError::Missing("file").into()),
        };
        let playback = playback(request)?;
        for (dialog, leg) in hearing {
            self.relay.play_media_as(&dialog, leg, &clip, playback)?;
        }
        let duration = i64::try_from(clip.duration().as_millis()).unwrap_or(i64::MAX);
        Ok(Reply::ok().with("duration", duration).datagram(request.cookie))
    }

    /// Ends what is played, and says in `last-frame-pos` how far it was.
    pub(super) fn stop_playing(&self, request: &Request<'_>) -> Result<Vec<u8>, Refusal> {
        let mut place = None;
        for (dialog, leg) in self.speaking_g711(request)? {
            place = place.or(self.relay.stop_playing(&dialog, leg)?);
        }
        let reply = match place {
            Some(place) => Reply::ok().with("last-frame-pos", frames_in(place)),
            None => Reply::ok(),
        };
        Ok(reply.datagram(request.cookie))
    }

    /// The legs that a request is about, of streams with G.711 on both sides.
    pub(super) fn speaking_g711(&self, request: &Request<'_>) -> Result<Vec<(DialogId, LegId)>, Refusal> {
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

/// How a clip is to be played.
fn playback(request: &Request<'_>) -> Result<Playback, Refusal> {
    let most = number(request, "repeat-duration")?.map(Duration::from_millis);
    // Whoever says how long, and not how often, has it repeated as long as that.
    let once_or_more = if most.is_some() { u32::MAX } else { 1 };
    let times =
        number(request, "repeat-times")?.map_or(once_or_more, |times| times.try_into().unwrap_or(u32::MAX));
    let start = number(request, "start-pos")?.map_or(Duration::ZERO, time_of);
    Ok(Playback::default().with_times(times).with_start(start).with_most(most))
}

/// A number that is not below 0.
fn number(request: &Request<'_>, key: &'static str) -> Result<Option<u64>, Refusal> {
    let wrong = |_| NgError::Malformed { key, expected: "a number" };
    Ok(request.number(key)?.map(u64::try_from).transpose().map_err(wrong)?)
}

/// Places in a clip count samples of telephony, whatever the file's own rate.
fn time_of(frames: u64) -> Duration {
    let hz = u64::from(SAMPLE_RATE.hz());
    Duration::from_secs(frames / hz) + Duration::from_nanos(frames % hz * (1_000_000_000 / hz))
}

fn frames_in(place: Duration) -> i64 {
    (place.as_nanos() * u128::from(SAMPLE_RATE.hz()) / 1_000_000_000).try_into().unwrap_or(i64::MAX)
}
