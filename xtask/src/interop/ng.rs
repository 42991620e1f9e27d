//! What a SIP proxy asks of the relay, asked from here: requests of the NG protocol that hold nothing but texts.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use crate::Outcome;

/// How long the relay may take for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks the relay at this address; returns the answer, a dictionary in bencode.
pub(super) fn ask(relay: SocketAddr, request: &[(&str, &str)]) -> Outcome<String> {
    let text = |text: &str| format!("{}:{text}", text.len());
    let request: String = request.iter().map(|(key, value)| text(key) + &text(value)).collect();
    let asked = || {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_read_timeout(Some(PATIENCE))?;
        // A cookie of its own for each request: from a port that nobody else has.
        let cookie = socket.local_addr()?.port();
        socket.send_to(format!("{cookie} d{request}e").as_bytes(), relay)?;
        let mut answer = vec![0; 65_536];
        let (length, _) = socket.recv_from(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer[..length]).into_owned())
    };
    let answer = asked().map_err(|error: std::io::Error| format!("mc relay, asked d{request}e: {error}"))?;
    if answer.contains("6:result2:ok") {
        Ok(answer)
    } else {
        Err(format!("mc relay, asked d{request}e, answers {answer}"))
    }
}

/// The Call-IDs of the calls that the relay knows of.
pub(super) fn calls(relay: SocketAddr) -> Outcome<Vec<String>> {
    let answer = ask(relay, &[("command", "list")])?;
    let list = answer.split_once("5:callsl").map(|(_, list)| texts(list));
    list.ok_or_else(|| format!("no list of calls in {answer}"))
}

/// The texts of a list, up to its end.
fn texts(mut list: &str) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some((length, rest)) = list.split_once(':')
        && let Ok(length) = length.parse::<usize>()
        && let Some((text, behind)) = rest.split_at_checked(length)
    {
        texts.push(text.to_owned());
        list = behind;
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_ends_where_it_ends() {
        assert_eq!(texts("3:a:b0:2:cde6:result2:oke"), ["a:b", "", "cd"]);
        assert_eq!(texts("e6:result2:oke"), [""; 0]);
    }
}
