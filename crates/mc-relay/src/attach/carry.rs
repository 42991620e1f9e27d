//! A call with something attached, between its packets.

use super::Attachment;
use crate::LegId;
use crate::beat::BEAT_SAMPLES;
use crate::call::{Call, two_sides};
use crate::leg::PacketBuffer;

impl Call {
    /// Attaches something to the call, or takes it off. True if it needs the beat from now on.
    pub(crate) fn attach(&mut self, change: Attachment) -> bool {
        let mut attached = self.attached.take().unwrap_or_default();
        attached.change(change);
        self.attached = Some(attached).filter(|attached| !attached.is_empty());
        self.attached.as_ref().is_some_and(|attached| attached.has_players())
    }

    /// Sends what is played to each peer on the beat at `beat_ns`. False when the beat is not needed any more.
    pub(crate) fn play(&mut self, beat_ns: u64, buffer: &mut PacketBuffer) -> bool {
        for leg in LegId::ALL {
            self.counting_allocations(leg, |call| call.speak(leg, beat_ns, buffer));
        }
        self.attached.as_ref().is_some_and(|attached| attached.has_players())
    }

    /// Sends what is played to `leg`'s peer, if it is time to.
    fn speak(&mut self, leg: LegId, beat_ns: u64, buffer: &mut PacketBuffer) {
        let Some(attached) = &mut self.attached else { return };
        let (silent, hearing) = two_sides(&mut self.legs, leg.other());
        let Some(destination) = hearing.peer.destination() else { return };
        let mut frame = [0.0; BEAT_SAMPLES];
        let Some(origin) = attached.speak(leg, beat_ns, &mut frame) else { return };
        let Ok(mut packet) = silent.session.originate(&origin, &frame, &mut buffer[..]) else { return };
        attached.press(leg, &mut packet);
        hearing.session.render_egress(&packet);
        let refused = &self.observer.counters.legs[leg.other().index()].refused;
        let played = &self.observer.counters.legs[leg.index()].played;
        let mut send =
            |packet: &[u8]| played.add(u64::from(hearing.send_media(packet, destination, refused)));
        match &mut self.packet_times[leg.index()] {
            None => send(packet.packet()),
            Some(packet_time) => packet_time.push(&packet, send),
        }
    }
}
