//! Offer and answer: ports on the way there, media on the way back (RFC 3264).

use std::net::IpAddr;
use std::time::Duration;

use mc_ng::sdp::{self, MediaStream, RelayPorts, Rewrite, Session, StreamChange};
use mc_ng::{MediaOptions, NgError, Request};

use super::agreement::{self, Side, speaks_g711};
use super::call::{NgCall, Offer, Stream};
use super::keys;
use super::refusal::Refusal;
use super::service::NgService;
use crate::{DialogId, LegId, MediaConfig};

/// How long an offer waits for its answer: longer than any telephone rings.
const OFFER_WAITS: Duration = Duration::from_secs(3_600);

impl NgService {
    /// Serves an offer: returns the session description for the other side.
    pub(super) fn offer(&mut self, request: &Request<'_>, now: Duration) -> Result<String, Refusal> {
        let (call_id, tag) = (request.text("call-id")?, request.text("from-tag")?);
        let options = self.options(request)?;
        let text = request.text("sdp")?;
        let mut session = sdp::read(text)?;
        if self.has_come_by(&session, &options) {
            return Ok(text.to_owned());
        }
        let mut call = match self.calls.remove(call_id) {
            Some(call) => call,
            None => {
                self.room()?;
                Box::new(NgCall::new(tag))
            }
        };
        let is_new = call.streams.is_empty();
        let waits = call.running().next().is_none();
        call.ends = waits.then_some(now + OFFER_WAITS);
        call.record |= options.record_call;
        let tags = [tag, request.parameters.text("to-tag").unwrap_or_default()];
        let offered = self.offer_streams(call_id, &mut call, tags, &options, &mut session);
        // A first offer that fails leaves nothing; a later one leaves the call as it was.
        if offered.is_ok() || !is_new {
            self.calls.insert(call_id.to_owned(), call);
        }
        offered?;
        Ok(sdp::write_like(&session, text)?)
    }

    fn offer_streams(
        &self,
        call_id: &str,
        call: &mut NgCall,
        [tag, other]: [&str; 2],
        options: &MediaOptions,
        session: &mut Session,
    ) -> Result<(), Refusal> {
        let offerer = call.offering_side(tag, other)?;
        call.name(offerer, options.label.as_ref());
        let streams = streams(session, options);
        if streams.len() > self.config.max_streams {
            return Err(Refusal::TooManyStreams(self.config.max_streams));
        }
        let mut others =
            streams.iter().filter(|stream| !stream.is_rejected && !sdp::is_relayed(&stream.protocol));
        if let Some(other) = others.next().filter(|_| !streams.iter().any(is_relayed)) {
            return Err(NgError::Transport(other.protocol.clone()).into());
        }
        let (received, mut rewrite) = (session.clone(), None);
        for (index, media) in streams.into_iter().enumerate() {
            let description = &mut session.medias[index];
            if !is_relayed(&media) {
                sdp::turn_off(description);
                self.end_stream(call.streams.get_mut(index).and_then(Option::take));
                continue;
            }
            keys::check_offer(&media, &options.sdes)?;
            let (formats, unable) = options.codecs.apply(&media.formats);
            self.note_unknown(&unable);
            let shared = options.rtcp_mux.offer
                || options.rtcp_mux.require
                || media.rtcp_mux && !options.rtcp_mux.demux && !options.rtcp_mux.reject;
            let (ptime_ms, hold) = (options.ptime_ms.or(media.ptime_ms), hold(&media));
            let stream =
                self.stream_at(call_id, call, index, offerer, options, Offer::new(media, options))?;
            let port = stream.local[offerer.other().index()];
            let crypto =
                stream.own_keys[offerer.other().index()].offer(&stream.offer.forwarded, &options.sdes)?;
            let rewrite = rewrite.get_or_insert_with(|| self.rewrite(port.ip(), options));
            let ports = RelayPorts { rtp: port.port(), rtcp: port.port() + 1, shared };
            let (protocol, formats) = (stream.offer.forwarded.as_str(), Some(&formats[..]));
            let change = StreamChange { ports, protocol, formats, ptime_ms, hold, crypto: &crypto };
            rewrite.stream(description, &change)?;
        }
        self.finish(call, offerer.other(), options, &received, session, rewrite);
        Ok(())
    }

    /// Whether a description is to be left alone because it was changed here before.
    fn has_come_by(&self, session: &Session, options: &MediaOptions) -> bool {
        options.loop_protect && sdp::is_marked(session, &self.token)
    }

    /// Changes what concerns the whole of the description that `received` has become for `hearing`.
    fn finish(
        &self,
        call: &mut NgCall,
        hearing: LegId,
        options: &MediaOptions,
        received: &Session,
        session: &mut Session,
        rewrite: Option<Rewrite>,
    ) {
        let anywhere = || self.rewrite(self.config.media_ips[0], options);
        rewrite.unwrap_or_else(anywhere).session(session);
        call.continuity[hearing.index()].follow(&options.replace, received, session);
        if options.loop_protect {
            sdp::mark(session, &self.token);
        }
    }

    /// The stream at `index` of a call, with `offer` as its latest; ports are bound for one that is new.
    fn stream_at<'a>(
        &self,
        call_id: &str,
        call: &'a mut NgCall,
        index: usize,
        offerer: LegId,
        options: &MediaOptions,
        offer: Offer,
    ) -> Result<&'a mut Stream, Refusal> {
        if call.streams.len() <= index {
            // Most calls have one stream, and will never have more.
            call.streams.reserve_exact(index + 1 - call.streams.len());
            call.streams.resize_with(index + 1, || None);
        }
        match &mut call.streams[index] {
            Some(stream) => {
                stream.offer = offer;
                Ok(stream)
            }
            none => {
                let own = offer.media.family;
                let mut ips =
                    [self.config.media_ip(own), self.config.media_ip(options.address_family.or(own))];
                if offerer == LegId::B {
                    ips.reverse();
                }
                let reservation = match self.restored_ports(index) {
                    Some(local) => self.relay.reserve_at(local)?,
                    None => self.relay.reserve(ips)?,
                };
                let local = LegId::ALL.map(|leg| reservation.local_address(leg));
                let dialog = DialogId::new(format!("{call_id}/{index}"));
                Ok(none.insert(Stream {
                    dialog,
                    local,
                    reservation: Some(reservation),
                    offer,
                    is_g711: false,
                    own_keys: Default::default(),
                }))
            }
        }
    }

    /// Serves an answer: media flows, and the offerer gets the session description returned.
    pub(super) fn answer(&mut self, request: &Request<'_>) -> Result<String, Refusal> {
        let (call_id, from) = (request.text("call-id")?, request.text("from-tag")?);
        let to = request.text("to-tag")?;
        let options = self.options(request)?;
        let text = request.text("sdp")?;
        let mut session = sdp::read(text)?;
        if self.has_come_by(&session, &options) {
            return Ok(text.to_owned());
        }
        let mut call = self.calls.remove(call_id).ok_or(Refusal::UnknownCall)?;
        call.record |= options.record_call;
        let was_offered = call.running().next().is_none();
        let answered = self.answer_streams(&mut call, [from, to], &options, &mut session);
        if was_offered && call.running().next().is_some() {
            call.ends = None;
        }
        self.block_again(&call);
        self.calls.insert(call_id.to_owned(), call);
        answered?;
        self.record_as_asked(call_id)?;
        Ok(sdp::write_like(&session, text)?)
    }

    fn answer_streams(
        &self,
        call: &mut NgCall,
        tags: [&str; 2],
        options: &MediaOptions,
        session: &mut Session,
    ) -> Result<(), Refusal> {
        let offerer = call.answered_side(tags)?;
        let answerer = offerer.other();
        call.name(answerer, options.label.as_ref());
        let (received, mut rewrite) = (session.clone(), None);
        for (index, answered) in streams(session, options).into_iter().enumerate() {
            let description = &mut session.medias[index];
            let slot = call.streams.get_mut(index).filter(|_| is_relayed(&answered));
            let Some(stream) = slot.and_then(Option::as_mut) else {
                sdp::turn_off(description);
                self.end_stream(call.streams.get_mut(index).and_then(Option::take));
                continue;
            };
            let keys = stream.agree_keys(offerer, &answered, &options.sdes)?;
            let offer = &stream.offer;
            let agreement = sdp::agree(&offer.media, &answered, &offer.rules).ok_or(Refusal::NoCodec)?;
            let agreement = if options.single_codec { agreement.with_single_voice() } else { agreement };
            let shared = offer.media.rtcp_mux
                && (answered.rtcp_mux || offer.demux || options.rtcp_mux.accept)
                && !options.rtcp_mux.reject;
            let is_g711 = speaks_g711(&agreement);
            let times = offer.packet_times.answered(options);
            let [to_offerer, to_answerer] = times.made().filter(|_| is_g711).unwrap_or_default();
            let sides = [
                Side {
                    leg: offerer,
                    media: &offer.media,
                    shared,
                    asymmetric: offer.asymmetric,
                    packet_ms: to_offerer,
                    srtp: keys.offerer,
                },
                Side {
                    leg: answerer,
                    media: &answered,
                    shared: answered.rtcp_mux,
                    asymmetric: options.asymmetric,
                    packet_ms: to_answerer,
                    srtp: keys.answerer,
                },
            ];
            let media = agreement::media(sides, &agreement, self.config.processing.as_ref())
                .with_tos(options.tos.or(offer.tos).unwrap_or(0))
                .with_reports(options.generate_rtcp || offer.reports);
            let ptime_ms = times.stated_to_offerer(answered.ptime_ms);
            let (port, protocol) = (stream.local[offerer.index()], offer.media.protocol.clone());
            self.carry(&mut call.streams[index], media)?;
            if let Some(stream) = &mut call.streams[index] {
                stream.is_g711 = is_g711;
            }
            let rewrite = rewrite.get_or_insert_with(|| self.rewrite(port.ip(), options));
            let ports = RelayPorts { rtp: port.port(), rtcp: port.port() + 1, shared };
            let (formats, hold) = (Some(&agreement.answer[..]), hold(&answered));
            let change =
                StreamChange { ports, protocol: &protocol, formats, ptime_ms, hold, crypto: &keys.answer };
            rewrite.stream(description, &change)?;
        }
        self.finish(call, offerer, options, &received, session, rewrite);
        Ok(())
    }

    /// Starts a stream, or changes it if it runs. One that cannot be started is over: its ports are gone.
    fn carry(&self, slot: &mut Option<Stream>, media: MediaConfig) -> Result<(), Refusal> {
        let Some(stream) = slot else { return Ok(()) };
        let Some(reservation) = stream.reservation.take() else {
            return Ok(self.relay.update_media(&stream.dialog, media)?);
        };
        if let Err(error) = self.relay.start_reserved(stream.dialog.clone(), reservation, media) {
            *slot = None;
            return Err(error.into());
        }
        Ok(())
    }

    fn rewrite(&self, ip: IpAddr, options: &MediaOptions) -> Rewrite {
        let advertised = self.config.advertised_ip.filter(|advertised| advertised.is_ipv4() == ip.is_ipv4());
        Rewrite::as_asked(options.media_address.or(advertised).unwrap_or(ip), options)
    }
}

/// Which way media flows where the address alone says so.
fn hold(stream: &MediaStream) -> Option<sdp::Direction> {
    stream.is_zero_address.then_some(stream.direction)
}

fn is_relayed(stream: &MediaStream) -> bool {
    !stream.is_rejected && sdp::is_relayed(&stream.protocol)
}

/// The streams of a description, and where their side may be heard from.
fn streams(session: &Session, options: &MediaOptions) -> Vec<MediaStream> {
    let believed = options.received_from.filter(|_| options.sip_source_address);
    let streams = sdp::streams(session, believed).into_iter();
    streams.map(|stream| stream.with_signalled_from(options.received_from)).collect()
}
