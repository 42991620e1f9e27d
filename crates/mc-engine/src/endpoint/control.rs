//! RTCP of one endpoint: reports made on schedule and read.

use std::time::Duration;

use mc_rtp_pipeline::MediaPacket;
use mc_rtp_pipeline::rtcp::{
    Membership, NoRoom, NtpTime, Reception, ReportBlock, RtcpError, RtcpPacket, RtcpPackets, RtcpSchedule,
    RtcpWriter, SenderInfo, round_trip,
};

use super::EndpointConfig;

/// A sender report with one block, a name of 255 bytes and a goodbye.
const REPORT_BYTES: usize = 28 + 24 + 268 + 8;

/// What is known of the other side's reception, and when and how to tell it of ours.
#[derive(Debug)]
pub(super) struct Control {
    ssrc: u32,
    cname: String,
    wall_clock_start: NtpTime,
    reception: Reception,
    schedule: Option<RtcpSchedule>,
    report: Box<[u8]>,
    /// Packets that we had sent at the latest report, and at the one before.
    sent_before: [u32; 2],
    /// Whether anything came from the other side: RTP, or a report.
    peer_sends: bool,
    peer_reports: bool,
    pub(super) peer_left: bool,
    pub(super) round_trip: Option<Duration>,
    /// The latest block about our stream.
    pub(super) about_us: Option<ReportBlock>,
    pub(super) sent: u64,
    pub(super) received: u64,
    pub(super) refused: u64,
}

impl Control {
    pub(super) fn new(config: &EndpointConfig, clock_rate: u32) -> Self {
        let schedule = |interval| RtcpSchedule::new(config.rtcp_bytes_per_s, interval, config.ssrc);
        Self {
            ssrc: config.ssrc,
            cname: config.cname.clone(),
            wall_clock_start: config.wall_clock_start,
            reception: Reception::new(clock_rate),
            schedule: config.rtcp_interval.map(schedule),
            report: vec![0; REPORT_BYTES].into(),
            sent_before: [0; 2],
            peer_sends: false,
            peer_reports: false,
            peer_left: false,
            round_trip: None,
            about_us: None,
            sent: 0,
            received: 0,
            refused: 0,
        }
    }

    /// Notes a packet of the stream that is received.
    pub(super) fn note(&mut self, packet: &MediaPacket<'_>, now: Duration) {
        self.peer_sends = true;
        self.reception.note(packet, now);
    }

    /// Reads the other side's RTCP.
    pub(super) fn receive(&mut self, datagram: &[u8], now: Duration) -> Result<(), RtcpError> {
        let packets = RtcpPackets::parse(datagram).inspect_err(|_| self.refused += 1)?;
        self.received += 1;
        self.peer_reports = true;
        if let Some(schedule) = &mut self.schedule {
            schedule.received(datagram.len());
        }
        for packet in packets {
            let blocks = match packet {
                RtcpPacket::SenderReport { ssrc, sent, received } => {
                    self.reception.note_report(ssrc, sent.ntp, now);
                    received
                }
                RtcpPacket::ReceiverReport { received, .. } => received,
                RtcpPacket::Goodbye { .. } => {
                    self.peer_left = true;
                    continue;
                }
                _ => continue,
            };
            if let Some(block) = blocks.about(self.ssrc) {
                self.round_trip = round_trip(&block, self.wall_clock(now)).or(self.round_trip);
                self.about_us = Some(block);
            }
        }
        Ok(())
    }

    /// Gives a report to `transmit` if one is due at `now`.
    pub(super) fn poll(&mut self, now: Duration, sent: &SenderInfo, transmit: &mut impl FnMut(&[u8])) {
        let membership = self.membership(sent);
        if self.schedule.as_mut().is_some_and(|schedule| schedule.is_due(now, membership)) {
            self.transmit(now, sent, None, transmit);
        }
    }

    /// Gives a last report with a goodbye to `transmit`.
    pub(super) fn leave(&mut self, now: Duration, sent: &SenderInfo, transmit: &mut impl FnMut(&[u8])) {
        self.transmit(now, sent, Some(""), transmit);
        self.schedule = None;
    }

    /// The interarrival jitter, once there is a stream.
    pub(super) fn jitter(&self) -> Option<Duration> {
        self.peer_sends.then(|| self.reception.jitter())
    }

    fn transmit(
        &mut self,
        now: Duration,
        sent: &SenderInfo,
        goodbye: Option<&str>,
        transmit: &mut impl FnMut(&[u8]),
    ) {
        let membership = self.membership(sent);
        // There is room for the longest report that there is.
        let Ok(length) = self.write(now, sent, membership.we_send, goodbye) else { return };
        self.sent_before = [sent.packets, self.sent_before[0]];
        self.sent += 1;
        if let Some(schedule) = &mut self.schedule {
            schedule.sent(length, now, membership);
        }
        transmit(&self.report[..length]);
    }

    fn write(
        &mut self,
        now: Duration,
        sent: &SenderInfo,
        we_send: bool,
        goodbye: Option<&str>,
    ) -> Result<usize, NoRoom> {
        let (ssrc, ntp) = (self.ssrc, self.wall_clock(now));
        let block = self.reception.report_block(now);
        let mut writer = RtcpWriter::new(&mut self.report);
        if we_send {
            writer.sender_report(ssrc, &SenderInfo { ntp, ..*sent }, block.as_slice())?;
        } else {
            writer.receiver_report(ssrc, block.as_slice())?;
        }
        writer.cname(ssrc, &self.cname)?;
        if let Some(reason) = goodbye {
            writer.goodbye(ssrc, reason)?;
        }
        Ok(writer.packet().len())
    }

    /// Who sends is who has sent since the report before the latest (RFC 3550 §6.4).
    fn membership(&self, sent: &SenderInfo) -> Membership {
        let we_send = sent.packets != self.sent_before[1];
        Membership {
            members: 1 + u32::from(self.peer_sends || self.peer_reports),
            senders: u32::from(we_send) + u32::from(self.peer_sends),
            we_send,
        }
    }

    fn wall_clock(&self, now: Duration) -> NtpTime {
        self.wall_clock_start.after(now)
    }
}
