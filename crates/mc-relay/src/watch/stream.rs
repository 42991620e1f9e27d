//! One leg's stream, as the worker sees it pass.

use std::sync::atomic::Ordering;
use std::time::Duration;

use mc_engine::{CaptureReport, EventReport};
use mc_rtp_pipeline::MediaPacket;
use mc_rtp_pipeline::quality::{CodecImpairment, EModel};
use mc_rtp_pipeline::rtcp::Reception;
use mc_rtp_pipeline::telephone_event::EventReceiver;

use super::Opinion;
use super::figures::WatchGauges;
use super::reports::PeerReports;
use crate::{LegConfig, StreamMetrics};

/// Delay of packetising, and of a jitter buffer that covers twice the jitter.
const PACKET: Duration = Duration::from_millis(20);
const JITTERS_COVERED: u32 = 2;

/// The numbers of a packet as it arrived; what passes it on may give it others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers([u8; 12]);

impl Numbers {
    /// Those of a datagram, which mean something once it has turned out to be RTP (RFC 3550 §5.1).
    #[inline]
    pub(crate) fn of(datagram: &[u8]) -> Self {
        Self(datagram.first_chunk().copied().unwrap_or_default())
    }

    fn packet<'a>(&self, payload: &'a [u8]) -> MediaPacket<'a> {
        let [_, second, s0, s1, t0, t1, t2, t3, ssrc @ ..] = self.0;
        MediaPacket {
            payload_type: second & 0x7F,
            marker: second & 0x80 != 0,
            sequence: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes(ssrc),
            payload,
        }
    }
}

/// What is known of the stream of one leg's peer.
#[derive(Debug)]
pub(crate) struct StreamWatch {
    pub(super) reception: Reception,
    /// As whom the other side knows the stream.
    pub(super) known_as: Option<u32>,
    pub(super) reports: PeerReports,
    impairment: CodecImpairment,
    key_payload_type: Option<u8>,
    keys: EventReceiver,
    is_speech: bool,
    /// Expected and received at the latest review.
    reviewed: (u64, u64),
    opinion: Opinion,
}

impl StreamWatch {
    pub(crate) fn new(config: &LegConfig) -> Self {
        Self {
            reception: Reception::new(config.clock_rate),
            known_as: None,
            reports: PeerReports::default(),
            impairment: config.impairment,
            key_payload_type: config.telephone_event,
            keys: EventReceiver::default(),
            is_speech: false,
            reviewed: (0, 0),
            opinion: Opinion::Satisfied,
        }
    }

    /// Goes on under what an update says; what was counted stays counted.
    pub(crate) fn reconfigure(&mut self, config: &LegConfig) {
        self.key_payload_type = config.telephone_event;
        self.impairment = config.impairment;
        self.reception.set_clock_rate(config.clock_rate);
    }

    /// Whether a packet is about a key.
    #[inline]
    pub(crate) fn is_key(&self, numbers: &Numbers) -> bool {
        self.key_payload_type == Some(numbers.0[1] & 0x7F)
    }

    /// Notes a packet that was taken, and `leaves` as the other side's.
    #[inline]
    pub(crate) fn note(
        &mut self,
        numbers: &Numbers,
        payload: &[u8],
        leaves: &[u8],
        now_ns: u64,
        gauges: &WatchGauges,
    ) -> Option<EventReport> {
        let packet = numbers.packet(&[]);
        self.reception.note(&packet, Duration::from_nanos(now_ns));
        gauges.expected.store(self.reception.expected(), Ordering::Relaxed);
        gauges.received.store(self.reception.received(), Ordering::Relaxed);
        gauges.ssrc.store(packet.ssrc.into(), Ordering::Relaxed);
        self.known_as = Some(Numbers::of(leaves).packet(&[]).ssrc);
        if self.is_key(numbers) { self.note_key(numbers, payload, gauges) } else { None }
    }

    #[cold]
    fn note_key(&mut self, numbers: &Numbers, payload: &[u8], gauges: &WatchGauges) -> Option<EventReport> {
        let was_active = self.keys.is_active();
        let report = self.keys.note(&numbers.packet(payload))?;
        // One whose beginning was lost is pressed when it is released.
        if matches!(report, EventReport::Started { .. }) || !was_active {
            gauges.keys.add(1);
        }
        Some(report)
    }

    /// Whether speech has begun or ended with the packet that `report` is about.
    #[inline]
    pub(crate) fn note_speech(&mut self, report: &CaptureReport) -> Option<bool> {
        let is_speech = report.voice?.is_speech;
        (std::mem::replace(&mut self.is_speech, is_speech) != is_speech).then_some(is_speech)
    }

    /// Rates what has arrived since the review before. `Some` when people's opinion of it would have changed.
    pub(crate) fn review(&mut self, gauges: &WatchGauges) -> Option<StreamMetrics> {
        let (expected, received) = (self.reception.expected(), self.reception.received());
        let (expected_before, received_before) = std::mem::replace(&mut self.reviewed, (expected, received));
        let jitter = self.reception.jitter();
        gauges.jitter_us.store(jitter.as_micros().try_into().unwrap_or(u32::MAX), Ordering::Relaxed);
        let sent = expected - expected_before;
        if sent == 0 {
            gauges.set_mos(None);
            return None;
        }
        let missing = sent.saturating_sub(received - received_before);
        let network = gauges.round_trip().unwrap_or_default() / 2;
        let rating = EModel::new(self.impairment)
            .with_loss(missing as f32 / sent as f32, 1.0)
            .with_delay(network + PACKET + jitter * JITTERS_COVERED)
            .rate();
        gauges.set_mos(Some(rating.mos()));
        let opinion = Opinion::of(rating.mos());
        (std::mem::replace(&mut self.opinion, opinion) != opinion).then(|| gauges.read())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leg_is_watched_in_little_room() {
        let bytes = size_of::<StreamWatch>() + size_of::<WatchGauges>();
        assert!(bytes <= 320, "{bytes} bytes");
    }
}
