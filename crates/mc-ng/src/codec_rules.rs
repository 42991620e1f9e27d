//! Which codecs the other side is offered.

use crate::sdp::Format;

/// A codec as rules name it: `PCMA`, `opus/48000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodecName {
    encoding: String,
    clock_rate: Option<u32>,
}

impl CodecName {
    /// Reads a name; `None` for an empty one or a clock rate that is no number.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let encoding = parts.next().filter(|encoding| !encoding.is_empty())?.to_owned();
        let clock_rate = parts.next().map(str::parse).transpose().ok()?;
        Some(Self { encoding, clock_rate })
    }

    fn is_all(&self) -> bool {
        self.encoding.eq_ignore_ascii_case("all") || self.encoding.eq_ignore_ascii_case("full")
    }

    /// Whether `format` is of this codec.
    #[must_use]
    pub fn matches(&self, format: &Format) -> bool {
        self.encoding.eq_ignore_ascii_case(&format.encoding)
            && self.clock_rate.is_none_or(|clock_rate| clock_rate == format.clock_rate)
    }
}

/// Rules on the way from one side's formats to those offered to the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodecRules {
    strip: Vec<CodecName>,
    mask: Vec<CodecName>,
    keep: Vec<CodecName>,
    /// Codecs that the offerer is to be sent whatever the other side takes.
    insist: Vec<CodecName>,
    transcode: Vec<CodecName>,
    always: bool,
}

impl CodecRules {
    /// Adds a codec under a rule of the protocol's: `strip` takes it out, `mask` takes it out but leaves
    /// it to transcode from, `accept` leaves it in and has the offerer sent it whatever the other side takes,
    /// `consume` is both of these, `offer` and `except` keep it in spite of a rule for all, `transcode` puts it
    /// in. False for another rule or a name that is none.
    pub fn add(&mut self, rule: &str, name: &str) -> bool {
        let Some(name) = CodecName::read(name) else { return false };
        match rule {
            "strip" => self.strip.push(name),
            "mask" => self.mask.push(name),
            "consume" => {
                self.mask.push(name.clone());
                self.insist.push(name);
            }
            "accept" => {
                self.keep.push(name.clone());
                self.insist.push(name);
            }
            "offer" | "except" => self.keep.push(name),
            "transcode" | "set" => self.transcode.push(name),
            _ => return false,
        }
        true
    }

    /// Gives each side the codec that it likes best, even where both share another one.
    pub const fn transcode_always(&mut self) {
        self.always = true;
    }

    /// Whether [that](Self::transcode_always) was asked for.
    pub(crate) const fn transcodes_always(&self) -> bool {
        self.always
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The formats to offer to the other side in the place of `offered`, and the names of codecs that
    /// were to be put in but cannot be made here. Where nothing would be left, all of them stay: a description
    /// without formats is none.
    #[must_use]
    pub fn apply(&self, offered: &[Format]) -> (Vec<Format>, Vec<String>) {
        let mut formats: Vec<Format> =
            offered.iter().filter(|format| !self.takes_out(format)).cloned().collect();
        let mut unable = Vec::new();
        for name in &self.transcode {
            if formats.iter().any(|format| name.matches(format)) {
                continue;
            }
            match [Format::pcmu(), Format::pcma()].into_iter().find(|format| name.matches(format)) {
                // Telephones look for voice in front of events and comfort noise.
                Some(format) => {
                    let voice = formats.iter().rposition(Format::is_voice).map_or(0, |last| last + 1);
                    formats.insert(voice, format);
                }
                None => unable.push(name.encoding.clone()),
            }
        }
        if formats.is_empty() {
            formats = offered.to_vec();
        }
        (formats, unable)
    }

    /// Whether the side that offered `format` may still be sent it after these rules.
    #[must_use]
    pub fn leaves_to_offerer(&self, format: &Format) -> bool {
        !self.named_or_all(&self.strip, format)
    }

    /// Whether the side that offered `format` is to be sent it whatever the other side takes.
    pub(crate) fn insists_on(&self, format: &Format) -> bool {
        self.named_or_all(&self.insist, format)
    }

    fn takes_out(&self, format: &Format) -> bool {
        self.named_or_all(&self.strip, format) || self.named_or_all(&self.mask, format)
    }

    /// A rule for all spares what is kept by name and what is no codec of voice.
    fn named_or_all(&self, rule: &[CodecName], format: &Format) -> bool {
        rule.iter().any(|name| name.matches(format))
            || rule.iter().any(CodecName::is_all)
                && format.is_voice()
                && !self.keep.iter().chain(&self.transcode).any(|name| name.matches(format))
    }
}
