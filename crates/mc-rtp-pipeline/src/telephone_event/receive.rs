//! Events out of packets.

use super::EventPayload;
use crate::jitter::MediaPacket;

/// What a packet says that was not known before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventReport {
    /// An event has begun.
    Started {
        /// Which one.
        event: u8,
        /// Its level in dB below 0 dBm0.
        volume: u8,
    },
    /// The event has ended.
    Ended {
        /// Which one.
        event: u8,
        /// How long it lasted, in ticks of the timestamps.
        duration: u16,
    },
}

/// Follows the events of one stream. An event is known by its timestamp, so that the repetitions which guard
/// against loss count once, and an event whose end is lost ends when the next begins.
#[derive(Clone, Debug, Default)]
pub struct EventReceiver {
    latest: Option<Event>,
}

#[derive(Clone, Copy, Debug)]
struct Event {
    ssrc: u32,
    timestamp: u32,
    ended: bool,
}

impl EventReceiver {
    /// Reads a packet whose payload type is that of events. An event of which only the end arrives is reported as
    /// ended, without a start; `None` when there is nothing new, or the payload is malformed.
    pub fn note(&mut self, packet: &MediaPacket<'_>) -> Option<EventReport> {
        let payload = EventPayload::read(packet.payload)?;
        let known = self.latest.filter(|latest| latest.ssrc == packet.ssrc);
        if let Some(latest) = known {
            let age = latest.timestamp.wrapping_sub(packet.timestamp) as i32;
            // Older than what we know, or the same and over.
            if age > 0 || age == 0 && (latest.ended || !payload.end) {
                return None;
            }
        }
        self.latest = Some(Event { ssrc: packet.ssrc, timestamp: packet.timestamp, ended: payload.end });
        let EventPayload { event, volume, duration, end } = payload;
        Some(if end {
            EventReport::Ended { event, duration }
        } else {
            EventReport::Started { event, volume }
        })
    }

    /// Whether an event is going on.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.latest.is_some_and(|event| !event.ended)
    }
}
