//! A recording to look into: packets as a capture at the relay would show them, in the classic format
//! (draft-ietf-opsawg-pcap), without the frames of any network around them.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

use etherparse::PacketBuilder;

use super::Origins;
use super::file::UPDATE_EVERY;
use crate::attach::Heard;

/// First number of a file whose times are in microseconds, and its version.
const MAGIC: u32 = 0xA1B2_C3D4;
const VERSION: [u16; 2] = [2, 4];
/// Longest packet there may be.
const SNAP_LENGTH: u32 = 65_535;
/// Link type of packets that begin with their IP header (<https://www.tcpdump.org/linktypes.html>).
const LINK_RAW: u32 = 101;

/// Hops that a packet has before it.
const TIME_TO_LIVE: u8 = 64;

/// A capture that is being written.
pub(super) struct Pcap<W: Write> {
    to: W,
    origins: Origins,
    /// The record that is being made.
    record: Vec<u8>,
    /// When the latest packet came, and when the latest that is on the disk for certain.
    latest_ns: u64,
    flushed_ns: u64,
}

impl<W: Write> Pcap<W> {
    /// Begins a file.
    pub(super) fn new(mut to: W, origins: Origins) -> io::Result<Self> {
        to.write_all(&MAGIC.to_le_bytes())?;
        for number in VERSION {
            to.write_all(&number.to_le_bytes())?;
        }
        // Two numbers that are not used any more lie between.
        for number in [0, 0, SNAP_LENGTH, LINK_RAW] {
            to.write_all(&number.to_le_bytes())?;
        }
        // A file that can hold this much is there to be looked into from now on.
        to.flush()?;
        Ok(Self { to, origins, record: Vec::new(), latest_ns: 0, flushed_ns: 0 })
    }

    /// Writes a packet; one that nobody could be sent is left out.
    pub(super) fn hear(&mut self, heard: &Heard) -> io::Result<()> {
        let from = self.origins.local[heard.leg.other().index()];
        let builder = match (from, heard.to) {
            (SocketAddr::V4(from), Some(SocketAddr::V4(to))) => {
                PacketBuilder::ipv4(from.ip().octets(), to.ip().octets(), TIME_TO_LIVE)
                    .udp(from.port(), to.port())
            }
            (SocketAddr::V6(from), Some(SocketAddr::V6(to))) => {
                PacketBuilder::ipv6(from.ip().octets(), to.ip().octets(), TIME_TO_LIVE)
                    .udp(from.port(), to.port())
            }
            _ => return Ok(()),
        };
        let time = self.origins.epoch + Duration::from_nanos(heard.at_ns);
        let length = builder.size(heard.bytes().len()) as u32;
        self.record.clear();
        // Seconds have 32 bits, unsigned: until 2106.
        for number in [time.as_secs() as u32, time.subsec_micros(), length, length] {
            self.record.extend(number.to_le_bytes());
        }
        builder.write(&mut self.record, heard.bytes()).map_err(io::Error::other)?;
        self.latest_ns = heard.at_ns;
        self.to.write_all(&self.record)
    }

    /// Brings the file up to date when it is time.
    pub(super) fn write(&mut self) -> io::Result<()> {
        if self.latest_ns - self.flushed_ns < UPDATE_EVERY.as_nanos() as u64 {
            return Ok(());
        }
        self.flushed_ns = self.latest_ns;
        self.to.flush()
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use etherparse::{NetSlice, SlicedPacket, TransportSlice};

    use super::*;
    use crate::LegId;

    /// The records of a capture: seconds, microseconds and the packet.
    fn records(mut rest: &[u8]) -> Vec<(u32, u32, &[u8])> {
        let mut records = Vec::new();
        while !rest.is_empty() {
            let number = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().unwrap());
            let length = number(8) as usize;
            assert_eq!(number(12) as usize, length);
            records.push((number(0), number(4), &rest[16..16 + length]));
            rest = &rest[16 + length..];
        }
        records
    }

    fn written(local: [&str; 2], packets: &[Heard]) -> Vec<u8> {
        let mut file = Vec::new();
        let local = local.map(|address| address.parse().unwrap());
        let epoch = Duration::from_millis(1_700_000_000_250);
        let mut pcap = Pcap::new(&mut file, Origins { local, epoch }).unwrap();
        packets.iter().for_each(|heard| pcap.hear(heard).unwrap());
        pcap.finish().unwrap();
        file
    }

    #[test]
    fn packets_are_framed_as_they_are_sent() {
        let first = Heard::for_tests(LegId::A, 0, 1, 160, &[0x55; 160]);
        let second = Heard::for_tests(LegId::B, 1_000_000_000, 2, 320, &[0x10; 80]);
        let file = written(["127.0.0.1:16384", "127.0.0.1:16386"], &[first.clone(), second.clone()]);
        assert_eq!(file[..4], [0xD4, 0xC3, 0xB2, 0xA1]);
        assert_eq!(file[20..24], 101u32.to_le_bytes());
        let records = records(&file[24..]);
        assert_eq!(records.len(), 2);
        for ((seconds, micros, packet), (heard, at, port)) in
            records.into_iter().zip([(first, 1_700_000_000, 16_386), (second, 1_700_000_001, 16_384)])
        {
            assert_eq!((seconds, micros), (at, 250_000));
            let sliced = SlicedPacket::from_ip(packet).unwrap();
            let Some(NetSlice::Ipv4(ip)) = &sliced.net else { panic!("no IPv4") };
            assert_eq!(ip.header().header_checksum(), ip.header().to_header().calc_header_checksum());
            assert_eq!(ip.header().destination(), [192, 0, 2, 1]);
            let Some(TransportSlice::Udp(udp)) = sliced.transport else { panic!("no UDP") };
            assert_eq!((udp.source_port(), udp.destination_port()), (port, 4_000));
            assert_eq!(udp.payload(), heard.bytes());
        }
    }

    #[test]
    fn six_is_framed_too_and_what_was_sent_to_nobody_is_left_out() {
        let mut heard = Heard::for_tests(LegId::A, 0, 1, 160, &[0x55; 160]);
        heard.to = Some("[2001:db8::1]:4000".parse().unwrap());
        let mut unsent = heard.clone();
        unsent.to = None;
        let file = written(["[::1]:16384", "[::1]:16386"], &[heard, unsent]);
        let records = records(&file[24..]);
        assert_eq!(records.len(), 1);
        let sliced = SlicedPacket::from_ip(records[0].2).unwrap();
        assert!(matches!(sliced.net, Some(NetSlice::Ipv6(_))));
        let Some(TransportSlice::Udp(udp)) = sliced.transport else { panic!("no UDP") };
        assert_ne!(udp.checksum(), 0, "IPv6 asks for one");
    }
}
