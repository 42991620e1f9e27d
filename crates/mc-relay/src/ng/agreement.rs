//! What two sides of a stream agreed on, as the controller wants it.

use mc_engine::{AudioProcessingConfig, Law};
use mc_ng::sdp::{Agreement, Format, MediaStream};
use mc_rtp_pipeline::{PayloadFormat, PayloadTypes, StreamIdentity};

use super::impairment::impairment;
use crate::{LegConfig, LegId, MediaConfig, SrtpKeys};

/// One side of a stream.
#[derive(Debug)]
pub(super) struct Side<'a> {
    pub(super) leg: LegId,
    pub(super) media: &'a MediaStream,
    /// Whether RTP and RTCP share a port.
    pub(super) shared: bool,
    /// Whether it sends from elsewhere than it is sent to.
    pub(super) asymmetric: bool,
    /// Milliseconds of audio in each packet to it, where they do not stay as they come.
    pub(super) packet_ms: Option<u32>,
    /// Its keys, where it is protected.
    pub(super) srtp: Option<SrtpKeys>,
}

/// The call between the offering and the answering side.
pub(super) fn media(
    sides: [Side<'_>; 2],
    agreement: &Agreement,
    processing: Option<&AudioProcessingConfig>,
) -> MediaConfig {
    let mut legs = [LegConfig::default(), LegConfig::default()];
    for (index, side) in sides.iter().enumerate() {
        let stream = side.media;
        let voice = match &agreement.transcoding {
            Some(formats) => Some(&formats[index]),
            None => agreement.answer.iter().find(|format| format.is_voice()),
        };
        // Each side numbers what it sends as the other side has asked for.
        let far = sides[1 - index].media;
        let keys = far.formats.iter().find(|format| format.is_telephone_event());
        let mut config = LegConfig::default()
            .with_telephone_event(keys.map(|format| format.payload_type))
            .with_remote(stream.rtp)
            .with_rtcp(stream.rtcp)
            .with_rtcp_mux(side.shared)
            .with_behind_nat(stream.behind_nat)
            .with_signalled_from(stream.signalled_from)
            .with_asymmetric(side.asymmetric)
            .with_packet_ms(side.packet_ms)
            .with_srtp(side.srtp.clone())
            .with_passed(passed(agreement));
        if let Some(voice) = voice.filter(|voice| voice.clock_rate > 0) {
            config = config.with_clock_rate(voice.clock_rate);
        }
        if let Some(format) = voice.and_then(payload_format) {
            config = config.with_format(format);
        }
        config.impairment = voice.map_or(config.impairment, impairment);
        config.processing = processing.cloned();
        legs[side.leg.index()] = config;
    }
    let [a, b] = legs;
    MediaConfig::new(a, b).with_identity(StreamIdentity::Sender)
}

/// Whether both sides speak G.711, so that we can as well.
pub(super) fn speaks_g711(agreement: &Agreement) -> bool {
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
