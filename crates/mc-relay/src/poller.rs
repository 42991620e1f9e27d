//! Waiting for sockets: level-triggered epoll, with an eventfd to be woken by other threads.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::event::{EventfdFlags, Timespec, eventfd};
use rustix::io::Errno;

/// Most readiness reports taken at once; the rest is reported next time.
const MAX_REPORTS: usize = 256;

/// The token of the eventfd; no socket may have it.
const WAKE: u64 = u64::MAX;

/// Tells which sockets have something to read. Level-triggered: a socket that is not read empty is
/// reported again, so nobody needs to.
#[derive(Debug)]
pub(crate) struct Poller {
    epoll: OwnedFd,
    wake: OwnedFd,
}

/// Tokens of readable sockets; made once and filled by every [`Poller::wait`].
pub(crate) struct Reports(Vec<Event>);

impl Reports {
    pub(crate) fn new() -> Self {
        Self(Vec::with_capacity(MAX_REPORTS))
    }

    pub(crate) fn tokens(&self) -> impl Iterator<Item = u64> {
        self.0.iter().map(|event| event.data.u64())
    }
}

impl Poller {
    pub(crate) fn new() -> io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        epoll::add(&epoll, &wake, EventData::new_u64(WAKE), EventFlags::IN)?;
        Ok(Self { epoll, wake })
    }

    /// Reports `socket` under `token` from now on.
    pub(crate) fn add(&self, socket: impl AsFd, token: u64) -> io::Result<()> {
        Ok(epoll::add(&self.epoll, socket, EventData::new_u64(token), EventFlags::IN)?)
    }

    /// Stops reporting `socket`.
    pub(crate) fn remove(&self, socket: impl AsFd) -> io::Result<()> {
        Ok(epoll::delete(&self.epoll, socket)?)
    }

    /// Makes the current or the next [`wait`](Self::wait) return. From any thread.
    pub(crate) fn wake(&self) {
        // The only failure is a counter at its end: then a wake-up is pending anyway.
        let _ = rustix::io::write(&self.wake, &1u64.to_ne_bytes());
    }

    /// Waits for readable sockets, a [`wake`](Self::wake) or the end of `timeout`. True when woken.
    pub(crate) fn wait(&self, reports: &mut Reports, timeout: Duration) -> io::Result<bool> {
        let events = &mut reports.0;
        events.clear();
        let timeout = Timespec { tv_sec: timeout.as_secs() as i64, tv_nsec: timeout.subsec_nanos().into() };
        match epoll::wait(&self.epoll, rustix::buffer::spare_capacity(events), Some(&timeout)) {
            Ok(_) => {}
            Err(Errno::INTR) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        let before = events.len();
        events.retain(|event| event.data.u64() != WAKE);
        let woken = events.len() < before;
        if woken {
            // Reading takes the counter back to 0; it cannot fail, having been reported readable.
            let _ = rustix::io::read(&self.wake, &mut [0; 8]);
        }
        Ok(woken)
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn a_socket_is_reported_until_it_is_read() {
        let poller = Poller::new().unwrap();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        poller.add(&socket, 7).unwrap();
        socket.send_to(&[1, 2, 3], socket.local_addr().unwrap()).unwrap();
        let mut reports = Reports::new();
        for _ in 0..2 {
            assert!(!poller.wait(&mut reports, LONG).unwrap());
            assert!(reports.tokens().eq([7]));
        }
        socket.recv(&mut [0; 16]).unwrap();
        poller.wait(&mut reports, Duration::ZERO).unwrap();
        assert_eq!(reports.tokens().count(), 0);
    }

    #[test]
    fn a_removed_socket_is_silent() {
        let poller = Poller::new().unwrap();
        let socket = UdpSocket::bind("[::1]:0").unwrap();
        poller.add(&socket, 7).unwrap();
        poller.remove(&socket).unwrap();
        socket.send_to(&[1], socket.local_addr().unwrap()).unwrap();
        let mut reports = Reports::new();
        poller.wait(&mut reports, Duration::ZERO).unwrap();
        assert_eq!(reports.tokens().count(), 0);
    }

    #[test]
    fn waking_ends_a_long_wait_once() {
        let poller = Poller::new().unwrap();
        let mut reports = Reports::new();
        std::thread::scope(|scope| {
            scope.spawn(|| poller.wake());
            assert!(poller.wait(&mut reports, LONG).unwrap());
        });
        assert!(!poller.wait(&mut reports, Duration::ZERO).unwrap());
    }
}
