//! The service: datagrams in, datagrams out. Sockets and time are the caller's.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use mc_engine::ConfigError;
use mc_ng::{Command, MediaOptions, Reply, Request, refusal};

use super::call::{NgCall, Stream};
use super::clips::Clips;
use super::config::NgConfig;
use super::metrics::NgMetrics;
use super::refusal::{MALFORMED, Refusal};
use super::replay::Replay;
use crate::random::random_u64;
use crate::{Checkpoint, DialogId, MediaSessionController, Recorder};

/// Serves one or more SIP proxies.
#[derive(Debug)]
pub struct NgService {
    pub(super) relay: Arc<MediaSessionController>,
    pub(super) config: NgConfig,
    /// Boxed: half of a table may be free.
    pub(super) calls: HashMap<String, Box<NgCall>>,
    pub(super) recorder: Option<Arc<Recorder>>,
    pub(super) clips: Clips,
    pub(super) checkpoint: Option<Checkpoint>,
    /// Where the streams were of the call that is being carried on.
    pub(super) ports_to_restore: Vec<Option<[SocketAddr; 2]>>,
    /// What this relay marks session descriptions by.
    pub(super) token: String,
    replay: Replay,
    pub(super) metrics: Arc<NgMetrics>,
}

impl NgService {
    /// A service that carries its calls on `relay`.
    ///
    /// # Errors
    /// [`ConfigError`] as of [`NgConfig::validate`].
    pub fn new(relay: Arc<MediaSessionController>, config: NgConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        let metrics = Arc::new(NgMetrics::new(config.max_calls));
        Ok(Self {
            relay,
            config,
            calls: HashMap::new(),
            recorder: None,
            clips: Clips::default(),
            checkpoint: None,
            ports_to_restore: Vec::new(),
            token: format!("{:012x}", random_u64() >> 16),
            replay: Replay::default(),
            metrics,
        })
    }

    /// Records calls with `recorder` when proxies ask for it. Without one, they are told no.
    #[must_use]
    pub fn with_recorder(mut self, recorder: Arc<Recorder>) -> Self {
        self.recorder = Some(recorder);
        self
    }

    /// Answers the request in `datagram`, which arrived at `now` by any clock that does not go back. `None`
    /// for what is no request.
    pub fn handle(&mut self, datagram: &[u8], now: Duration) -> Option<Vec<u8>> {
        self.note_ended(now);
        let Some((cookie, _)) = Request::split(datagram) else {
            self.metrics.malformed.add(1);
            return None;
        };
        self.metrics.requests.add(1);
        if let Some(answer) = self.replay.find(cookie, now) {
            self.metrics.repeated.add(1);
            return Some(answer);
        }
        let answer = match Request::read(datagram) {
            Ok(request) => match self.serve(&request, now) {
                Ok(answer) => {
                    self.note_request(&request, datagram);
                    answer
                }
                Err(reason) => {
                    self.metrics.note_refused(reason.kind());
                    tracing::info!(%reason, "request refused");
                    reason.datagram(cookie)
                }
            },
            Err(error) => {
                self.metrics.note_refused(MALFORMED);
                refusal(cookie, &error.to_string())
            }
        };
        self.metrics.note_calls(self.calls.len());
        self.replay.keep(cookie, &answer, now);
        Some(answer)
    }

    /// Calls that are offered or running.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.calls.len()
    }

    /// The service's own figures.
    #[must_use]
    pub fn metrics(&self) -> Arc<NgMetrics> {
        Arc::clone(&self.metrics)
    }

    /// Refuses new calls from now on; those that run go on.
    pub fn drain(&mut self) {
        self.metrics.drain();
    }

    /// Takes out a stream that has ended, and its call with the last one.
    pub(super) fn forget(&mut self, dialog: &DialogId) {
        let Some((call_id, _)) = dialog.as_str().rsplit_once('/') else { return };
        let Some(call) = self.calls.get_mut(call_id) else { return };
        for slot in &mut call.streams {
            slot.take_if(|stream| stream.dialog == *dialog);
        }
        if call.streams.iter().all(Option::is_none) {
            self.calls.remove(call_id);
            self.forget_record(call_id);
        }
    }

    pub(super) fn serve(&mut self, request: &Request<'_>, now: Duration) -> Result<Vec<u8>, Refusal> {
        let cookie = request.cookie;
        let with_sdp = |sdp: String| Reply::ok().with("sdp", sdp.as_str()).datagram(cookie);
        match request.command()? {
            Command::Ping => Ok(Reply::pong().datagram(cookie)),
            Command::Offer => self.offer(request, now).map(with_sdp),
            Command::Answer => self.answer(request).map(with_sdp),
            Command::Delete => self.delete(request, now),
            Command::Query => self.query(request),
            Command::List => Ok(self.list(request)),
            Command::Statistics => Ok(self.statistics(request)),
            Command::StartRecording => self.start_recording(request),
            Command::StopRecording => self.stop_recording(request),
            Command::PlayMedia => self.play(request),
            Command::StopMedia => self.stop_playing(request),
            Command::PlayDtmf => self.press(request),
            Command::BlockMedia | Command::SilenceMedia => self.block_media(request, true),
            Command::UnblockMedia | Command::UnsilenceMedia => self.block_media(request, false),
            Command::BlockDtmf => self.block_keys(request, true),
            Command::UnblockDtmf => self.block_keys(request, false),
            other => Err(Refusal::NotServed(other.name())),
        }
    }

    /// Ends a stream that is offered or runs.
    pub(super) fn end_stream(&self, stream: Option<Stream>) {
        if let Some(running) = stream.filter(|stream| stream.reservation.is_none()) {
            // One that has just ended by itself is no longer there to be stopped.
            let _ = self.relay.stop_media(&running.dialog);
        }
    }

    /// Whether there is room for another call.
    pub(super) fn room(&self) -> Result<(), Refusal> {
        self.metrics.note_calls(self.calls.len());
        self.metrics.refusal().map_or(Ok(()), |reason| Err(Refusal::Full(reason)))
    }

    /// The options of a request; those that are not known are counted.
    pub(super) fn options(&self, request: &Request<'_>) -> Result<MediaOptions, Refusal> {
        let options = request.options()?;
        self.note_unknown(&options.unknown);
        Ok(options)
    }

    pub(super) fn note_unknown(&self, unknown: &[String]) {
        self.metrics.unknown_options.add(unknown.len() as u64);
        for word in unknown {
            tracing::debug!(word, "ignored what is not known");
        }
    }
}
