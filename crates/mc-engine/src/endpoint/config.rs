//! What can be chosen about an endpoint.

use mc_dsp::ConfigError;
use mc_rtp_pipeline::{JitterConfig, PayloadFormat};

/// Configuration of a [`MediaEndpoint`](crate::MediaEndpoint).
///
/// SSRC, first sequence number and first timestamp should be picked at random (RFC 3550 §5.1 and §8.1).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EndpointConfig {
    /// What is received and sent; packets of another payload type are dropped. Default: [`PayloadFormat::PCMU`].
    pub format: PayloadFormat,
    /// How long packets wait to be played in order.
    pub jitter: JitterConfig,
    /// Payload type of keys pressed (RFC 4733); `None`, the default, neither takes nor sends any.
    pub telephone_event: Option<u8>,
    /// Payload type of comfort noise (RFC 3389), 13 by custom. With it, what is no speech may be
    /// [left out](crate::MediaEndpoint::send_speech). `None`, the default, neither takes nor sends any.
    pub comfort_noise: Option<u8>,
    /// SSRC of every packet that leaves.
    pub ssrc: u32,
    /// Sequence number of the first packet that leaves.
    pub first_sequence: u16,
    /// RTP timestamp of the first packet that leaves.
    pub first_timestamp: u32,
}

impl Default for EndpointConfig {
    fn default() -> Self {
        Self {
            format: PayloadFormat::PCMU,
            jitter: JitterConfig::default(),
            telephone_event: None,
            comfort_noise: None,
            ssrc: 0,
            first_sequence: 0,
            first_timestamp: 0,
        }
    }
}

impl EndpointConfig {
    /// Sets what is received and sent.
    #[must_use]
    pub const fn with_format(mut self, format: PayloadFormat) -> Self {
        self.format = format;
        self
    }

    /// Sets how long packets wait.
    #[must_use]
    pub fn with_jitter(mut self, jitter: JitterConfig) -> Self {
        self.jitter = jitter;
        self
    }

    /// Sets the payload type of keys pressed.
    #[must_use]
    pub fn with_telephone_event(mut self, payload_type: impl Into<Option<u8>>) -> Self {
        self.telephone_event = payload_type.into();
        self
    }

    /// Sets the payload type of comfort noise.
    #[must_use]
    pub fn with_comfort_noise(mut self, payload_type: impl Into<Option<u8>>) -> Self {
        self.comfort_noise = payload_type.into();
        self
    }

    /// Sets the SSRC of every packet that leaves.
    #[must_use]
    pub const fn with_ssrc(mut self, ssrc: u32) -> Self {
        self.ssrc = ssrc;
        self
    }

    /// Sets the sequence number and timestamp of the first packet that leaves.
    #[must_use]
    pub const fn with_first(mut self, sequence: u16, timestamp: u32) -> Self {
        (self.first_sequence, self.first_timestamp) = (sequence, timestamp);
        self
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first field that is out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let audio = self.format.payload_type;
        check_payload_type("format.payload_type", audio)?;
        for (field, payload_type) in
            [("telephone_event", self.telephone_event), ("comfort_noise", self.comfort_noise)]
        {
            let Some(payload_type) = payload_type else { continue };
            check_payload_type(field, payload_type)?;
            if payload_type == audio {
                return Err(ConfigError::new(field, payload_type, "another payload type than the audio's"));
            }
        }
        self.jitter.validate()
    }
}

/// What RTP may use beside RTCP on one port (RFC 5761 §4).
fn check_payload_type(field: &'static str, payload_type: u8) -> Result<(), ConfigError> {
    match payload_type {
        0..=63 | 96..=127 => Ok(()),
        _ => Err(ConfigError::new(field, payload_type, "0 to 63 or 96 to 127")),
    }
}
