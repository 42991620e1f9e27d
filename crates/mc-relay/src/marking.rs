//! The differentiated-services field of what is sent (RFC 2474).

use std::io;
use std::os::fd::AsFd;

use rustix::net::{AddressFamily, sockopt};

/// Marks what leaves a socket from now on: DSCP in the upper six bits of `tos`.
pub(crate) fn mark(socket: impl AsFd, tos: u8) -> io::Result<()> {
    match sockopt::socket_domain(&socket)? {
        AddressFamily::INET6 => sockopt::set_ipv6_tclass(socket, tos.into())?,
        _ => sockopt::set_ip_tos(socket, tos)?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    #[test]
    fn sockets_of_both_families_are_marked() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        mark(&socket, 0xB8).unwrap();
        assert_eq!(sockopt::ip_tos(&socket).unwrap(), 0xB8);
        mark(&socket, 0).unwrap();
        assert_eq!(sockopt::ip_tos(&socket).unwrap(), 0);
        let socket = UdpSocket::bind("[::1]:0").unwrap();
        mark(&socket, 0xB8).unwrap();
        assert_eq!(sockopt::ipv6_tclass(&socket).unwrap(), 0xB8);
    }
}
