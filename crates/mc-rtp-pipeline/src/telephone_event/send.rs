//! Packets out of events.

use super::EventPayload;

/// How often the end is sent (RFC 4733 §2.5.1.4).
const ENDS: u8 = 3;

/// Sends one event: a packet at every packet time, with the timestamp of its beginning and a growing duration,
/// then the end three times.
#[derive(Clone, Copy, Debug)]
pub struct EventSender {
    payload: EventPayload,
    /// Ticks that are left, and ticks of each packet.
    left: u16,
    step: u16,
    ends: u8,
}

impl EventSender {
    /// The event `event` at `volume` dB below 0 dBm0 (0 to 63), lasting `duration` ticks, in packets of `step` ticks
    /// (1 or more). What is longer than 65,535 ticks would need segments (RFC 4733 §2.5.1.3): no key is held so long.
    #[must_use]
    pub const fn new(event: u8, volume: u8, duration: u16, step: u16) -> Self {
        let payload = EventPayload { event, end: false, volume, duration: 0 };
        Self { payload, left: duration, step: if step == 0 { 1 } else { step }, ends: ENDS }
    }
}

/// The payload of each packet, one per packet time. The first carries the marker, all the event's first timestamp.
impl Iterator for EventSender {
    type Item = EventPayload;

    fn next(&mut self) -> Option<EventPayload> {
        if self.left > 0 {
            let step = self.step.min(self.left);
            self.left -= step;
            self.payload.duration += step;
        }
        if self.left == 0 {
            self.ends = self.ends.checked_sub(1)?;
            self.payload.end = true;
        }
        Some(self.payload)
    }
}
