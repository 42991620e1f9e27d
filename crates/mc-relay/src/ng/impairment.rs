//! What codecs that are only passed on do to speech.

use mc_ng::sdp::Format;
use mc_rtp_pipeline::quality::CodecImpairment;

/// What a codec does to speech, where ITU-T G.113 Appendix I says so for itself and for its losses. Of every other, only
/// what the network does to it counts: it is taken for G.711 with concealment.
pub(super) fn impairment(codec: &Format) -> CodecImpairment {
    let by_name = [
        ("G729", CodecImpairment::G729),
        ("G723", CodecImpairment::G723_1),
        ("GSM-EFR", CodecImpairment::GSM_EFR),
        // At its highest rate, which is what it is used at while nothing is lost.
        ("AMR", CodecImpairment::GSM_EFR),
    ];
    let of_codec = by_name.into_iter().find(|(name, _)| codec.encoding.eq_ignore_ascii_case(name));
    of_codec.map_or(CodecImpairment::G711, |(_, impairment)| impairment)
}
