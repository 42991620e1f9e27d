//! Payload types and what they carry.

use mc_dsp::{ConfigError, SampleRate};
use mc_g711::Law;

/// Sample rate of G.711, and clock rate of its RTP timestamps (RFC 3551 §4.5.14).
pub const SAMPLE_RATE: SampleRate = SampleRate::Hz8000;

/// Longest payload that is processed, in samples (and, with G.711, bytes): 60 ms.
pub const MAX_PAYLOAD_SAMPLES: usize = SAMPLE_RATE.max_frame_samples();

/// Payload types that RTP must not use beside RTCP on one port (RFC 5761 §4).
const RTCP_CONFLICT: std::ops::RangeInclusive<u8> = 64..=95;

/// A set of payload type numbers, 0 to 127.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PayloadTypes(u128);

impl PayloadTypes {
    /// No number.
    pub const NONE: Self = Self(0);
    /// Every number.
    pub const ALL: Self = Self(u128::MAX);

    /// With `payload_type`, too. Numbers above 127, which no packet has, change nothing.
    #[must_use]
    pub const fn with(self, payload_type: u8) -> Self {
        if payload_type < 128 { Self(self.0 | 1 << payload_type) } else { self }
    }

    /// Whether `payload_type` is among them.
    #[must_use]
    pub const fn contains(self, payload_type: u8) -> bool {
        payload_type < 128 && self.0 >> payload_type & 1 == 1
    }
}

/// A payload type number and the G.711 law that it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PayloadFormat {
    /// The RTP payload type: 0 to 63 or 96 to 127.
    pub payload_type: u8,
    /// The companding law of the payload.
    pub law: Law,
}

impl PayloadFormat {
    /// Mu-law under its static payload type 0 (RFC 3551 §6).
    pub const PCMU: Self = Self { payload_type: 0, law: Law::Mu };
    /// A-law under its static payload type 8 (RFC 3551 §6).
    pub const PCMA: Self = Self { payload_type: 8, law: Law::A };

    /// Checks the payload type.
    ///
    /// # Errors
    /// [`ConfigError`] naming `field` when the number does not fit 7 bits or is one of the 64 to 95
    /// that would look like RTCP (RFC 5761 §4).
    pub(crate) fn validate(self, field: &'static str) -> Result<(), ConfigError> {
        check_payload_type(field, self.payload_type)
    }
}

/// Checks that RTP may use `payload_type` beside RTCP on one port.
///
/// # Errors
/// [`ConfigError`] naming `field` when the number does not fit 7 bits or is one of the 64 to 95 that would look like
/// RTCP (RFC 5761 §4).
pub fn check_payload_type(field: &'static str, payload_type: u8) -> Result<(), ConfigError> {
    if payload_type < 128 && !RTCP_CONFLICT.contains(&payload_type) {
        Ok(())
    } else {
        Err(ConfigError::new(field, payload_type, "0 to 63 or 96 to 127"))
    }
}
