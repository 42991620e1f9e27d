//! The way of a packet from a worker to a thread that may be slow: copied into a bounded queue without
//! a lock; what finds no room is lost, and counted.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crossbeam::queue::ArrayQueue;
use mc_engine::{Egress, Law};
use mc_rtp_pipeline::MediaPacket;

use crate::LegId;
use crate::leg::MAX_DATAGRAM;

/// One packet, as it is passed on.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    /// Which of the taps that share the queue.
    pub(crate) tap: u64,
    pub(crate) leg: LegId,
    /// When it was received.
    pub(crate) at_ns: u64,
    /// Whom it is sent to, as far as that is known.
    pub(crate) to: Option<SocketAddr>,
    law: Option<Law>,
    length: u16,
    bytes: [u8; MAX_DATAGRAM],
}

impl Heard {
    /// `None` for one that is longer than what is passed on.
    fn of(tap: u64, leg: LegId, packet: &Egress<'_>, to: Option<SocketAddr>, at_ns: u64) -> Option<Self> {
        Self::copy(packet.packet()).map(|copy| Self { tap, leg, at_ns, to, law: packet.law(), ..copy })
    }

    fn copy(packet: &[u8]) -> Option<Self> {
        let mut bytes = [0; MAX_DATAGRAM];
        bytes.get_mut(..packet.len())?.copy_from_slice(packet);
        let length = packet.len() as u16;
        Some(Self { tap: 0, leg: LegId::A, at_ns: 0, to: None, law: None, length, bytes })
    }

    /// The whole packet.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// The packet, and the law of its audio where it is G.711; `None` for what is no packet.
    pub(crate) fn parse(&self) -> Option<(MediaPacket<'_>, Option<Law>)> {
        MediaPacket::parse(self.bytes()).ok().map(|packet| (packet, self.law))
    }

    #[cfg(test)]
    pub(crate) fn for_tests(leg: LegId, at_ns: u64, sequence: u16, timestamp: u32, codes: &[u8]) -> Self {
        let mut packet = vec![0x80, 0];
        packet.extend(sequence.to_be_bytes());
        packet.extend(timestamp.to_be_bytes());
        packet.extend(1u32.to_be_bytes());
        packet.extend(codes);
        let to = Some(SocketAddr::from(([192, 0, 2, 1], 4_000)));
        Self { leg, at_ns, to, law: Some(Law::Mu), ..Self::copy(&packet).unwrap() }
    }

    /// Makes it one of a codec that is passed on as it is.
    #[cfg(test)]
    pub(crate) fn make_passed_on(&mut self) {
        (self.law, self.bytes[1]) = (None, 97);
    }
}

/// Packets on their way, of one or more taps.
pub(crate) type TapQueue = ArrayQueue<Heard>;

/// What both ends of a tap know.
#[derive(Debug, Default)]
pub(crate) struct TapStatus {
    ended: AtomicBool,
    closed: AtomicBool,
    lost: AtomicU64,
}

impl TapStatus {
    /// Whether nothing will come any more.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// Lets nothing come any more.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    /// Packets that found no room, since the last time this was asked.
    pub(crate) fn take_lost(&self) -> u64 {
        self.lost.swap(0, Ordering::Relaxed)
    }
}

/// The worker's end.
#[derive(Debug)]
pub(crate) struct Tap {
    id: u64,
    queue: Arc<TapQueue>,
    status: Arc<TapStatus>,
}

/// A tap named `id` into `queue`, and what the other end sees of it.
pub(crate) fn tap(id: u64, queue: Arc<TapQueue>) -> (Tap, Arc<TapStatus>) {
    let status = Arc::<TapStatus>::default();
    (Tap { id, queue, status: Arc::clone(&status) }, status)
}

impl Tap {
    pub(super) const fn id(&self) -> u64 {
        self.id
    }

    /// Copies a packet.
    pub(super) fn hear(&self, leg: LegId, packet: &Egress<'_>, to: Option<SocketAddr>, at_ns: u64) {
        if self.status.closed.load(Ordering::Relaxed) {
            return;
        }
        if let Some(heard) = Heard::of(self.id, leg, packet, to, at_ns)
            && self.queue.push(heard).is_err()
        {
            self.status.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Tap {
    /// The call has ended, or the tap was taken off.
    fn drop(&mut self) {
        self.status.ended.store(true, Ordering::Release);
    }
}
