//! RTP payload formats of a media description.

use sdp_types::Media;

/// What a payload type stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    /// Number in the RTP header, 0 to 127.
    pub payload_type: u8,
    /// Name, such as `PCMU`; names are compared without regard to case.
    pub encoding: String,
    /// RTP clock rate in Hz.
    pub clock_rate: u32,
    /// Channels, where stated.
    pub channels: Option<u8>,
}

/// Payload types with a meaning of their own (RFC 3551 §6, table 4), as far as they are still met.
const STATIC_TYPES: &[(u8, &str, u32)] = &[
    (0, "PCMU", 8_000),
    (3, "GSM", 8_000),
    (4, "G723", 8_000),
    (8, "PCMA", 8_000),
    (9, "G722", 8_000),
    (13, "CN", 8_000),
    (15, "G728", 8_000),
    (18, "G729", 8_000),
];

impl Format {
    fn new(payload_type: u8, encoding: &str, clock_rate: u32) -> Self {
        Self { payload_type, encoding: encoding.to_owned(), clock_rate, channels: None }
    }

    /// mu-law under its static payload type.
    #[must_use]
    pub fn pcmu() -> Self {
        Self::new(0, "PCMU", 8_000)
    }

    /// A-law under its static payload type.
    #[must_use]
    pub fn pcma() -> Self {
        Self::new(8, "PCMA", 8_000)
    }

    /// Whether it is mu-law at 8 kHz.
    #[must_use]
    pub fn is_pcmu(&self) -> bool {
        self.is_codec(&Self::pcmu())
    }

    /// Whether it is A-law at 8 kHz.
    #[must_use]
    pub fn is_pcma(&self) -> bool {
        self.is_codec(&Self::pcma())
    }

    /// Whether it is a form of G.711, which can be transcoded here.
    #[must_use]
    pub fn is_g711(&self) -> bool {
        self.is_pcmu() || self.is_pcma()
    }

    /// Whether it carries the voice itself, and not events (RFC 4733) or comfort noise (RFC 3389).
    #[must_use]
    pub fn is_voice(&self) -> bool {
        !self.is_telephone_event()
            && !["CN", "tone"].iter().any(|other| self.encoding.eq_ignore_ascii_case(other))
    }

    /// Whether it carries keys pressed, as events (RFC 4733).
    #[must_use]
    pub fn is_telephone_event(&self) -> bool {
        self.encoding.eq_ignore_ascii_case("telephone-event")
    }

    /// Whether both are the same codec, whatever their numbers.
    #[must_use]
    pub fn is_codec(&self, other: &Self) -> bool {
        let channels = |format: &Self| format.channels.unwrap_or(1);
        self.encoding.eq_ignore_ascii_case(&other.encoding)
            && self.clock_rate == other.clock_rate
            && channels(self) == channels(other)
    }

    /// The value of its `rtpmap` attribute (RFC 8866 §6.6).
    #[must_use]
    pub fn rtpmap(&self) -> String {
        let Self { payload_type, encoding, clock_rate, channels } = self;
        match channels {
            Some(channels) => format!("{payload_type} {encoding}/{clock_rate}/{channels}"),
            None => format!("{payload_type} {encoding}/{clock_rate}"),
        }
    }
}

/// The formats of a media description in its order of preference. Numbers without a meaning, neither
/// static nor mapped, are kept under an empty name: they can be passed on.
pub(super) fn formats(media: &Media) -> Vec<Format> {
    let mapped: Vec<Format> =
        media.get_attribute_values("rtpmap").flatten().filter_map(read_rtpmap).collect();
    media
        .fmt
        .split_whitespace()
        .filter_map(|number| number.parse().ok().filter(|number| *number < 128))
        .map(|number| {
            let meaning = mapped.iter().find(|format| format.payload_type == number).cloned();
            let by_number = || {
                let (_, encoding, clock_rate) = STATIC_TYPES.iter().find(|entry| entry.0 == number)?;
                Some(Format::new(number, encoding, *clock_rate))
            };
            meaning.or_else(by_number).unwrap_or_else(|| Format::new(number, "", 0))
        })
        .collect()
}

fn read_rtpmap(value: &str) -> Option<Format> {
    let (number, name) = value.split_once(' ')?;
    let mut parts = name.trim().split('/');
    Some(Format {
        payload_type: number.parse().ok().filter(|number| *number < 128)?,
        encoding: parts.next()?.to_owned(),
        clock_rate: parts.next()?.parse().ok()?,
        channels: parts.next().and_then(|channels| channels.parse().ok()),
    })
}

/// Makes `formats` the formats of `media`: its list and its `rtpmap` lines; what else is said about a
/// number that is gone goes, too.
pub(super) fn set_formats(media: &mut Media, formats: &[Format]) {
    let numbers: Vec<String> = formats.iter().map(|format| format.payload_type.to_string()).collect();
    let about_a_number = |name: &str| matches!(name, "rtpmap" | "fmtp" | "rtcp-fb");
    media.attributes.retain(|attribute| {
        let number = attribute.value.as_deref().and_then(|value| value.split(' ').next());
        !about_a_number(&attribute.attribute)
            || number.is_some_and(|number| number == "*" || numbers.iter().any(|kept| kept == number))
    });
    let known = formats_mapped(media);
    for format in formats.iter().filter(|format| !format.encoding.is_empty()) {
        if !known.contains(&format.payload_type) {
            media.add_attribute_with_value("rtpmap", format.rtpmap());
        }
    }
    media.fmt = numbers.join(" ");
}

fn formats_mapped(media: &Media) -> Vec<u8> {
    let maps = media.get_attribute_values("rtpmap").flatten();
    maps.filter_map(read_rtpmap).map(|format| format.payload_type).collect()
}
