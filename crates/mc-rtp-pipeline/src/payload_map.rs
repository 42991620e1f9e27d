//! Which codec a payload type stands for.

use std::fmt;
use std::sync::Arc;

use mc_dsp::{ConfigError, SampleRate};
use mc_g711::G711;

use crate::format::check_payload_type;
use crate::quality::CodecImpairment;
use crate::{Codec, CodecError, PayloadFormat};

type Maker = Arc<dyn Fn() -> Box<dyn Codec> + Send + Sync>;

/// The formats of a session, static or dynamic: what SDP agreed on as `a=rtpmap` (RFC 8866 §6.6). Who has agreed on
/// several must take any of them at any time (RFC 3264 §6.1), and sends the first.
///
/// ```
/// use mc_rtp_pipeline::{Codec, PayloadFormat, PayloadMap};
///
/// let formats = PayloadMap::from(PayloadFormat::PCMA).with_format(PayloadFormat::PCMU);
/// let mut codecs = formats.codecs()?;
/// assert_eq!(codecs.encoding_name(), "PCMA");
/// assert!(codecs.select(0) && !codecs.select(96));
/// assert_eq!(codecs.encoding_name(), "PCMU");
/// # Ok::<(), mc_dsp::ConfigError>(())
/// ```
#[derive(Clone, Default)]
pub struct PayloadMap {
    formats: Vec<(u8, Maker)>,
}

impl PayloadMap {
    /// With a codec of your own under `payload_type`, 0 to 63 or 96 to 127. `make` is called for each direction of
    /// each session: a codec may keep state.
    #[must_use]
    pub fn with<C: Codec + 'static>(
        mut self,
        payload_type: u8,
        make: impl Fn() -> C + Send + Sync + 'static,
    ) -> Self {
        self.formats.push((payload_type, Arc::new(move || Box::new(make()))));
        self
    }

    /// With G.711.
    #[must_use]
    pub fn with_format(self, format: PayloadFormat) -> Self {
        self.with(format.payload_type, move || G711::new(format.law))
    }

    /// The payload types, in the order in which they were added.
    pub fn payload_types(&self) -> impl Iterator<Item = u8> + '_ {
        self.formats.iter().map(|&(payload_type, _)| payload_type)
    }

    /// Codecs for one direction, the first of them selected.
    ///
    /// # Errors
    /// [`ConfigError`] naming `payload_type` for a number out of range or given twice, and `codec` where there is none,
    /// or one of another sample rate or clock rate than the first's: a stream's timestamps have one clock (RFC 7160
    /// advises against more).
    pub fn codecs(&self) -> Result<MappedCodecs, ConfigError> {
        let mut codecs: Vec<(u8, Box<dyn Codec>)> = Vec::with_capacity(self.formats.len());
        for (payload_type, make) in &self.formats {
            check_payload_type("payload_type", *payload_type)?;
            let codec = make();
            if codecs.iter().any(|(other, _)| other == payload_type) {
                return Err(ConfigError::new("payload_type", *payload_type, "a number for each format"));
            }
            if let Some((_, first)) = codecs.first()
                && (first.sample_rate(), first.clock_rate()) != (codec.sample_rate(), codec.clock_rate())
            {
                return Err(ConfigError::new("codec", codec.encoding_name(), "of the first codec's rates"));
            }
            codecs.push((*payload_type, codec));
        }
        if codecs.is_empty() {
            return Err(ConfigError::new("codec", "missing", "one or more"));
        }
        Ok(MappedCodecs { codecs: codecs.into(), current: 0 })
    }
}

impl From<PayloadFormat> for PayloadMap {
    fn from(format: PayloadFormat) -> Self {
        Self::default().with_format(format)
    }
}

impl fmt::Debug for PayloadMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.payload_types()).finish()
    }
}

/// The codecs of a [`PayloadMap`] as one: that of the payload type that was [selected](Codec::select) last.
pub struct MappedCodecs {
    /// One or more.
    codecs: Box<[(u8, Box<dyn Codec>)]>,
    current: usize,
}

impl MappedCodecs {
    /// The payload type that is selected.
    #[must_use]
    pub fn payload_type(&self) -> u8 {
        self.codecs[self.current].0
    }

    /// Whether `payload_type` is one of these.
    #[must_use]
    pub fn contains(&self, payload_type: u8) -> bool {
        self.codecs.iter().any(|&(known, _)| known == payload_type)
    }

    fn current(&self) -> &dyn Codec {
        &*self.codecs[self.current].1
    }
}

impl Codec for MappedCodecs {
    fn encoding_name(&self) -> &'static str {
        self.current().encoding_name()
    }

    fn sample_rate(&self) -> SampleRate {
        self.current().sample_rate()
    }

    fn clock_rate(&self) -> u32 {
        self.current().clock_rate()
    }

    fn impairment(&self) -> CodecImpairment {
        self.current().impairment()
    }

    fn select(&mut self, payload_type: u8) -> bool {
        let place = self.codecs.iter().position(|&(known, _)| known == payload_type);
        self.current = place.unwrap_or(self.current);
        place.is_some()
    }

    fn samples_in(&self, payload: &[u8]) -> Option<usize> {
        self.current().samples_in(payload)
    }

    fn decode(&mut self, payload: &[u8], samples: &mut [f32]) -> Result<(), CodecError> {
        self.codecs[self.current].1.decode(payload, samples)
    }

    fn encode(&mut self, samples: &[f32], payload: &mut [u8]) -> Result<usize, CodecError> {
        self.codecs[self.current].1.encode(samples, payload)
    }
}

impl fmt::Debug for MappedCodecs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MappedCodecs").field("payload_type", &self.payload_type()).finish_non_exhaustive()
    }
}
