//! Which parts of a session description are the relay's to write.

/// What a proxy wants written by the relay, beside addresses and ports of media.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replace {
    /// The address in the `o=` line.
    pub origin: bool,
    /// The session's `c=` line. It is replaced in any case: an address of one side is of no use to the other.
    pub session_connection: bool,
    /// The version in the `o=` line: it goes up when the description changes, and only then.
    pub version: bool,
    /// The version goes up each time.
    pub force_version: bool,
    /// The user in the `o=` line: whoever was first.
    pub username: bool,
    /// The `s=` line: the first one.
    pub session_name: bool,
    /// An address of all zeros, an old way to hold (RFC 3264 §8.4), which is passed on otherwise.
    pub zero_address: bool,
}

impl Replace {
    /// Nothing.
    pub const NONE: Self = Self {
        origin: false,
        session_connection: false,
        version: false,
        force_version: false,
        username: false,
        session_name: false,
        zero_address: false,
    };

    /// Adds a word of the protocol's; false for one that is not known.
    pub(crate) fn add(&mut self, what: &str) -> bool {
        let part = match what {
            "origin" => &mut self.origin,
            "session-connection" => &mut self.session_connection,
            "SDP-version" | "sdp-version" => &mut self.version,
            "force-increment-sdp-ver" => &mut self.force_version,
            "username" => &mut self.username,
            "session-name" => &mut self.session_name,
            "zero-address" => &mut self.zero_address,
            _ => return false,
        };
        *part = true;
        true
    }
}
