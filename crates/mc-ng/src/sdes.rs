//! Which crypto suites a proxy wants.

/// Which crypto suites may be offered and taken (RFC 4568), by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SdesRules {
    off: bool,
    only: Vec<String>,
    never: Vec<String>,
}

impl SdesRules {
    /// Adds a wish: `off`, `only-NAME` or `no-NAME`. False for another.
    pub fn add(&mut self, wish: &str) -> bool {
        match wish.split_once('-') {
            Some(("only", name)) => self.only.push(name.to_owned()),
            Some(("no", name)) => self.never.push(name.to_owned()),
            _ if matches!(wish, "off" | "no" | "disable") => self.off = true,
            _ => return false,
        }
        true
    }

    /// Whether the suite of this name may be used.
    #[must_use]
    pub fn allows(&self, suite: &str) -> bool {
        let lists = |names: &[String]| names.iter().any(|name| name.eq_ignore_ascii_case(suite));
        !self.off && !lists(&self.never) && (self.only.is_empty() || lists(&self.only))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_are_taken_out_by_name() {
        let allowed = |wishes: &[&str]| {
            let mut rules = SdesRules::default();
            assert!(wishes.iter().all(|wish| rules.add(wish)));
            ["AES_CM_128_HMAC_SHA1_80", "AEAD_AES_128_GCM"].map(|suite| rules.allows(suite))
        };
        assert_eq!(allowed(&[]), [true, true]);
        assert_eq!(allowed(&["no-AES_CM_128_HMAC_SHA1_80"]), [false, true]);
        assert_eq!(allowed(&["only-aes_cm_128_hmac_sha1_80"]), [true, false]);
        assert_eq!(allowed(&["off"]), [false, false]);
        assert!(!SdesRules::default().add("nonew"));
    }
}
