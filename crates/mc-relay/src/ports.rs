//! Local UDP ports: which are free, and sockets bound to them.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};

use crate::RelayError;

/// Hands out the even ports of a range. RTP takes even ports and leaves the odd one above to RTCP
/// (RFC 3550 §11).
///
/// Ports come in turn, so that one just given back rests before it is used again: packets of the old
/// call are still on their way.
#[derive(Debug)]
pub(crate) struct PortPool {
    range: RangeInclusive<u16>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// One flag for each even port, lowest first.
    leased: Vec<bool>,
    next: usize,
}

/// A port that is ours until this is dropped.
#[derive(Debug)]
pub(crate) struct PortLease {
    pool: Arc<PortPool>,
    index: usize,
}

impl PortPool {
    pub(crate) fn new(range: RangeInclusive<u16>) -> Arc<Self> {
        let leased = vec![false; even_ports(&range)];
        Arc::new(Self { range, state: Mutex::new(State { leased, next: 0 }) })
    }

    /// A non-blocking socket on the next free port at `ip`. Ports that another program holds are
    /// passed over.
    ///
    /// # Errors
    /// [`RelayError::PortsExhausted`] when none is left; [`RelayError::Bind`] when `ip` cannot be bound
    /// at all.
    pub(crate) fn bind(self: &Arc<Self>, ip: IpAddr) -> Result<(UdpSocket, PortLease), RelayError> {
        // Each port is tried at most once: those that fail stay leased until the loop is over.
        let mut held_by_others = Vec::new();
        while let Some(lease) = self.lease() {
            let address = SocketAddr::new(ip, lease.port());
            match bind_nonblocking(address) {
                Ok(socket) => return Ok((socket, lease)),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => held_by_others.push(lease),
                Err(source) => return Err(RelayError::Bind { address, source }),
            }
        }
        Err(RelayError::PortsExhausted { local_ip: ip, first: *self.range.start(), last: *self.range.end() })
    }

    fn lease(self: &Arc<Self>) -> Option<PortLease> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let count = state.leased.len();
        let index = (state.next..count).chain(0..state.next).find(|&index| !state.leased[index])?;
        state.leased[index] = true;
        state.next = (index + 1) % count;
        Some(PortLease { pool: Arc::clone(self), index })
    }

    #[cfg(test)]
    fn leased(&self) -> usize {
        self.state.lock().unwrap().leased.iter().filter(|&&leased| leased).count()
    }
}

impl PortLease {
    pub(crate) fn port(&self) -> u16 {
        first_even(*self.pool.range.start()) + 2 * self.index as u16
    }
}

impl Drop for PortLease {
    fn drop(&mut self) {
        let mut state = self.pool.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.leased[self.index] = false;
    }
}

/// How many even ports `range` holds.
pub(crate) fn even_ports(range: &RangeInclusive<u16>) -> usize {
    range.clone().filter(|port| port % 2 == 0).count()
}

/// Called for ranges that hold an even port only, so it cannot overflow.
const fn first_even(start: u16) -> u16 {
    start + start % 2
}

fn bind_nonblocking(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(address)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn ports_are_even_within_the_range_and_in_turn() {
        let pool = PortPool::new(15_001..=15_007);
        let ports: Vec<u16> = (0..5)
            .map_while(|_| pool.lease())
            .map(|lease| {
                let port = lease.port();
                std::mem::forget(lease);
                port
            })
            .collect();
        assert_eq!(ports, [15_002, 15_004, 15_006]);
    }

    #[test]
    fn a_port_given_back_rests_until_its_turn() {
        let pool = PortPool::new(15_000..=15_004);
        let port = |pool: &Arc<PortPool>| pool.lease().unwrap().port();
        assert_eq!([port(&pool), port(&pool), port(&pool), port(&pool)], [15_000, 15_002, 15_004, 15_000]);
        assert_eq!(pool.leased(), 0);
    }

    #[test]
    fn the_highest_port_is_reachable() {
        assert_eq!(even_ports(&(65_533..=65_535)), 1);
        assert_eq!(PortPool::new(65_533..=65_535).lease().unwrap().port(), 65_534);
    }

    #[test]
    fn a_port_of_another_program_is_passed_over() {
        let pool = PortPool::new(15_100..=15_199);
        let (taken, lease) = pool.bind(LOCALHOST).unwrap();
        let port = lease.port();
        assert_eq!(taken.local_addr().unwrap().port(), port);
        drop(lease);
        // The socket still holds its port, as another program's would.
        let again = PortPool::new(port..=port + 40);
        assert!(again.bind(LOCALHOST).unwrap().1.port() > port);
        assert_eq!(again.leased(), 0);
    }

    #[test]
    fn both_families_bind() {
        let pool = PortPool::new(15_200..=15_299);
        let (socket, _lease) = pool.bind(IpAddr::V6(Ipv6Addr::LOCALHOST)).unwrap();
        assert!(socket.local_addr().unwrap().is_ipv6());
        assert!(pool.bind(LOCALHOST).unwrap().0.local_addr().unwrap().is_ipv4());
    }

    #[test]
    fn an_address_that_is_not_ours_is_named() {
        let pool = PortPool::new(15_300..=15_399);
        let error = pool.bind(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1))).unwrap_err();
        assert!(error.to_string().contains("192.0.2.1:153"), "{error}");
        assert_eq!(pool.leased(), 0);
    }
}
