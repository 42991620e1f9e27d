//! The service's sockets: datagrams, and connections where there is a port for them.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::time::Duration;

use mc_engine::Clock;

use super::connection::{Connection, End};
use super::service::NgService;
use crate::MonotonicClock;
use crate::poller::{Poller, Reports};

/// Longest request that is taken, in bytes: any UDP datagram.
const MAX_REQUEST: usize = 65_536;

/// Connections at a time. The one that has been silent for longest makes room for a new one.
const MAX_CONNECTIONS: usize = 64;

/// The poller's names for the sockets; connections have the numbers from [`FIRST`] on.
const DATAGRAMS: u64 = 0;
const LISTENER: u64 = 1;
const FIRST: u64 = 2;

/// Takes requests from a UDP port, and from a TCP port if it is given one, and answers them.
#[derive(Debug)]
pub struct NgServer {
    socket: UdpSocket,
    listener: Option<TcpListener>,
    connections: HashMap<u64, Connection>,
    next: u64,
    poller: Poller,
    service: NgService,
    clock: MonotonicClock,
    request: Vec<u8>,
}

impl NgServer {
    /// Listens at the UDP port `address`.
    ///
    /// # Errors
    /// What the system says when the address cannot be bound.
    pub fn bind(address: SocketAddr, service: NgService) -> io::Result<Self> {
        let socket = UdpSocket::bind(address)?;
        socket.set_nonblocking(true)?;
        let poller = Poller::new()?;
        poller.add(&socket, DATAGRAMS)?;
        let clock = *service.relay.clock();
        Ok(Self {
            socket,
            listener: None,
            connections: HashMap::new(),
            next: FIRST,
            poller,
            service,
            clock,
            request: vec![0; MAX_REQUEST],
        })
    }

    /// Takes connections at the TCP port `address` as well: requests follow one another on each, and so do the
    /// answers. At most 64 at a time; a request must be complete 5 s after it began, and an answer is taken at once.
    ///
    /// # Errors
    /// What the system says when the address cannot be bound.
    pub fn listen(&mut self, address: SocketAddr) -> io::Result<()> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        self.poller.add(&listener, LISTENER)?;
        self.listener = Some(listener);
        Ok(())
    }

    /// Where it takes datagrams.
    ///
    /// # Errors
    /// What the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Where it takes connections, if it does.
    ///
    /// # Errors
    /// What the system says.
    pub fn listener_addr(&self) -> io::Result<Option<SocketAddr>> {
        self.listener.as_ref().map(TcpListener::local_addr).transpose()
    }

    /// The service.
    pub const fn service(&mut self) -> &mut NgService {
        &mut self.service
    }

    /// Waits for requests, up to `patience`, and answers those that have come. False when nothing came.
    ///
    /// # Errors
    /// What the system says when nothing can be received any more. An answer that cannot be sent is lost, as
    /// on the way: the proxy asks again.
    pub fn serve(&mut self, patience: Duration) -> io::Result<bool> {
        let mut reports = Reports::new();
        self.poller.wait(&mut reports, patience)?;
        let now = Duration::from_nanos(self.clock.now_ns());
        for token in reports.tokens() {
            match token {
                DATAGRAMS => self.take_datagram(now)?,
                LISTENER => self.accept(now),
                connection => self.serve_connection(connection, now),
            }
        }
        self.end_overdue(now);
        self.service.note_ended(now);
        Ok(reports.tokens().next().is_some())
    }

    fn take_datagram(&mut self, now: Duration) -> io::Result<()> {
        let (length, proxy) = match self.socket.recv_from(&mut self.request) {
            Ok(received) => received,
            Err(error) => {
                return match error.kind() {
                    // A proxy that is gone: its host says so at the next receive.
                    ErrorKind::WouldBlock | ErrorKind::Interrupted | ErrorKind::ConnectionRefused => Ok(()),
                    _ => Err(error),
                };
            }
        };
        if let Some(answer) = self.service.handle(&self.request[..length], now)
            && let Err(error) = self.socket.send_to(&answer, proxy)
        {
            tracing::warn!(%error, %proxy, "an answer was not sent");
        }
        Ok(())
    }

    fn accept(&mut self, now: Duration) {
        let Some(Ok((stream, proxy))) = self.listener.as_ref().map(TcpListener::accept) else { return };
        if self.connections.len() >= MAX_CONNECTIONS {
            let silent = self.connections.iter().min_by_key(|(_, connection)| connection.since());
            if let Some(token) = silent.map(|(token, _)| *token) {
                self.end(token, "it was silent for longest, and there are too many");
            }
        }
        let token = self.next;
        let taken = Connection::new(stream, proxy, now).and_then(|connection| {
            self.poller.add(connection.stream(), token)?;
            Ok(connection)
        });
        match taken {
            Ok(connection) => {
                self.next += 1;
                self.connections.insert(token, connection);
            }
            Err(error) => tracing::warn!(%error, %proxy, "a connection was not taken"),
        }
    }

    fn serve_connection(&mut self, token: u64, now: Duration) {
        let Some(connection) = self.connections.get_mut(&token) else { return };
        let served = connection.serve(now, MAX_REQUEST, |request| self.service.handle(request, now));
        match served {
            Ok(()) => {}
            Err(End::Closed) => self.end(token, "its proxy closed it"),
            Err(End::NoRequest) => self.end(token, "what came is no request"),
            Err(End::Io(error)) => self.end(token, &error.to_string()),
        }
    }

    fn end_overdue(&mut self, now: Duration) {
        // Collecting none allocates nothing.
        let overdue = self.connections.iter().filter(|(_, connection)| connection.is_overdue(now));
        let overdue: Vec<u64> = overdue.map(|(token, _)| *token).collect();
        for token in overdue {
            self.end(token, "a request took too long to arrive");
        }
    }

    fn end(&mut self, token: u64, reason: &str) {
        if let Some(connection) = self.connections.remove(&token) {
            tracing::debug!(proxy = %connection.proxy(), reason, "a connection ends");
            // Closing a socket removes it as well, unless a child process has inherited it.
            let _ = self.poller.remove(connection.stream());
        }
    }
}
