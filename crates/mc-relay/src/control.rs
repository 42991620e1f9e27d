//! RTCP as a relay sees it: told from RTP, checked, and passed on as it is (RFC 3550 §6).

/// First and last packet type of what may stand at the start of a compound packet: sender report,
/// receiver report, and the feedback that may come without either (RFC 5506).
const PACKET_TYPES: std::ops::RangeInclusive<u8> = 192..=223;
const VERSION_2: u8 = 2;
/// Header and SSRC of whoever sends it.
const SHORTEST: usize = 8;

/// Whether a datagram on a port for both is RTCP (RFC 5761 §4).
pub(crate) fn is_control(datagram: &[u8]) -> bool {
    matches!(datagram, [first, second, ..] if first >> 6 == VERSION_2 && PACKET_TYPES.contains(second))
}

/// Whether a datagram is a compound packet: packets of version 2 whose lengths, in words less one, add
/// up to the whole (RFC 3550 §A.2).
pub(crate) fn is_compound(datagram: &[u8]) -> bool {
    if datagram.len() < SHORTEST {
        return false;
    }
    let mut rest = datagram;
    while let [_, _, high, low, ..] = *rest {
        let bytes = (usize::from(u16::from_be_bytes([high, low])) + 1) * 4;
        if !is_control(rest) || bytes > rest.len() {
            return false;
        }
        rest = &rest[bytes..];
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An empty receiver report and a goodbye.
    const COMPOUND: [u8; 16] = [0x80, 201, 0, 1, 1, 2, 3, 4, 0x81, 203, 0, 1, 1, 2, 3, 4];

    #[test]
    fn compound_packets_are_told_from_others() {
        assert!(is_compound(&COMPOUND) && is_compound(&COMPOUND[..8]));
        for length in (0..8).chain(9..16) {
            assert!(!is_compound(&COMPOUND[..length]), "{length}");
        }
        for (at, value) in [(0, 0x40), (1, 191), (1, 224), (3, 2), (3, 0), (11, 9), (9, 8)] {
            let mut wrong = COMPOUND;
            wrong[at] = value;
            assert!(!is_compound(&wrong), "byte {at} = {value}");
        }
    }

    #[test]
    fn rtp_is_never_taken_for_rtcp() {
        for payload_type in (0..64).chain(96..128) {
            for marker in [0, 0x80] {
                assert!(!is_control(&[0x80, payload_type | marker, 0, 1]), "{payload_type}");
            }
        }
    }
}
