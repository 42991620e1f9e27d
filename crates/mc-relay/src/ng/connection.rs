//! One proxy's connection: requests follow one another in a stream, and so do their answers.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use mc_ng::Request;

/// Bytes taken from a connection at a time.
const PIECE: usize = 16_384;

/// How long a request may take to arrive. Within a machine's own network it takes no time at all.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection that requests come by.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    proxy: SocketAddr,
    received: Vec<u8>,
    /// When the request that is not complete began to arrive, or the latest one was answered.
    since: Duration,
}

/// Why a connection ends.
#[derive(Debug)]
pub(super) enum End {
    /// The proxy closed it.
    Closed,
    /// What came is no request, and nothing that follows can be told from it.
    NoRequest,
    /// The system says so, or an answer was not taken at once.
    Io(io::Error),
}

impl Connection {
    pub(super) fn new(stream: TcpStream, proxy: SocketAddr, now: Duration) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        // Each answer is a message of its own, and somebody waits for it.
        stream.set_nodelay(true)?;
        Ok(Self { stream, proxy, received: Vec::new(), since: now })
    }

    pub(super) const fn stream(&self) -> &TcpStream {
        &self.stream
    }

    pub(super) const fn proxy(&self) -> SocketAddr {
        self.proxy
    }

    pub(super) const fn since(&self) -> Duration {
        self.since
    }

    /// Whether a request has begun that should have come to its end by `now`.
    pub(super) fn is_overdue(&self, now: Duration) -> bool {
        !self.received.is_empty() && now.saturating_sub(self.since) > PATIENCE
    }

    /// Takes what has come, up to `most` bytes of one request, and has each request that is complete answered.
    pub(super) fn serve(
        &mut self,
        now: Duration,
        most: usize,
        mut answer: impl FnMut(&[u8]) -> Option<Vec<u8>>,
    ) -> Result<(), End> {
        let mut piece = [0; PIECE];
        let read = match self.stream.read(&mut piece) {
            Ok(0) => return Err(End::Closed),
            Ok(read) => read,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                return Ok(());
            }
            Err(error) => return Err(End::Io(error)),
        };
        if self.received.is_empty() {
            self.since = now;
        }
        self.received.extend_from_slice(&piece[..read]);
        let mut served = 0;
        while let Some(length) = Request::length(&self.received[served..]).map_err(|_| End::NoRequest)? {
            let request = &self.received[served..served + length];
            if let Some(answer) = answer(request) {
                send(&self.stream, &answer).map_err(End::Io)?;
            }
            served += length;
            self.since = now;
        }
        self.received.drain(..served);
        if self.received.len() > most { Err(End::NoRequest) } else { Ok(()) }
    }
}

/// Sends an answer at once: who does not read answers must not keep others waiting.
fn send(mut stream: &TcpStream, answer: &[u8]) -> io::Result<()> {
    match stream.write(answer)? {
        sent if sent == answer.len() => Ok(()),
        _ => Err(io::Error::new(ErrorKind::WouldBlock, "answers are not taken")),
    }
}
