//! The flags and options of a request about media.
//!
//! Proxies write the same wish in several ways: as a key of its own (`"ICE": "remove"`), as a word in
//! the list `flags` (`strict-source`), or as a word that names the key (`codec-strip-opus`). All are
//! read into one [`MediaOptions`].

use std::net::IpAddr;

use crate::bencode::{Dictionary, Value};
use crate::sdp::is_relayed;
use crate::{CodecRules, NgError, Replace, SdesRules};

/// Which family of addresses the other side is to be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressFamily {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl AddressFamily {
    /// That of an address.
    #[must_use]
    pub const fn of(address: IpAddr) -> Self {
        if address.is_ipv4() { Self::V4 } else { Self::V6 }
    }
}

/// What is to become of RTP and RTCP on one port (RFC 5761).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RtcpMux {
    /// Offer it to the other side.
    pub offer: bool,
    /// Offer it as the only way.
    pub require: bool,
    /// Part what one side multiplexes for the other side.
    pub demux: bool,
    /// Accept it when it is offered.
    pub accept: bool,
    /// Refuse it.
    pub reject: bool,
}

/// What a proxy wants done with a session description and with the media it is about.
///
/// Defaults are what is done when nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MediaOptions {
    /// What is written anew in the session description, beside where media goes.
    pub replace: Replace,
    /// The transport to offer to the other side, such as `RTP/AVP`; `None` keeps the one given.
    pub transport: Option<String>,
    /// The family of address to offer to the other side; `None` keeps the one given.
    pub address_family: Option<AddressFamily>,
    /// The address to announce instead of the relay's own.
    pub media_address: Option<IpAddr>,
    /// Where the SIP message came from; it takes the place of the address in the session description
    /// with [`sip_source_address`](Self::sip_source_address).
    pub received_from: Option<IpAddr>,
    /// Believe [`received_from`](Self::received_from) rather than the session description.
    pub sip_source_address: bool,
    /// Media from anywhere but the peer's first address is dropped.
    pub strict_source: bool,
    /// Send to where signalling says, whatever address media comes from.
    pub asymmetric: bool,
    /// RTP and RTCP on one port.
    pub rtcp_mux: RtcpMux,
    /// Codecs to take out of, or to put into, what the other side is offered.
    pub codecs: CodecRules,
    /// Crypto suites to leave out.
    pub sdes: SdesRules,
    /// Answer with one codec of voice only.
    pub single_codec: bool,
    /// Milliseconds of audio in each packet to the side that gets this description.
    pub ptime_ms: Option<u32>,
    /// Milliseconds of audio in each packet to the side that sent this description.
    pub ptime_reverse_ms: Option<u32>,
    /// Write no `a=rtcp` line.
    pub no_rtcp_attribute: bool,
    /// Take out what is said of header extensions (RFC 8285).
    pub strip_extensions: bool,
    /// Mark the description, and leave one alone that has come by here before.
    pub loop_protect: bool,
    /// Make RTCP reports where a side makes none.
    pub generate_rtcp: bool,
    /// The differentiated-services field of packets sent, 0 to 255.
    pub tos: Option<u8>,
    /// Seconds to keep a call after its deletion.
    pub delete_delay_s: Option<u32>,
    /// A name for this side of the call.
    pub label: Option<String>,
    /// Record from the start.
    pub record_call: bool,
    /// Words that ask for something that is not known here. They are ignored.
    pub unknown: Vec<String>,
}

/// Keys that address the call or carry its description: not options.
const NO_OPTIONS: &[&str] =
    &["command", "call-id", "from-tag", "to-tag", "via-branch", "sdp", "supports", "metadata", "all"];

/// Wishes that are met by what is done anyway, or that concern what this relay never does.
const GRANTED: &[&str] = &[
    "trust-address",
    "symmetric",
    "port-latching",
    "no-port-latching",
    "media-handover",
    "generate-mid",
    "allow-asymmetric-codecs",
    "inject-DTMF",
    "fatal",
];

impl MediaOptions {
    /// Reads the options among a request's parameters.
    ///
    /// # Errors
    /// [`NgError::Malformed`] for a known key with a value that is of another kind.
    pub fn read(parameters: &Dictionary<'_>) -> Result<Self, NgError> {
        let mut options = Self::default();
        for (key, value) in parameters.entries() {
            if !NO_OPTIONS.contains(&key) {
                options.key(key, value)?;
            }
        }
        Ok(options)
    }

    fn key(&mut self, key: &str, value: &Value<'_>) -> Result<(), NgError> {
        match key {
            "flags" => value.texts().for_each(|word| self.word(word)),
            "replace" => value.texts().for_each(|what| self.replace(what)),
            "rtcp-mux" => value.texts().for_each(|how| self.mux(how)),
            "SDES" => value.texts().for_each(|wish| self.suites(wish)),
            "codec" => match value {
                Value::Dictionary(rules) => {
                    for (rule, names) in rules.entries() {
                        for name in names.texts() {
                            if !self.codecs.add(rule, name) {
                                self.unknown.push(format!("codec-{rule}"));
                            }
                        }
                    }
                }
                _ => return Err(NgError::Malformed { key: "codec", expected: "a dictionary" }),
            },
            "received-from" | "received from" => {
                // Family and address, as in SDP; only the address says anything.
                self.received_from = value.texts().find_map(|text| text.parse().ok());
            }
            "media-address" => {
                let address = value.text().and_then(|text| text.parse().ok());
                let wrong = NgError::Malformed { key: "media-address", expected: "an IP address" };
                self.media_address = Some(address.ok_or(wrong)?);
            }
            "TOS" => {
                let tos = value.number().and_then(|tos| u8::try_from(tos).ok());
                self.tos = Some(tos.ok_or(NgError::Malformed { key: "TOS", expected: "0 to 255" })?);
            }
            "delete-delay" | "delete delay" => {
                let delay = value.number().and_then(|delay| u32::try_from(delay).ok());
                let wrong = NgError::Malformed { key: "delete-delay", expected: "seconds, 0 or more" };
                self.delete_delay_s = Some(delay.ok_or(wrong)?);
            }
            _ => match value {
                Value::Integer(number) => self.pair(key, &number.to_string()),
                other => match other.text() {
                    Some(text) => self.pair(key, text),
                    None => self.unknown.push(key.to_owned()),
                },
            },
        }
        Ok(())
    }

    /// A key with one text under it, wherever it was found.
    fn pair(&mut self, key: &str, text: &str) {
        match (key, text) {
            // There is no ICE or DTLS here, so having none is what is done anyway.
            ("ICE", "remove" | "default") | ("DTLS", "off" | "no" | "disable") => {}
            ("transport-protocol" | "transport protocol", protocol) => {
                self.transport = Some(protocol.to_owned());
            }
            ("address-family" | "address family", "IP4") => self.address_family = Some(AddressFamily::V4),
            ("address-family" | "address family", "IP6") => self.address_family = Some(AddressFamily::V6),
            ("ptime", ms) if packet_time(ms).is_some() => self.ptime_ms = packet_time(ms),
            ("ptime-reverse" | "ptime reverse", ms) if packet_time(ms).is_some() => {
                self.ptime_reverse_ms = packet_time(ms);
            }
            ("label" | "from-label", label) => self.label = Some(label.to_owned()),
            ("record call" | "record-call", word) => self.record_call = matches!(word, "yes" | "on" | "true"),
            _ => self.unknown.push(format!("{key}={text}")),
        }
    }

    /// A word of the list `flags`.
    fn word(&mut self, word: &str) {
        // Older proxies write spaces where newer ones write hyphens.
        let word = word.trim().replace(' ', "-");
        if let Some((key, text)) = word.split_once('=') {
            return self.pair(key, text);
        }
        if let Some((rule, name)) = word.strip_prefix("codec-").and_then(|rest| rest.split_once('-')) {
            if !self.codecs.add(rule, name) {
                self.unknown.push(word);
            }
            return;
        }
        match word.as_str() {
            "strict-source" => self.strict_source = true,
            "asymmetric" => self.asymmetric = true,
            "SIP-source-address" => self.sip_source_address = true,
            "always-transcode" => self.codecs.transcode_always(),
            "generate-RTCP" => self.generate_rtcp = true,
            "record-call" => self.record_call = true,
            "single-codec" => self.single_codec = true,
            "no-rtcp-attribute" => self.no_rtcp_attribute = true,
            "strip-extmap" => self.strip_extensions = true,
            "loop-protect" => self.loop_protect = true,
            "force-increment-sdp-ver" => self.replace(&word),
            _ if is_relayed(&word) => self.transport = Some(word),
            _ if GRANTED.contains(&word.as_str()) => {}
            _ => {
                if let Some(what) = word.strip_prefix("replace-") {
                    self.replace(what);
                } else if let Some(how) = word.strip_prefix("rtcp-mux-") {
                    self.mux(how);
                } else if let Some(wish) = word.strip_prefix("SDES-") {
                    self.suites(wish);
                } else if let Some(name) = word.strip_prefix("transcode-") {
                    self.codecs.add("transcode", name);
                } else {
                    self.unknown.push(word);
                }
            }
        }
    }

    fn replace(&mut self, what: &str) {
        // Older proxies write spaces here, too.
        if !self.replace.add(&what.replace(' ', "-")) {
            self.unknown.push(format!("replace-{what}"));
        }
    }

    fn suites(&mut self, wish: &str) {
        if !self.sdes.add(wish) {
            self.unknown.push(format!("SDES-{wish}"));
        }
    }

    fn mux(&mut self, how: &str) {
        let mux = &mut self.rtcp_mux;
        match how {
            "offer" => mux.offer = true,
            "require" => mux.require = true,
            "demux" => mux.demux = true,
            "accept" => mux.accept = true,
            "reject" => mux.reject = true,
            _ => self.unknown.push(format!("rtcp-mux-{how}")),
        }
    }
}

/// What a packet may last, if it can be made here.
fn packet_time(ms: &str) -> Option<u32> {
    ms.parse().ok().filter(|ms| (10..=60).contains(ms))
}
