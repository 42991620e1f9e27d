//! A telephone: plays what arrives, sends what its microphone hears, 20 ms at a time.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use mc_engine::{AudioStatus, G711, MediaSessionHandle, PayloadFormat};
use rtp_rs::{RtpPacketBuilder, RtpReader, Seq};

use super::dialogue::RATE;
use super::microphone::Microphone;

/// Audio in one packet, in milliseconds.
pub(super) const PACKET_MS: u32 = 20;
/// Samples in one packet.
pub(super) const PACKET_SAMPLES: usize = RATE.samples_in_ms(PACKET_MS);
/// How long a packet is waited for before it counts as lost: far longer than any loopback takes.
const PATIENCE: Duration = Duration::from_millis(500);
/// More than any packet of the call.
const DATAGRAM_BYTES: usize = 2_048;

/// One side of the call, and everything that it did and heard.
pub(super) struct Endpoint {
    socket: UdpSocket,
    format: PayloadFormat,
    ssrc: u32,
    pub(super) microphone: Microphone,
    pub(super) sent: Vec<Sent>,
    pub(super) received: Vec<Received>,
    /// How many of the received packets the loudspeaker has played.
    played: usize,
}

/// A packet as it was sent.
pub(super) struct Sent {
    pub(super) at: Instant,
    /// What the codec left of the microphone's audio.
    pub(super) audio: Vec<f32>,
}

/// A packet as it arrived.
pub(super) struct Received {
    pub(super) at: Instant,
    pub(super) sequence: u16,
    pub(super) audio: Vec<f32>,
    /// What the sender's processors in the relay said of it.
    pub(super) status: AudioStatus,
}

impl Endpoint {
    /// A telephone on a free port of the loopback interface that talks in `format` as `ssrc`.
    pub(super) fn new(format: PayloadFormat, ssrc: u32, microphone: Microphone) -> io::Result<Self> {
        let socket = UdpSocket::bind(("127.0.0.1", 0))?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let (sent, received) = (Vec::new(), Vec::new());
        Ok(Self { socket, format, ssrc, microphone, sent, received, played: 0 })
    }

    /// Where it takes media.
    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Sends media to `relay` and takes it from nobody else from now on.
    pub(super) fn connect(&self, relay: SocketAddr) -> io::Result<()> {
        self.socket.connect(relay)
    }

    /// Plays the oldest packet that was not played yet, or silence, and sends what the microphone hears
    /// meanwhile.
    pub(super) fn talk(&mut self) -> io::Result<()> {
        let silence = [0.0; PACKET_SAMPLES];
        let next = self.received.get(self.played).map_or(silence.as_slice(), |packet| &packet.audio);
        let heard = self.microphone.hear(next);
        self.played = (self.played + 1).min(self.received.len());

        let codec = G711::new(self.format.law);
        let mut codes = vec![0u8; heard.len()];
        let mut audio = vec![0.0; heard.len()];
        codec.encode_f32(&heard, &mut codes).map_err(io::Error::other)?;
        codec.decode_f32(&codes, &mut audio).map_err(io::Error::other)?;
        let number = self.sent.len();
        let packet = RtpPacketBuilder::new()
            .payload_type(self.format.payload_type)
            .marked(number == 0)
            .sequence(Seq::from(number as u16))
            .timestamp((number * PACKET_SAMPLES) as u32)
            .ssrc(self.ssrc)
            .payload(&codes)
            .build()
            .map_err(|error| io::Error::other(format!("RTP packet: {error:?}")))?;
        self.sent.push(Sent { at: Instant::now(), audio });
        self.socket.send(&packet).map(|_bytes| ())
    }

    /// Waits for the packet that the other side has just sent; `sender` is the relay's session for it.
    pub(super) fn listen(&mut self, sender: &MediaSessionHandle) -> io::Result<()> {
        let mut datagram = [0u8; DATAGRAM_BYTES];
        let length = match self.socket.recv(&mut datagram) {
            Ok(length) => length,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        // Only one packet is on its way at a time: the session's latest word is on this one.
        let (at, status) = (Instant::now(), sender.audio());
        if let Ok(packet) = RtpReader::new(&datagram[..length]) {
            let mut audio = vec![0.0; packet.payload().len()];
            G711::new(self.format.law).decode_f32(packet.payload(), &mut audio).map_err(io::Error::other)?;
            self.received.push(Received { at, sequence: packet.sequence_number().into(), audio, status });
        }
        Ok(())
    }
}
