//! What a telephone's microphone hears.

use mc_testkit::room::Room;

/// A talker, and the room in which the loudspeaker plays, if there is one.
pub(super) struct Microphone {
    /// The talker's clean speech.
    speech: Vec<f32>,
    /// Background noise, as long as the speech.
    noise: Vec<f32>,
    room: Option<Room>,
    /// All that the loudspeaker played.
    played: Vec<f32>,
    /// The echo of it that reached the microphone.
    echo: Vec<f32>,
}

impl Microphone {
    /// A microphone before which `speech` is spoken over `noise`, in `room` or at the talker's ear.
    pub(super) fn new(speech: Vec<f32>, noise: Vec<f32>, room: Option<Room>) -> Self {
        Self { speech, noise, room, played: Vec::new(), echo: Vec::new() }
    }

    /// What it hears while the loudspeaker plays `frame`; silence after the end of the speech.
    pub(super) fn hear(&mut self, frame: &[f32]) -> Vec<f32> {
        let start = self.played.len();
        self.played.extend_from_slice(frame);
        match &self.room {
            Some(room) => {
                let memory = start.saturating_sub(room.impulse_response().len());
                self.echo.extend_from_slice(&room.echo_of(&self.played[memory..])[start - memory..]);
            }
            None => self.echo.resize(self.played.len(), 0.0),
        }
        let at = |track: &[f32], index| track.get(index).copied().unwrap_or(0.0);
        (start..self.played.len())
            .map(|index| at(&self.speech, index) + at(&self.noise, index) + at(&self.echo, index))
            .collect()
    }

    /// The speech and the echo that it heard, sample by sample.
    pub(super) fn into_parts(self) -> (Vec<f32>, Vec<f32>) {
        (self.speech, self.echo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mc_testkit::signal::white_noise;

    #[test]
    fn echo_in_frames_is_echo_in_one_piece() {
        let room = Room::new(1, 8_000, 32.0, 10.0);
        let far = white_noise(2, -20.0, 1_600);
        let whole = room.echo_of(&far);
        let mut microphone = Microphone::new(vec![0.25; 1_600], vec![0.0; 1_600], Some(room));
        let heard: Vec<f32> = far.chunks(160).flat_map(|frame| microphone.hear(frame)).collect();
        for (heard, echo) in heard.iter().zip(&whole) {
            assert!((heard - 0.25 - echo).abs() < 1e-6);
        }
        assert_eq!(microphone.into_parts().1.len(), 1_600);
    }
}
