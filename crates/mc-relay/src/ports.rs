//! Local UDP ports: which pairs are free, and sockets bound to them.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};

use crate::RelayError;

/// Hands out pairs of ports of a range: RTP takes the even one, RTCP the odd one above (RFC 3550 §11).
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
    /// One flag for each pair, lowest first.
    leased: Vec<bool>,
    next: usize,
}

/// A pair of ports that is ours until this is dropped.
#[derive(Debug)]
pub(crate) struct PortLease {
    pool: Arc<PortPool>,
    index: usize,
}

/// The sockets of one leg.
#[derive(Debug)]
pub(crate) struct BoundPair {
    pub(crate) rtp: UdpSocket,
    pub(crate) rtcp: UdpSocket,
    /// Given back after the sockets are closed: fields are dropped in this order.
    pub(crate) lease: PortLease,
}

impl PortPool {
    pub(crate) fn new(range: RangeInclusive<u16>) -> Arc<Self> {
        let leased = vec![false; port_pairs(&range)];
        Arc::new(Self { range, state: Mutex::new(State { leased, next: 0 }) })
    }

    /// Non-blocking sockets on the next free pair at `ip`. Pairs that another program holds a port of are
    /// passed over.
    ///
    /// # Errors
    /// [`RelayError::PortsExhausted`] when none is left; [`RelayError::Bind`] when `ip` cannot be bound
    /// at all.
    pub(crate) fn bind(self: &Arc<Self>, ip: IpAddr) -> Result<BoundPair, RelayError> {
        // Each port is tried at most once: those that fail stay leased until the loop is over.
        let mut held_by_others = Vec::new();
        while let Some(lease) = self.lease() {
            let bound = [lease.port(), lease.port() + 1]
                .map(|port| SocketAddr::new(ip, port))
                .map(|address| bind_nonblocking(address).map_err(|source| (address, source)));
            match bound {
                [Ok(rtp), Ok(rtcp)] => return Ok(BoundPair { rtp, rtcp, lease }),
                [Err((address, source)), _] | [_, Err((address, source))] => {
                    if source.kind() != io::ErrorKind::AddrInUse {
                        return Err(RelayError::Bind { address, source });
                    }
                    held_by_others.push(lease);
                }
            }
        }
        Err(RelayError::PortsExhausted { local_ip: ip, first: *self.range.start(), last: *self.range.end() })
    }

    /// Non-blocking sockets at this address and the one above, which were another relay's.
    ///
    /// # Errors
    /// [`RelayError::Bind`] where that is no pair of the range, or it is taken.
    pub(crate) fn bind_at(self: &Arc<Self>, address: SocketAddr) -> Result<BoundPair, RelayError> {
        let refuse = |source| RelayError::Bind { address, source };
        let taken = || refuse(io::ErrorKind::AddrInUse.into());
        let lease = self.lease_port(address.port()).ok_or_else(taken)?;
        let rtp = bind_nonblocking(address).map_err(refuse)?;
        let rtcp = bind_nonblocking(SocketAddr::new(address.ip(), address.port() + 1)).map_err(refuse)?;
        Ok(BoundPair { rtp, rtcp, lease })
    }

    fn lease_port(self: &Arc<Self>, port: u16) -> Option<PortLease> {
        let above = port.checked_sub(first_even(*self.range.start())).filter(|above| above % 2 == 0)?;
        let index = usize::from(above / 2);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let leased = state.leased.get_mut(index).filter(|leased| !**leased)?;
        *leased = true;
        Some(PortLease { pool: Arc::clone(self), index })
    }

    fn lease(self: &Arc<Self>) -> Option<PortLease> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let count = state.leased.len();
        let index = (state.next..count).chain(0..state.next).find(|&index| !state.leased[index])?;
        state.leased[index] = true;
        state.next = (index + 1) % count;
        Some(PortLease { pool: Arc::clone(self), index })
    }

    /// Pairs that are taken, and pairs that there are.
    pub(crate) fn use_of_pairs(&self) -> (usize, usize) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        (state.leased.iter().filter(|&&leased| leased).count(), state.leased.len())
    }

    #[cfg(test)]
    fn leased(&self) -> usize {
        self.use_of_pairs().0
    }
}

impl PortLease {
    /// The even port of the pair.
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

/// How many pairs of an even port and the odd one above `range` holds.
pub(crate) fn port_pairs(range: &RangeInclusive<u16>) -> usize {
    range.clone().filter(|port| port % 2 == 0 && port < range.end()).count()
}

/// Called for ranges that hold a pair only, so it cannot overflow.
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
        let pool = PortPool::new(15_001..=15_008);
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
        let pool = PortPool::new(15_000..=15_005);
        let port = |pool: &Arc<PortPool>| pool.lease().unwrap().port();
        assert_eq!([port(&pool), port(&pool), port(&pool), port(&pool)], [15_000, 15_002, 15_004, 15_000]);
        assert_eq!(pool.leased(), 0);
    }

    #[test]
    fn the_highest_port_is_reachable() {
        assert_eq!(port_pairs(&(65_533..=65_535)), 1);
        assert_eq!(port_pairs(&(65_533..=65_534)), 0);
        assert_eq!(PortPool::new(65_533..=65_535).lease().unwrap().port(), 65_534);
    }

    #[test]
    fn a_port_of_another_program_is_passed_over() {
        let pool = PortPool::new(15_100..=15_199);
        for take in [|pair: BoundPair| (pair.rtp, pair.lease), |pair: BoundPair| (pair.rtcp, pair.lease)] {
            let (taken, lease) = take(pool.bind(LOCALHOST).unwrap());
            let port = lease.port();
            assert!([port, port + 1].contains(&taken.local_addr().unwrap().port()));
            drop(lease);
            // The socket still holds its port, as another program's would.
            let again = PortPool::new(port..=port + 40);
            assert!(again.bind(LOCALHOST).unwrap().lease.port() > port);
            assert_eq!(again.leased(), 0);
        }
    }

    #[test]
    fn both_families_bind() {
        let pool = PortPool::new(15_200..=15_299);
        let pair = pool.bind(IpAddr::V6(Ipv6Addr::LOCALHOST)).unwrap();
        assert!(pair.rtp.local_addr().unwrap().is_ipv6());
        assert!(pool.bind(LOCALHOST).unwrap().rtcp.local_addr().unwrap().is_ipv4());
    }

    #[test]
    fn an_address_that_is_not_ours_is_named() {
        let pool = PortPool::new(15_300..=15_399);
        let error = pool.bind(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1))).unwrap_err();
        assert!(error.to_string().contains("192.0.2.1:153"), "{error}");
        assert_eq!(pool.leased(), 0);
    }
}
