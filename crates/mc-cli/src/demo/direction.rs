//! One direction of the call: what was sent beside what arrived of it.

use mc_engine::AudioStatus;

use super::endpoint::{PACKET_SAMPLES, Received, Sent};

/// What one side sent and the other received, packet by packet at the same place.
pub(super) struct Direction {
    /// The audio that was sent, as the codec left it.
    pub(super) before: Vec<f32>,
    /// The audio that arrived; silence where a packet did not.
    pub(super) after: Vec<f32>,
    /// What the relay's processors said of each packet; nothing where it did not arrive.
    pub(super) status: Vec<AudioStatus>,
    /// Packets that arrived.
    pub(super) arrived: usize,
    /// Time from sending to receiving of each packet that arrived, in microseconds.
    pub(super) latencies_us: Vec<f64>,
}

impl Direction {
    /// Finds each of `received` among `sent`. The relay numbers its packets as it likes, but in the order
    /// and with the gaps of those it got: the first it passed on has the first number.
    pub(super) fn new(sent: &[Sent], received: &[Received]) -> Self {
        let first = received.first().map_or(0, |packet| packet.sequence);
        let mut direction = Self {
            before: sent.iter().flat_map(|packet| &packet.audio).copied().collect(),
            after: vec![0.0; sent.len() * PACKET_SAMPLES],
            status: vec![AudioStatus::default(); sent.len()],
            arrived: 0,
            latencies_us: Vec::with_capacity(received.len()),
        };
        let mut seen = vec![false; sent.len()];
        for packet in received {
            let index = usize::from(packet.sequence.wrapping_sub(first));
            let (Some(origin), Some(seen)) = (sent.get(index), seen.get_mut(index)) else { continue };
            if packet.audio.len() != PACKET_SAMPLES || std::mem::replace(seen, true) {
                continue;
            }
            direction.after[index * PACKET_SAMPLES..][..PACKET_SAMPLES].copy_from_slice(&packet.audio);
            direction.status[index] = packet.status;
            direction.arrived += 1;
            direction.latencies_us.push(packet.at.saturating_duration_since(origin.at).as_secs_f64() * 1e6);
        }
        direction
    }

    /// Packets that were sent.
    pub(super) fn sent(&self) -> usize {
        self.status.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn packets_are_found_by_their_numbers_across_a_wrap_loss_and_copies() {
        let start = Instant::now();
        let sent: Vec<Sent> =
            (0..4).map(|n| Sent { at: start, audio: vec![n as f32; PACKET_SAMPLES] }).collect();
        let arrival = |n: u16| Received {
            at: start + Duration::from_micros(u64::from(n) + 50),
            sequence: 65_534u16.wrapping_add(n),
            audio: vec![f32::from(n) / 2.0; PACKET_SAMPLES],
            status: AudioStatus::default(),
        };
        let direction = Direction::new(&sent, &[arrival(0), arrival(3), arrival(1), arrival(1), arrival(9)]);
        assert_eq!((direction.sent(), direction.arrived), (4, 3));
        let heard: Vec<f32> = direction.after.chunks(PACKET_SAMPLES).map(|frame| frame[0]).collect();
        assert_eq!(heard, [0.0, 0.5, 0.0, 1.5]);
        assert_eq!(direction.latencies_us.len(), 3);
        assert!((direction.latencies_us[1] - 53.0).abs() < 1e-6);
    }
}
