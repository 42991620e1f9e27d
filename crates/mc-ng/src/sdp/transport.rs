//! The transports that are relayed.

/// Whether streams over this transport are relayed: RTP, plain (RFC 3551, RFC 4585) or with keys from the session
/// description (RFC 3711, RFC 5124).
#[must_use]
pub fn is_relayed(protocol: &str) -> bool {
    matches!(protocol, "RTP/AVP" | "RTP/AVPF") || is_secure(protocol)
}

/// Whether media over this transport is protected with keys that the session description has (RFC 4568).
#[must_use]
pub fn is_secure(protocol: &str) -> bool {
    matches!(protocol, "RTP/SAVP" | "RTP/SAVPF")
}
