//! From a captured frame to the UDP payload in it.

use etherparse::{EtherType, SlicedPacket, TransportSlice};

// Link types, from the registry that tcpdump keeps (https://www.tcpdump.org/linktypes.html).
const NULL: u32 = 0;
const ETHERNET: u32 = 1;
const RAW: u32 = 101;
const LINUX_SLL: u32 = 113;
const IPV4: u32 = 228;
const IPV6: u32 = 229;
const LINUX_SLL2: u32 = 276;

/// Bytes of the address family that stands before packets of [`NULL`].
const NULL_HEADER: usize = 4;
/// Bytes of the header of [`LINUX_SLL2`]; the first two are the EtherType.
const SLL2_HEADER: usize = 20;

/// The payload of the UDP datagram in `frame`; `None` for anything else, fragments included.
pub(super) fn udp_payload(link: u32, frame: &[u8]) -> Option<&[u8]> {
    let packet = match link {
        NULL => SlicedPacket::from_ip(frame.get(NULL_HEADER..)?),
        ETHERNET => SlicedPacket::from_ethernet(frame),
        RAW | IPV4 | IPV6 => SlicedPacket::from_ip(frame),
        LINUX_SLL => SlicedPacket::from_linux_sll(frame),
        LINUX_SLL2 => {
            let ether_type = u16::from_be_bytes(*frame.first_chunk()?);
            SlicedPacket::from_ether_type(EtherType(ether_type), frame.get(SLL2_HEADER..)?)
        }
        _ => return None,
    };
    match packet.ok()?.transport? {
        TransportSlice::Udp(udp) => Some(udp.payload()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use etherparse::PacketBuilder;

    const PAYLOAD: &[u8] = b"eight by";

    fn ip_packet() -> Vec<u8> {
        let mut packet = Vec::new();
        let builder = PacketBuilder::ipv4([127, 0, 0, 1], [127, 0, 0, 1], 64).udp(4_000, 5_000);
        builder.write(&mut packet, PAYLOAD).unwrap();
        packet
    }

    fn behind(header: &[u8]) -> Vec<u8> {
        [header, &ip_packet()].concat()
    }

    #[test]
    fn every_link_type_leads_to_the_payload() {
        let ethernet = behind(&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00]);
        let tagged = behind(&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0x00, 0, 7, 0x08, 0x00]);
        let cooked = behind(&[0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0x08, 0x00]);
        let mut cooked2 = [0u8; SLL2_HEADER];
        cooked2[0] = 0x08;
        let cases = [
            (NULL, behind(&[2, 0, 0, 0])),
            (ETHERNET, ethernet),
            (ETHERNET, tagged),
            (RAW, ip_packet()),
            (IPV4, ip_packet()),
            (LINUX_SLL, cooked),
            (LINUX_SLL2, behind(&cooked2)),
        ];
        for (link, frame) in &cases {
            assert_eq!(udp_payload(*link, frame), Some(PAYLOAD), "link type {link}");
            for length in 0..frame.len() {
                // Cut anywhere: never a panic, never the payload.
                assert_ne!(udp_payload(*link, &frame[..length]), Some(PAYLOAD));
            }
        }
        assert_eq!(udp_payload(9_999, &ip_packet()), None);
    }
}
