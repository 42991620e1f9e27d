//! What can be chosen about an endpoint.

use std::time::Duration;

use mc_dsp::{ConfigError, SampleRate};
use mc_rtp_pipeline::rtcp::NtpTime;
use mc_rtp_pipeline::{Codec, JitterConfig, PayloadFormat, PayloadMap, check_payload_type};

/// Longest interval of reports that can be asked for.
const MAX_RTCP_INTERVAL: Duration = Duration::from_secs(3_600);

/// Most bytes of a name in RTCP (RFC 3550 §6.5).
const MAX_CNAME: usize = 255;

/// On which audio of an endpoint its processors work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum NearEnd {
    /// On what is sent: there is a microphone here, which hears the loudspeaker play what was received.
    #[default]
    Sent,
    /// On what is received: the telephone at the other end hears itself play what was sent there.
    Received,
}

/// Configuration of a [`MediaEndpoint`](crate::MediaEndpoint).
///
/// SSRC, first sequence number, first timestamp and name should be picked at random (RFC 3550 §5.1 and §8.1, RFC 7022).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EndpointConfig {
    /// What is received; the first of it is sent. Packets of other payload types are dropped. Default: G.711 mu-law as
    /// payload type 0.
    pub formats: PayloadMap,
    /// What the packets that leave last, in milliseconds, 10 to 60; those that come in may last as long as they like.
    /// Default: 20.
    pub packet_ms: u32,
    /// Rate of the audio that is played and sent; it is resampled where the codec has another. `None`, the default: the
    /// codec's.
    pub rate: Option<SampleRate>,
    /// On which audio processors work. Default: on what is sent.
    pub near_end: NearEnd,
    /// How long packets wait to be played in order.
    pub jitter: JitterConfig,
    /// Payload type of keys pressed (RFC 4733). `None`, the default: none are taken, and what is pressed is sent as
    /// tones.
    pub telephone_event: Option<u8>,
    /// Payload type of comfort noise (RFC 3389), 13 by custom. With it, what is no speech is left out. `None`, the
    /// default: none is taken, and everything is sent.
    pub comfort_noise: Option<u8>,
    /// SSRC of every packet that leaves.
    pub ssrc: u32,
    /// Sequence number of the first packet that leaves.
    pub first_sequence: u16,
    /// RTP timestamp of the first packet that leaves.
    pub first_timestamp: u32,
    /// Our canonical name in RTCP, up to 255 bytes. Default: empty.
    pub cname: String,
    /// Least mean interval of RTCP reports, 10 ms to 1 h. Default: 5 s, as RFC 3550 §6.2 asks for. `None`: no reports.
    pub rtcp_interval: Option<Duration>,
    /// Bytes a second that RTCP may use, 1 or more. Default: 500, which is 5 % of G.711 in packets of 20 ms.
    pub rtcp_bytes_per_s: u32,
    /// The calendar's time at the zero of the caller's clock, for reports. Default: 0, which says that only differences
    /// mean something (RFC 3550 §6.4.1).
    pub wall_clock_start: NtpTime,
}

impl Default for EndpointConfig {
    fn default() -> Self {
        Self {
            formats: PayloadFormat::PCMU.into(),
            packet_ms: 20,
            rate: None,
            near_end: NearEnd::default(),
            jitter: JitterConfig::default(),
            telephone_event: None,
            comfort_noise: None,
            ssrc: 0,
            first_sequence: 0,
            first_timestamp: 0,
            cname: String::new(),
            rtcp_interval: Some(Duration::from_secs(5)),
            rtcp_bytes_per_s: 500,
            wall_clock_start: NtpTime::default(),
        }
    }
}

impl EndpointConfig {
    /// Sets what is received and sent: a [`PayloadFormat`] or several, or codecs of your own.
    #[must_use]
    pub fn with_formats(mut self, formats: impl Into<PayloadMap>) -> Self {
        self.formats = formats.into();
        self
    }

    /// Sets what the packets that leave last, in milliseconds.
    #[must_use]
    pub const fn with_packet_ms(mut self, milliseconds: u32) -> Self {
        self.packet_ms = milliseconds;
        self
    }

    /// Sets the rate of the audio that is played and sent.
    #[must_use]
    pub fn with_rate(mut self, rate: impl Into<Option<SampleRate>>) -> Self {
        self.rate = rate.into();
        self
    }

    /// Sets on which audio processors work.
    #[must_use]
    pub const fn with_near_end(mut self, near_end: NearEnd) -> Self {
        self.near_end = near_end;
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

    /// Sets our name in RTCP.
    #[must_use]
    pub fn with_cname(mut self, cname: impl Into<String>) -> Self {
        self.cname = cname.into();
        self
    }

    /// Sets the least mean interval of reports.
    #[must_use]
    pub fn with_rtcp_interval(mut self, interval: impl Into<Option<Duration>>) -> Self {
        self.rtcp_interval = interval.into();
        self
    }

    /// Sets how many bytes a second RTCP may use.
    #[must_use]
    pub const fn with_rtcp_bytes_per_s(mut self, bytes: u32) -> Self {
        self.rtcp_bytes_per_s = bytes;
        self
    }

    /// Sets the calendar's time at the zero of the caller's clock.
    #[must_use]
    pub const fn with_wall_clock_start(mut self, time: NtpTime) -> Self {
        self.wall_clock_start = time;
        self
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first field that is out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let codecs = self.formats.codecs()?;
        if !(10..=60).contains(&self.packet_ms) {
            return Err(ConfigError::new("packet_ms", self.packet_ms, "10 to 60 ms"));
        }
        for (field, payload_type) in
            [("telephone_event", self.telephone_event), ("comfort_noise", self.comfort_noise)]
        {
            let Some(payload_type) = payload_type else { continue };
            check_payload_type(field, payload_type)?;
            if codecs.contains(payload_type) {
                return Err(ConfigError::new(field, payload_type, "another payload type than the audio's"));
            }
        }
        if self.telephone_event.is_some() && self.telephone_event == self.comfort_noise {
            return Err(ConfigError::new("comfort_noise", "that of keys", "another payload type"));
        }
        if self.cname.len() > MAX_CNAME {
            return Err(ConfigError::new("cname", self.cname.len(), "up to 255 bytes"));
        }
        if let Some(interval) = self.rtcp_interval
            && !(Duration::from_millis(10)..=MAX_RTCP_INTERVAL).contains(&interval)
        {
            return Err(ConfigError::new("rtcp_interval", format_args!("{interval:?}"), "10 ms to 1 h"));
        }
        if self.rtcp_bytes_per_s == 0 {
            return Err(ConfigError::new("rtcp_bytes_per_s", 0, "1 or more"));
        }
        self.jitter.clone().with_clock_rate(codecs.clock_rate()).validate()
    }
}
