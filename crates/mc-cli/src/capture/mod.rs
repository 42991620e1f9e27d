//! RTP streams in captures of network traffic.

mod datagram;
mod file;

use std::path::Path;

use mc_engine::PayloadFormat;
use rtp_rs::RtpReader;

use crate::failure::Failure;

pub(crate) use file::is_capture;

/// The packets of one synchronisation source, in the order of the capture.
pub(crate) struct Stream {
    pub(crate) ssrc: u32,
    /// The payload format of its first packet.
    pub(crate) format: PayloadFormat,
    /// RTP packets, header first.
    pub(crate) packets: Vec<Vec<u8>>,
}

/// Every RTP stream with G.711 in it in the capture at `path`, in the order of their first packets.
///
/// A UDP payload counts as RTP when it parses as such and has the static payload type of PCMU or PCMA,
/// which no RTCP packet can have (RFC 5761 §4).
///
/// # Errors
/// [`Failure::Usage`] when the file is not a capture in the classic pcap format, or is cut off.
pub(crate) fn streams(path: &Path) -> Result<Vec<Stream>, Failure> {
    let capture = std::fs::read(path).map_err(|error| Failure::file(path, error))?;
    let records = file::Records::new(&capture).map_err(|reason| Failure::file(path, reason))?;
    let link = records.link();
    let mut streams: Vec<Stream> = Vec::new();
    for record in records {
        let record = record.map_err(|reason| Failure::file(path, reason))?;
        let Some(payload) = datagram::udp_payload(link, record) else { continue };
        let Ok(packet) = RtpReader::new(payload) else { continue };
        let Some(format) = static_format(packet.payload_type()) else { continue };
        match streams.iter_mut().find(|stream| stream.ssrc == packet.ssrc()) {
            Some(stream) => stream.packets.push(payload.to_vec()),
            None => streams.push(Stream { ssrc: packet.ssrc(), format, packets: vec![payload.to_vec()] }),
        }
    }
    Ok(streams)
}

fn static_format(payload_type: u8) -> Option<PayloadFormat> {
    [PayloadFormat::PCMU, PayloadFormat::PCMA].into_iter().find(|format| format.payload_type == payload_type)
}
