//! A telephone: sends a packet of 20 ms whenever one is due, plays what arrives.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use mc_engine::{AudioStatus, G711, MediaSessionHandle, PayloadFormat};
use rtp_rs::{RtpPacketBuilder, RtpReader, Seq};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::dialogue::RATE;
use super::microphone::Microphone;

/// Audio in one packet.
pub(super) const PACKET_MS: u32 = 20;
/// Samples in one packet.
pub(super) const PACKET_SAMPLES: usize = RATE.samples_in_ms(PACKET_MS);
const PACKET_TIME: Duration = Duration::from_millis(PACKET_MS as u64);
/// How long packets on their way are waited for after the last was sent.
const GRACE: Duration = Duration::from_millis(200);
/// More than any packet of the call.
const DATAGRAM_BYTES: usize = 2_048;

/// One side of the call.
pub(super) struct Endpoint {
    socket: UdpSocket,
    format: PayloadFormat,
    ssrc: u32,
}

/// How an endpoint is connected.
pub(super) struct Line {
    /// Where the relay takes this side's media.
    pub(super) relay: SocketAddr,
    /// The relay's session that processes what the other side sends.
    pub(super) other: MediaSessionHandle,
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

/// Everything that one side did and heard.
pub(super) struct Recording {
    pub(super) sent: Vec<Sent>,
    pub(super) received: Vec<Received>,
    pub(super) microphone: Microphone,
}

impl Endpoint {
    /// A telephone on a free port of the loopback interface that talks in `format` as `ssrc`.
    pub(super) fn new(format: PayloadFormat, ssrc: u32) -> io::Result<Self> {
        let socket = UdpSocket::bind(("127.0.0.1", 0))?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket, format, ssrc })
    }

    /// Where it takes media.
    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Talks with the other side through `line` for `packets` packets, the first at `start`, and reports
    /// each sent one to `progress`.
    pub(super) fn call(
        &self,
        line: &Line,
        start: Instant,
        packets: u32,
        mut microphone: Microphone,
        mut progress: impl FnMut(u32),
    ) -> io::Result<Recording> {
        self.socket.connect(line.relay)?;
        let mut sent = Vec::with_capacity(packets as usize);
        let mut received: Vec<Received> = Vec::with_capacity(packets as usize);
        let mut played = 0;
        for tick in 0..packets {
            self.listen_until(start + PACKET_TIME * tick, line, &mut received)?;
            // No jitter buffer: packets are played in the order in which they come, one in 20 ms.
            let silence = [0.0; PACKET_SAMPLES];
            let next = received.get(played).map_or(silence.as_slice(), |packet| &packet.audio);
            sent.push(self.send(tick, &microphone.hear(next))?);
            played = (played + 1).min(received.len());
            progress(tick);
        }
        self.listen_until(start + PACKET_TIME * packets + GRACE, line, &mut received)?;
        Ok(Recording { sent, received, microphone })
    }

    fn send(&self, tick: u32, audio: &[f32]) -> io::Result<Sent> {
        let codec = G711::new(self.format.law);
        let mut codes = vec![0u8; audio.len()];
        let mut heard = vec![0.0; audio.len()];
        codec.encode_f32(audio, &mut codes).map_err(io::Error::other)?;
        codec.decode_f32(&codes, &mut heard).map_err(io::Error::other)?;
        let packet = RtpPacketBuilder::new()
            .payload_type(self.format.payload_type)
            .marked(tick == 0)
            .sequence(Seq::from(tick as u16))
            .timestamp(tick.wrapping_mul(PACKET_SAMPLES as u32))
            .ssrc(self.ssrc)
            .payload(&codes)
            .build()
            .map_err(|error| io::Error::other(format!("RTP packet: {error:?}")))?;
        let at = Instant::now();
        match self.socket.send(&packet) {
            Err(error) if !passes(&error) => Err(error),
            _ => Ok(Sent { at, audio: heard }),
        }
    }

    /// Adds every packet that arrives before `deadline` to `received`.
    fn listen_until(&self, deadline: Instant, line: &Line, received: &mut Vec<Received>) -> io::Result<()> {
        let codec = G711::new(self.format.law);
        let mut datagram = [0u8; DATAGRAM_BYTES];
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || !self.wait(left)? {
                return Ok(());
            }
            let length = match self.socket.recv(&mut datagram) {
                Ok(length) => length,
                Err(error) if passes(&error) => continue,
                Err(error) => return Err(error),
            };
            // The relay's next packet is 20 ms away: its latest word is on this one.
            let (at, status) = (Instant::now(), line.other.audio());
            if let Ok(packet) = RtpReader::new(&datagram[..length]) {
                let mut audio = vec![0.0; packet.payload().len()];
                codec.decode_f32(packet.payload(), &mut audio).map_err(io::Error::other)?;
                received.push(Received { at, sequence: packet.sequence_number().into(), audio, status });
            }
        }
    }

    /// Whether there is something to read within `time`. A socket's own timeout counts in ticks of the
    /// kernel, which are too coarse to send on time.
    fn wait(&self, time: Duration) -> io::Result<bool> {
        let timeout = Timespec::try_from(time).map_err(io::Error::other)?;
        match poll(&mut [PollFd::new(&self.socket, PollFlags::IN)], Some(&timeout)) {
            Ok(ready) => Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether a call goes on after `error`: nobody listens there any more, or a buffer is full. A packet
/// that was to be sent counts as lost then.
fn passes(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::WouldBlock)
}
