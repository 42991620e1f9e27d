//! The service's socket.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use mc_engine::Clock;

use super::service::NgService;
use crate::MonotonicClock;

/// Longest request that is taken, in bytes: any UDP datagram.
const MAX_REQUEST: usize = 65_536;

/// Takes requests from a UDP port and answers them.
#[derive(Debug)]
pub struct NgServer {
    socket: UdpSocket,
    service: NgService,
    clock: MonotonicClock,
    request: Vec<u8>,
}

impl NgServer {
    /// Listens at `address`.
    ///
    /// # Errors
    /// What the system says when the address cannot be bound.
    pub fn bind(address: SocketAddr, service: NgService) -> io::Result<Self> {
        let socket = UdpSocket::bind(address)?;
        Ok(Self { socket, service, clock: MonotonicClock::new(), request: vec![0; MAX_REQUEST] })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// What the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// The service.
    pub const fn service(&mut self) -> &mut NgService {
        &mut self.service
    }

    /// Waits for a request, up to `patience` (above 0), and answers it. False when none came.
    ///
    /// # Errors
    /// What the system says when nothing can be received any more. An answer that cannot be sent is lost, as
    /// on the way: the proxy asks again.
    pub fn serve(&mut self, patience: Duration) -> io::Result<bool> {
        self.socket.set_read_timeout(Some(patience))?;
        let (length, proxy) = match self.socket.recv_from(&mut self.request) {
            Ok(received) => received,
            Err(error) => {
                return match error.kind() {
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted => {
                        self.service.note_ended(Duration::from_nanos(self.clock.now_ns()));
                        Ok(false)
                    }
                    // A proxy that is gone: its host says so at the next receive.
                    io::ErrorKind::ConnectionRefused => Ok(true),
                    _ => Err(error),
                };
            }
        };
        let now = Duration::from_nanos(self.clock.now_ns());
        if let Some(answer) = self.service.handle(&self.request[..length], now)
            && let Err(error) = self.socket.send_to(&answer, proxy)
        {
            tracing::warn!(%error, %proxy, "an answer was not sent");
        }
        Ok(true)
    }
}
