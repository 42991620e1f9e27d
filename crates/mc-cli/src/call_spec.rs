//! `--call`: two peers as text.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use mc_engine::PayloadFormat;

/// A call between two peers: `A,B`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CallSpec {
    pub(crate) a: PeerSpec,
    pub(crate) b: PeerSpec,
}

/// Where a peer is and what it sends: `IP:PORT`, `IP:PORT/pcmu` or `IP:PORT/pcma`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PeerSpec {
    pub(crate) address: SocketAddr,
    pub(crate) law: LawSpec,
}

/// The two payload formats of G.711 by their names in SDP (RFC 3551 §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LawSpec {
    Pcmu,
    Pcma,
}

impl PeerSpec {
    pub(crate) const fn format(&self) -> PayloadFormat {
        match self.law {
            LawSpec::Pcmu => PayloadFormat::PCMU,
            LawSpec::Pcma => PayloadFormat::PCMA,
        }
    }
}

impl fmt::Display for LawSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pcmu => "pcmu",
            Self::Pcma => "pcma",
        })
    }
}

impl FromStr for CallSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (a, b) = text.split_once(',').ok_or("must be two peers with a comma between them")?;
        Ok(Self { a: a.parse()?, b: b.parse()? })
    }
}

impl FromStr for PeerSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, law) = text.split_once('/').unwrap_or((text, "pcmu"));
        let address = address.parse().map_err(|_| format!("{address:?} must be IP:PORT"))?;
        let law = match law.to_ascii_lowercase().as_str() {
            "pcmu" => LawSpec::Pcmu,
            "pcma" => LawSpec::Pcma,
            _ => return Err(format!("{law:?} must be pcmu or pcma")),
        };
        Ok(Self { address, law })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_have_an_address_and_a_law() {
        let call: CallSpec = "192.0.2.1:4000,[2001:db8::1]:5000/PCMA".parse().unwrap();
        assert_eq!((call.a.law, call.b.law), (LawSpec::Pcmu, LawSpec::Pcma));
        assert_eq!(call.a.address.to_string(), "192.0.2.1:4000");
        assert_eq!(call.b.address.to_string(), "[2001:db8::1]:5000");
    }

    #[test]
    fn what_is_wrong_is_quoted() {
        for (text, word) in [
            ("192.0.2.1:4000", "comma"),
            ("192.0.2.1,192.0.2.2:5", "\"192.0.2.1\""),
            ("host:4000,192.0.2.2:5", "\"host:4000\""),
            ("192.0.2.1:4000/g729,192.0.2.2:5", "\"g729\""),
            ("192.0.2.1:4000,192.0.2.2:5,192.0.2.3:6", "192.0.2.3"),
            ("192.0.2.1:4000/,192.0.2.2:5", "pcmu"),
        ] {
            let error = text.parse::<CallSpec>().unwrap_err();
            assert!(error.contains(word), "{text}: {error}");
        }
    }
}
