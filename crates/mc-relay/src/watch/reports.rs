//! RTCP of the peers, read as it passes, and reports in the name of a peer that makes none (RFC 3550 §6).

use std::time::Duration;

use mc_rtp_pipeline::rtcp::{NoRoom, ReportBlock, RtcpPacket, RtcpPackets, RtcpWriter};

use super::figures::WatchGauges;
use super::stream::StreamWatch;

/// Room for a report on one source with the name of whoever reports.
#[derive(Debug)]
pub(crate) struct ReportBuffer([u8; 64]);

impl Default for ReportBuffer {
    fn default() -> Self {
        Self([0; 64])
    }
}

/// What is known of the reports that go to and come from one peer.
#[derive(Debug, Default)]
pub(super) struct PeerReports {
    /// The latest sender report that went to the peer, as it will refer to it, and when that was.
    sent: Option<(u32, u64)>,
    /// When the peer reported last.
    came_ns: Option<u64>,
}

impl PeerReports {
    /// From the peer's answer to the latest sender report: the way there and back.
    fn round_trip(&self, block: &ReportBlock, now_ns: u64) -> Option<Duration> {
        let (_, sent_ns) = self.sent.filter(|&(name, _)| name == block.last_report && name != 0)?;
        let kept = Duration::from_micros(u64::from(block.since_last_report) * 1_000_000 / 65_536);
        Duration::from_nanos(now_ns.saturating_sub(sent_ns)).checked_sub(kept)
    }
}

/// Reads what the peer of `own` reports, in a packet that goes to the peer of `other`.
pub(crate) fn read_reports(
    datagram: &[u8],
    own: &mut StreamWatch,
    other: &mut StreamWatch,
    now_ns: u64,
    gauges: &WatchGauges,
) {
    // What begins without a report is feedback of another kind (RFC 5506).
    let Ok(packets) = RtcpPackets::parse(datagram) else { return };
    own.reports.came_ns = Some(now_ns);
    for packet in packets {
        let blocks = match packet {
            RtcpPacket::SenderReport { ssrc, sent, received } => {
                own.reception.note_report(ssrc, sent.ntp, Duration::from_nanos(now_ns));
                other.reports.sent = Some((sent.ntp.middle(), now_ns));
                received
            }
            RtcpPacket::ReceiverReport { received, .. } => received,
            _ => continue,
        };
        let about_other = other.known_as.and_then(|ssrc| blocks.about(ssrc));
        if let Some(block) = about_other {
            gauges.set_reported_loss(block.fraction_lost);
            if let Some(round_trip) = own.reports.round_trip(&block, now_ns) {
                gauges.set_round_trip(round_trip);
            }
        }
    }
}

/// A receiver report to the peer of `own` about its stream, in the name of the other peer, unless that one reports
/// has reported itself since `heard_after`; `None` where its reports are not passed on.
pub(crate) fn generated_report<'a>(
    own: &mut StreamWatch,
    other: &StreamWatch,
    heard_after: Option<u64>,
    now_ns: u64,
    buffer: &'a mut ReportBuffer,
) -> Option<&'a [u8]> {
    if let (Some(came_ns), Some(after_ns)) = (other.reports.came_ns, heard_after)
        && came_ns > after_ns
    {
        return None;
    }
    let block = own.reception.report_block(Duration::from_nanos(now_ns))?;
    // A peer that has sent nothing has no name yet: any but the one that is reported on.
    let reporter = other.known_as.unwrap_or(!block.ssrc);
    let length = write_report(reporter, &block, &mut buffer.0).ok()?;
    buffer.0.get(..length)
}

fn write_report(reporter: u32, block: &ReportBlock, buffer: &mut [u8]) -> Result<usize, NoRoom> {
    let mut writer = RtcpWriter::new(buffer);
    writer.receiver_report(reporter, &[*block])?.cname(reporter, CNAME)?;
    Ok(writer.packet().len())
}

/// Whose reports are made here; the SSRC beside it tells them apart.
const CNAME: &str = "mc-relay";
