//! Keys as pairs of tones.

use mc_dsp::SampleRate;

/// Frequencies in Hz of the rows and columns of the keypad (ITU-T Q.23).
const ROWS: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
const COLUMNS: [f32; 4] = [1_209.0, 1_336.0, 1_477.0, 1_633.0];

/// The keypad, row by row, as the events of RFC 4733 (§3.2, table 3) number its keys.
const KEYPAD: [[u8; 4]; 4] = [[1, 2, 3, 12], [4, 5, 6, 13], [7, 8, 9, 14], [10, 0, 11, 15]];

/// Symbols in the order of the events.
const SYMBOLS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D'];

/// Rise and fall of a tone, in milliseconds: a hard edge would click over all frequencies.
const RAMP_MS: u32 = 2;

/// A key of a telephone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DtmfKey(u8);

impl DtmfKey {
    /// The key of an event, 0 to 15.
    #[must_use]
    pub fn from_event(event: u8) -> Option<Self> {
        (usize::from(event) < SYMBOLS.len()).then_some(Self(event))
    }

    /// The key that carries `symbol`: `0` to `9`, `*`, `#`, `A` to `D`.
    #[must_use]
    pub fn from_symbol(symbol: char) -> Option<Self> {
        let symbol = symbol.to_ascii_uppercase();
        SYMBOLS.iter().position(|&other| other == symbol).map(|event| Self(event as u8))
    }

    /// What is printed on the key.
    #[must_use]
    pub fn symbol(self) -> char {
        SYMBOLS[usize::from(self.0)]
    }

    /// The event's number.
    #[must_use]
    pub const fn event(self) -> u8 {
        self.0
    }

    /// Its lower and its higher frequency, in Hz.
    #[must_use]
    pub fn frequencies(self) -> (f32, f32) {
        let place = KEYPAD.as_flattened().iter().position(|&event| event == self.0).unwrap_or(0);
        (ROWS[place / 4], COLUMNS[place % 4])
    }
}

/// The two tones of a key, to be heard by those who know no events.
#[derive(Clone, Copy, Debug)]
pub struct DtmfTone {
    /// Phase of each tone and its step, in turns.
    phases: [f32; 2],
    steps: [f32; 2],
    amplitude: f32,
    /// Samples played, to be played, and of each ramp.
    at: usize,
    length: usize,
    ramp: usize,
}

impl DtmfTone {
    /// The tones of `key` for `samples` samples at `rate`, each tone with a peak of `amplitude` (±1.0 is full scale).
    #[must_use]
    pub fn new(key: DtmfKey, rate: SampleRate, samples: usize, amplitude: f32) -> Self {
        let (low, high) = key.frequencies();
        let hz = rate.hz() as f32;
        Self {
            phases: [0.0; 2],
            steps: [low / hz, high / hz],
            amplitude,
            at: 0,
            length: samples,
            ramp: rate.samples_in_ms(RAMP_MS),
        }
    }

    /// Adds the tones to `audio` and returns whether they go on behind it.
    pub fn add_to(&mut self, audio: &mut [f32]) -> bool {
        for sample in audio.iter_mut().take(self.length - self.at) {
            let edge = self.at.min(self.length - 1 - self.at);
            let gain = self.amplitude * ((edge as f32 + 0.5) / self.ramp as f32).min(1.0);
            for (phase, step) in self.phases.iter_mut().zip(self.steps) {
                *sample += gain * (std::f32::consts::TAU * *phase).sin();
                *phase = (*phase + step).fract();
            }
            self.at += 1;
        }
        self.at < self.length
    }
}
