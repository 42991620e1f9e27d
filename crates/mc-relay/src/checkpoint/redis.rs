//! The little of Redis' protocol that is needed (RESP version 2, the protocol specification of redis.io): commands are
//! arrays of strings, and answers are a line or counted bytes. Written here because the crate for it, `redis`, brings some
//! forty others even without its features, most of them to read addresses as URLs, and none of that is used.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long Redis may take for anything.
const PATIENCE: Duration = Duration::from_secs(2);

/// Longest string and most items that are taken: more is no answer to what is asked here.
const MAX_BYTES: usize = 1 << 20;
const MAX_ITEMS: usize = 1 << 20;

/// A connection to Redis.
#[derive(Debug)]
pub(super) struct Redis {
    answers: BufReader<TcpStream>,
}

/// What Redis answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Line(String),
    Number(i64),
    /// `None` where there is no such thing.
    Bytes(Option<Vec<u8>>),
    Items(Vec<Vec<u8>>),
}

impl Redis {
    pub(super) fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self { answers: BufReader::new(stream) })
    }

    /// Has commands carried out, one after the other, and returns the last one's answer.
    ///
    /// # Errors
    /// What the system says, and what Redis says against any of them. The connection is of no use then.
    pub(super) fn ask(&mut self, commands: &[&[&[u8]]]) -> io::Result<Answer> {
        let mut request = Vec::new();
        for command in commands {
            write!(request, "*{}\r\n", command.len())?;
            for word in *command {
                write!(request, "${}\r\n", word.len())?;
                request.extend_from_slice(word);
                request.extend_from_slice(b"\r\n");
            }
        }
        self.answers.get_mut().write_all(&request)?;
        let mut answer = Answer::Bytes(None);
        for _ in commands {
            answer = self.answer()?;
        }
        Ok(answer)
    }

    fn answer(&mut self) -> io::Result<Answer> {
        let line = self.line()?;
        let (kind, rest) = line.split_at_checked(1).ok_or_else(|| invalid("an empty line"))?;
        let number = || rest.parse::<i64>().map_err(|_| invalid("no number where one belongs"));
        match kind {
            "+" => Ok(Answer::Line(rest.to_owned())),
            "-" => Err(io::Error::other(rest.to_owned())),
            ":" => Ok(Answer::Number(number()?)),
            "$" => Ok(Answer::Bytes(self.bytes(number()?)?)),
            "*" => {
                let count = usize::try_from(number()?).map_err(|_| invalid("no list where one belongs"))?;
                if count > MAX_ITEMS {
                    return Err(invalid("a list that is too long"));
                }
                let items = (0..count).map(|_| match self.answer()? {
                    Answer::Bytes(Some(bytes)) => Ok(bytes),
                    _ => Err(invalid("something else than strings in a list")),
                });
                items.collect::<io::Result<_>>().map(Answer::Items)
            }
            _ => Err(invalid("an answer of no kind")),
        }
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.answers.by_ref().take(MAX_BYTES as u64).read_line(&mut line)?;
        match line.strip_suffix("\r\n") {
            Some(line) => Ok(line.to_owned()),
            None => Err(ErrorKind::UnexpectedEof.into()),
        }
    }

    fn bytes(&mut self, length: i64) -> io::Result<Option<Vec<u8>>> {
        let Ok(length) = usize::try_from(length) else { return Ok(None) };
        if length > MAX_BYTES {
            return Err(invalid("a string that is too long"));
        }
        let mut bytes = vec![0; length + 2];
        self.answers.read_exact(&mut bytes)?;
        bytes.truncate(length);
        Ok(Some(bytes))
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("Redis sent {what}"))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// What is made of `answers` to a `PING`.
    fn answered(answers: &'static [u8]) -> io::Result<Answer> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 14];
            stream.read_exact(&mut request).unwrap();
            assert_eq!(&request, b"*1\r\n$4\r\nPING\r\n");
            stream.write_all(answers).unwrap();
        });
        let answer = Redis::connect(address).unwrap().ask(&[&[b"PING"]]);
        server.join().unwrap();
        answer
    }

    #[test]
    fn every_kind_of_answer_is_read() {
        assert_eq!(answered(b"+PONG\r\n").unwrap(), Answer::Line("PONG".to_owned()));
        assert_eq!(answered(b":-7\r\n").unwrap(), Answer::Number(-7));
        assert_eq!(answered(b"$-1\r\n").unwrap(), Answer::Bytes(None));
        assert_eq!(answered(b"$4\r\na\r\nb\r\n").unwrap(), Answer::Bytes(Some(b"a\r\nb".to_vec())));
        let items = Answer::Items(vec![b"a".to_vec(), Vec::new()]);
        assert_eq!(answered(b"*2\r\n$1\r\na\r\n$0\r\n\r\n").unwrap(), items);
        assert_eq!(answered(b"-ERR no\r\n").unwrap_err().to_string(), "ERR no");
    }

    #[test]
    fn what_is_no_answer_is_an_error() {
        for bytes in [&b""[..], b"\r\n", b"+PO", b"!x\r\n", b":x\r\n", b"$9\r\nshort\r\n", b"*1\r\n:1\r\n"] {
            assert!(answered(bytes).is_err(), "{bytes:?}");
        }
        for bytes in [&b"$99999999\r\n"[..], b"*99999999\r\n", b"*-1\r\n"] {
            assert_eq!(answered(bytes).unwrap_err().kind(), ErrorKind::InvalidData);
        }
    }
}
