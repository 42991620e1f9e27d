//! Reading a request: its head only, for nothing here takes a body.

use std::io::{self, Read};
use std::net::TcpStream;
use std::time::Instant;

use super::response::Status;

/// Longest head that is read, in bytes.
const MAX_HEAD: usize = 8_192;
/// Most header fields in it.
const MAX_FIELDS: usize = 64;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    /// Without what follows a question mark.
    pub(super) path: String,
}

/// Why there is no request.
#[derive(Debug)]
pub(super) enum ReadError {
    /// Something came, and this is the answer to it.
    Refused(Status),
    /// Nobody is there to be answered.
    Gone,
}

impl Request {
    /// Reads a request that must be complete by `deadline`.
    pub(super) fn read(mut connection: &TcpStream, deadline: Instant) -> Result<Self, ReadError> {
        let mut head = [0; MAX_HEAD];
        let mut length = 0;
        while length < MAX_HEAD {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ReadError::Refused(Status::RequestTimeout));
            }
            connection.set_read_timeout(Some(left)).map_err(|_| ReadError::Gone)?;
            match connection.read(&mut head[length..]) {
                Ok(0) => return Err(ReadError::Gone),
                Ok(read) => length += read,
                Err(error) if is_passing(&error) => continue,
                Err(_) => return Err(ReadError::Gone),
            }
            if let Some(request) = Self::parse(&head[..length]).map_err(ReadError::Refused)? {
                return Ok(request);
            }
        }
        Err(ReadError::Refused(Status::HeadTooLarge))
    }

    /// The request in `head`; `None` while it is not complete.
    fn parse(head: &[u8]) -> Result<Option<Self>, Status> {
        let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
        let mut request = httparse::Request::new(&mut fields);
        match request.parse(head) {
            Ok(httparse::Status::Partial) => return Ok(None),
            Ok(httparse::Status::Complete(_)) => {}
            Err(httparse::Error::TooManyHeaders) => return Err(Status::HeadTooLarge),
            Err(_) => return Err(Status::BadRequest),
        }
        let (Some(method), Some(target)) = (request.method, request.path) else {
            return Err(Status::BadRequest);
        };
        let path = target.split('?').next().unwrap_or_default().to_owned();
        Ok(Some(Self { method: method.to_owned(), path }))
    }
}

/// Whether reading may go on after an error; the deadline is looked at first.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_complete_with_its_empty_line() {
        let head = b"GET /metrics?x=1 HTTP/1.1\r\nHost: relay\r\nAccept: */*\r\n\r\n";
        let request = Request { method: "GET".to_owned(), path: "/metrics".to_owned() };
        assert_eq!(Request::parse(head), Ok(Some(request)));
        for length in 0..head.len() {
            assert_eq!(Request::parse(&head[..length]), Ok(None), "{length}");
        }
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for head in [
            &b"\x16\x03\x01\x02\x00\x01"[..],
            b"GET /\r\n\r\n",
            b"GET / HTTP/2.0\r\n\r\n",
            b"GET / HTTP/1.1\r\nx\r\n\r\n",
        ] {
            assert_eq!(Request::parse(head), Err(Status::BadRequest), "{head:?}");
        }
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(MAX_FIELDS + 1));
        assert_eq!(Request::parse(many.as_bytes()), Err(Status::HeadTooLarge));
    }
}
