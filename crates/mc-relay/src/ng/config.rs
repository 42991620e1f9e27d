//! How the service presents itself.

use std::net::IpAddr;

use mc_engine::{AudioProcessingConfig, ConfigError};
use mc_ng::AddressFamily;

/// Configuration of an [`NgService`](crate::NgService).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NgConfig {
    /// Addresses that media is bound to, one for each family that is served.
    pub media_ips: Vec<IpAddr>,
    /// The address that peers are told instead of the one that is bound, for instance outside a NAT.
    /// Default: none.
    pub advertised_ip: Option<IpAddr>,
    /// Most calls at a time; further offers are refused. Default: no limit.
    pub max_calls: usize,
    /// Most `m=` lines of one call, 1 or more; offers with more are refused, so that no call takes the ports of all.
    /// Default: 8.
    pub max_streams: usize,
    /// What is done to what each peer sends. `None` leaves it to the
    /// [engine's default](crate::RelayConfig::engine).
    pub processing: Option<AudioProcessingConfig>,
}

impl NgConfig {
    /// Media at `media_ip`, otherwise the defaults.
    #[must_use]
    pub fn at(media_ip: IpAddr) -> Self {
        Self {
            media_ips: vec![media_ip],
            advertised_ip: None,
            max_calls: usize::MAX,
            max_streams: 8,
            processing: None,
        }
    }

    /// Adds an address, of the other family.
    #[must_use]
    pub fn with_media_ip(mut self, media_ip: IpAddr) -> Self {
        self.media_ips.push(media_ip);
        self
    }

    /// Sets the address that peers are told.
    #[must_use]
    pub const fn with_advertised_ip(mut self, advertised_ip: Option<IpAddr>) -> Self {
        self.advertised_ip = advertised_ip;
        self
    }

    /// Sets how many calls there may be at a time.
    #[must_use]
    pub const fn with_max_calls(mut self, max_calls: usize) -> Self {
        self.max_calls = max_calls;
        self
    }

    /// Sets how many `m=` lines a call may have.
    #[must_use]
    pub const fn with_max_streams(mut self, max_streams: usize) -> Self {
        self.max_streams = max_streams;
        self
    }

    /// Sets what is done to what each peer sends.
    #[must_use]
    pub fn with_processing(mut self, processing: Option<AudioProcessingConfig>) -> Self {
        self.processing = processing;
        self
    }

    /// Checks every field; [`processing`](Self::processing) is checked by the engine.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first field that is out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let allowed = "one address of this host for each family";
        for (index, ip) in self.media_ips.iter().enumerate() {
            let again = self.media_ips[..index].iter().any(|other| other.is_ipv4() == ip.is_ipv4());
            if again || ip.is_unspecified() || ip.is_multicast() {
                return Err(ConfigError::new("media_ips", ip, allowed));
            }
        }
        if self.media_ips.is_empty() {
            return Err(ConfigError::new("media_ips", "none", allowed));
        }
        if self.max_streams == 0 {
            return Err(ConfigError::new("max_streams", 0, "1 or more"));
        }
        if let Some(ip) = self.advertised_ip.filter(|ip| ip.is_unspecified() || ip.is_multicast()) {
            return Err(ConfigError::new("advertised_ip", ip, "one host's address"));
        }
        Ok(())
    }

    /// The address of a family; the first one where that family is not served, or none is asked for.
    pub(super) fn media_ip(&self, family: Option<AddressFamily>) -> Option<IpAddr> {
        let wanted = |ip: &&IpAddr| match family {
            Some(AddressFamily::V4) => ip.is_ipv4(),
            Some(AddressFamily::V6) => ip.is_ipv6(),
            None => true,
        };
        self.media_ips.iter().find(wanted).or(self.media_ips.first()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_of_each_family_is_taken() {
        let both = NgConfig::at(ip("192.0.2.1")).with_media_ip(ip("2001:db8::1"));
        assert_eq!(both.validate(), Ok(()));
        assert_eq!(both.media_ip(Some(AddressFamily::V6)), Some(ip("2001:db8::1")));
        assert_eq!(both.media_ip(None), Some(ip("192.0.2.1")));
        let one = NgConfig::at(ip("192.0.2.1"));
        assert_eq!(one.media_ip(Some(AddressFamily::V6)), Some(ip("192.0.2.1")));
    }

    #[test]
    fn each_field_out_of_range_is_named() {
        for (config, field) in [
            (NgConfig::at(ip("0.0.0.0")), "media_ips"),
            (NgConfig::at(ip("192.0.2.1")).with_media_ip(ip("192.0.2.2")), "media_ips"),
            (NgConfig { media_ips: Vec::new(), ..NgConfig::at(ip("192.0.2.1")) }, "media_ips"),
            (NgConfig::at(ip("192.0.2.1")).with_max_streams(0), "max_streams"),
            (NgConfig::at(ip("192.0.2.1")).with_advertised_ip(Some(ip("::"))), "advertised_ip"),
        ] {
            assert_eq!(config.validate().unwrap_err().field(), field);
        }
    }
}
