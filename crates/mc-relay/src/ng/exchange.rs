//! Offer and answer: ports on the way there, media on the way back (RFC 3264).

use std::net::IpAddr;
use std::time::Duration;

use mc_engine::{AudioProcessingConfig, Law};
use mc_ng::sdp::{self, Agreement, Format, MediaStream, RelayPorts, Rewrite, Session};
use mc_ng::{MediaOptions, NgError, Request};
use mc_rtp_pipeline::{PayloadFormat, PayloadTypes, StreamIdentity};

use super::call::{NgCall, Offer, Stream};
use super::config::family;
use super::impairment::impairment;
use super::refusal::Refusal;
use super::service::NgService;
use crate::{DialogId, LegConfig, LegId, MediaConfig};

impl NgService {
    /// Serves an offer: returns the session description for the other side.
    pub(super) fn offer(&mut self, request: &Request<'_>, now: Duration) -> Result<String, Refusal> {
        let (call_id, tag) = (request.text("call-id")?, request.text("from-tag")?);
        let options = self.options(request)?;
        let mut session = sdp::read(request.text("sdp")?)?;
        let mut call = match self.calls.remove(call_id) {
            Some(call) => call,
            None => {
                self.room()?;
                NgCall::new(tag, now)
            }
        };
        call.ends = None;
        let is_new = call.streams.is_empty();
        call.record |= options.record_call;
        let offered = self.offer_streams(call_id, &mut call, tag, &options, &mut session);
        // A first offer that fails leaves nothing; a later one leaves the call as it was.
        if offered.is_ok() || !is_new {
            self.calls.insert(call_id.to_owned(), call);
        }
        offered?;
        Ok(sdp::write(&session)?)
    }

    fn offer_streams(
        &self,
        call_id: &str,
        call: &mut NgCall,
        tag: &str,
        options: &MediaOptions,
        session: &mut Session,
    ) -> Result<(), Refusal> {
        let offerer = call.side(tag)?;
        call.name(offerer, options.label.as_ref());
        let streams = streams(session, options);
        if streams.len() > self.config.max_streams {
            return Err(Refusal::TooManyStreams(self.config.max_streams));
        }
        let mut others = streams.iter().filter(|stream| !stream.is_rejected && !stream.is_plain_rtp());
        if let Some(other) = others.next().filter(|_| !streams.iter().any(is_relayed)) {
            return Err(NgError::Transport(other.protocol.clone()).into());
        }
        let mut rewrite = None;
        for (index, media) in streams.into_iter().enumerate() {
            let description = &mut session.medias[index];
            if !is_relayed(&media) {
                Rewrite::to(IpAddr::from([0; 4])).stream(description, None, None)?;
                self.end_stream(call.streams.get_mut(index).and_then(Option::take));
                continue;
            }
            let (formats, unable) = options.codecs.apply(&media.formats);
            self.note_unknown(&unable);
            let shared = options.rtcp_mux.offer
                || options.rtcp_mux.require
                || media.rtcp_mux && !options.rtcp_mux.demux && !options.rtcp_mux.reject;
            let demux = options.rtcp_mux.demux || options.rtcp_mux.accept;
            let (rules, tos, reports) = (options.codecs.clone(), options.tos, options.generate_rtcp);
            let offer = Offer { media, rules, tos, reports, demux };
            let stream = self.stream_at(call_id, call, index, offerer, options, offer)?;
            let port = stream.local[offerer.other().index()];
            let rewrite = rewrite.get_or_insert_with(|| self.rewrite(port.ip(), options));
            let ports = RelayPorts { rtp: port.port(), rtcp: port.port() + 1, shared };
            rewrite.stream(description, Some(ports), Some(&formats))?;
        }
        if let Some(rewrite) = rewrite {
            rewrite.session(session);
        }
        Ok(())
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
    ) -> Result<&'a Stream, Refusal> {
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
                let own = offer.media.rtp.map(family);
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
                }))
            }
        }
    }

    /// Serves an answer: media flows, and the offerer gets the session description returned.
    pub(super) fn answer(&mut self, request: &Request<'_>) -> Result<String, Refusal> {
        let (call_id, from) = (request.text("call-id")?, request.text("from-tag")?);
        let to = request.text("to-tag")?;
        let options = self.options(request)?;
        let mut session = sdp::read(request.text("sdp")?)?;
        let mut call = self.calls.remove(call_id).ok_or(Refusal::UnknownCall)?;
        call.record |= options.record_call;
        let answered = self.answer_streams(&mut call, [from, to], &options, &mut session);
        self.calls.insert(call_id.to_owned(), call);
        answered?;
        self.record_as_asked(call_id)?;
        Ok(sdp::write(&session)?)
    }

    fn answer_streams(
        &self,
        call: &mut NgCall,
        [from, to]: [&str; 2],
        options: &MediaOptions,
        session: &mut Session,
    ) -> Result<(), Refusal> {
        let (offerer, answerer) = (call.side(from)?, call.side(to)?);
        if offerer == answerer {
            return Err(Refusal::UnknownCall);
        }
        call.name(answerer, options.label.as_ref());
        let mut rewrite = None;
        for (index, answered) in streams(session, options).into_iter().enumerate() {
            let description = &mut session.medias[index];
            let slot = call.streams.get(index).filter(|_| is_relayed(&answered));
            let Some(stream) = slot.and_then(Option::as_ref) else {
                Rewrite::to(IpAddr::from([0; 4])).stream(description, None, None)?;
                self.end_stream(call.streams.get_mut(index).and_then(Option::take));
                continue;
            };
            let offer = &stream.offer;
            let agreement = sdp::agree(&offer.media, &answered, &offer.rules).ok_or(Refusal::NoCodec)?;
            let shared = offer.media.rtcp_mux
                && (answered.rtcp_mux || offer.demux || options.rtcp_mux.accept)
                && !options.rtcp_mux.reject;
            let sides = [(offerer, &offer.media, shared), (answerer, &answered, answered.rtcp_mux)];
            let media = media(sides, &agreement, self.config.processing.as_ref())
                .with_tos(options.tos.or(offer.tos).unwrap_or(0))
                .with_reports(options.generate_rtcp || offer.reports);
            let (port, is_g711) = (stream.local[offerer.index()], speaks_g711(&agreement));
            self.carry(&mut call.streams[index], media)?;
            if let Some(stream) = &mut call.streams[index] {
                stream.is_g711 = is_g711;
            }
            let rewrite = rewrite.get_or_insert_with(|| self.rewrite(port.ip(), options));
            let ports = RelayPorts { rtp: port.port(), rtcp: port.port() + 1, shared };
            rewrite.stream(description, Some(ports), Some(&agreement.answer))?;
        }
        if let Some(rewrite) = rewrite {
            rewrite.session(session);
        }
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
        Rewrite::to(options.media_address.or(advertised).unwrap_or(ip))
            .with_origin(options.replace_origin)
            .with_transport(options.transport.clone())
    }
}

fn is_relayed(stream: &MediaStream) -> bool {
    !stream.is_rejected && stream.is_plain_rtp()
}

/// The streams of a description, and where their side may be heard from.
fn streams(session: &Session, options: &MediaOptions) -> Vec<MediaStream> {
    let believed = options.received_from.filter(|_| options.sip_source_address);
    let streams = sdp::streams(session, believed).into_iter();
    streams.map(|stream| stream.with_signalled_from(options.received_from)).collect()
}

/// What two sides of a stream agreed on, as the controller wants it.
fn media(
    sides: [(LegId, &MediaStream, bool); 2],
    agreement: &Agreement,
    processing: Option<&AudioProcessingConfig>,
) -> MediaConfig {
    let mut legs = [LegConfig::default(), LegConfig::default()];
    for (index, (leg, stream, shared)) in sides.into_iter().enumerate() {
        let voice = match &agreement.transcoding {
            Some(formats) => Some(&formats[index]),
            None => agreement.answer.iter().find(|format| format.is_voice()),
        };
        // Each side numbers what it sends as the other side has asked for.
        let (_, far, _) = sides[1 - index];
        let keys = far.formats.iter().find(|format| format.is_telephone_event());
        let mut config = LegConfig::default()
            .with_telephone_event(keys.map(|format| format.payload_type))
            .with_remote(stream.rtp)
            .with_rtcp(stream.rtcp)
            .with_rtcp_mux(shared)
            .with_behind_nat(stream.behind_nat)
            .with_signalled_from(stream.signalled_from)
            .with_passed(passed(agreement));
        if let Some(voice) = voice.filter(|voice| voice.clock_rate > 0) {
            config = config.with_clock_rate(voice.clock_rate);
        }
        if let Some(format) = voice.and_then(payload_format) {
            config = config.with_format(format);
        }
        config.impairment = voice.map_or(config.impairment, impairment);
        config.processing = processing.cloned();
        legs[leg.index()] = config;
    }
    let [a, b] = legs;
    MediaConfig::new(a, b).with_identity(StreamIdentity::Sender)
}

/// Whether both sides speak G.711, so that we can as well.
fn speaks_g711(agreement: &Agreement) -> bool {
    match &agreement.transcoding {
        Some(formats) => formats.iter().all(|format| payload_format(format).is_some()),
        None => agreement
            .answer
            .iter()
            .find(|format| format.is_voice())
            .is_some_and(|voice| payload_format(voice).is_some()),
    }
}

/// Without transcoding, what one side sends the other understands. With it, only what is no voice.
fn passed(agreement: &Agreement) -> PayloadTypes {
    if agreement.transcoding.is_none() {
        return PayloadTypes::ALL;
    }
    let others = agreement.answer.iter().filter(|format| !format.is_voice());
    others.fold(PayloadTypes::NONE, |types, format| types.with(format.payload_type))
}

fn payload_format(format: &Format) -> Option<PayloadFormat> {
    let law = match () {
        () if format.is_pcmu() => Law::Mu,
        () if format.is_pcma() => Law::A,
        () => return None,
    };
    Some(PayloadFormat { payload_type: format.payload_type, law })
}
