//! The way of a packet's audio from a worker to a thread that may be slow: copied into a bounded queue without
//! a lock; what finds no room is lost, and counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crossbeam::queue::ArrayQueue;
use mc_engine::{Egress, G711, Law, MAX_PAYLOAD_SAMPLES};

use crate::LegId;

/// The audio of one packet, as it is passed on.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    /// Which of the taps that share the queue.
    pub(crate) tap: u64,
    pub(crate) leg: LegId,
    /// When it was received.
    pub(crate) at_ns: u64,
    pub(crate) ssrc: u32,
    pub(crate) timestamp: u32,
    law: Law,
    length: u16,
    codes: [u8; MAX_PAYLOAD_SAMPLES],
}

impl Heard {
    /// The audio of `packet`; `None` for a payload that is no G.711.
    fn of(tap: u64, leg: LegId, packet: &Egress<'_>, at_ns: u64) -> Option<Self> {
        let (law, payload) = (packet.law()?, packet.payload());
        let &[_, _, _, _, t0, t1, t2, t3, s0, s1, s2, s3, ..] = packet.packet() else { return None };
        let mut codes = [0; MAX_PAYLOAD_SAMPLES];
        codes.get_mut(..payload.len())?.copy_from_slice(payload);
        let (timestamp, ssrc) = (u32::from_be_bytes([t0, t1, t2, t3]), u32::from_be_bytes([s0, s1, s2, s3]));
        Some(Self { tap, leg, at_ns, ssrc, timestamp, law, length: payload.len() as u16, codes })
    }

    /// Its samples, 8 kHz.
    pub(crate) fn samples(&self) -> impl Iterator<Item = i16> + '_ {
        let codec = G711::new(self.law);
        self.codes[..usize::from(self.length)].iter().map(move |&code| codec.decode_code(code))
    }

    #[cfg(test)]
    pub(crate) fn for_tests(tap: u64, leg: LegId, at_ns: u64, timestamp: u32, codes: &[u8]) -> Self {
        let mut room = [0; MAX_PAYLOAD_SAMPLES];
        room[..codes.len()].copy_from_slice(codes);
        let (law, length) = (Law::Mu, codes.len() as u16);
        Self { tap, leg, at_ns, ssrc: 1, timestamp, law, length, codes: room }
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

    /// Copies a packet's audio.
    pub(super) fn hear(&self, leg: LegId, packet: &Egress<'_>, at_ns: u64) {
        if self.status.closed.load(Ordering::Relaxed) {
            return;
        }
        if let Some(heard) = Heard::of(self.id, leg, packet, at_ns)
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
