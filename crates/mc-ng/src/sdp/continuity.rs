//! What stays the same from one session description to the next.

use sdp_types::Session;

use crate::Replace;

/// What the descriptions that one side is sent begin with.
///
/// RFC 3264 §8 wants the same origin in all of them, and a version that goes up with each change. What comes from a
/// second telephone, after a transfer, or from a proxy that asked another relay in between, has neither.
#[derive(Clone, Debug, Default)]
pub struct Continuity {
    username: Option<String>,
    session_name: Option<String>,
    latest: Option<Latest>,
}

/// The latest description, as it came and as it was sent, both without their versions; and the version that was sent.
#[derive(Clone, Debug)]
struct Latest {
    version: u64,
    received: Session,
    sent: Session,
}

impl Continuity {
    /// Gives `sent`, which `received` has become, the user, name and version that follow on those before, as far as
    /// `replace` asks for that.
    pub fn follow(&mut self, replace: &Replace, received: &Session, sent: &mut Session) {
        if replace.username {
            let own = || sent.origin.username.clone().unwrap_or_else(|| "-".to_owned());
            sent.origin.username = Some(self.username.get_or_insert_with(own).clone());
        }
        if replace.session_name {
            sent.session_name.clone_from(self.session_name.get_or_insert_with(|| sent.session_name.clone()));
        }
        if !replace.version && !replace.force_version {
            return;
        }
        let mut now = Latest {
            version: sent.origin.sess_version,
            received: without_version(received),
            sent: without_version(sent),
        };
        if let Some(latest) = &self.latest {
            let has_changed = latest.received != now.received || latest.sent != now.sent;
            now.version = latest.version.wrapping_add(u64::from(has_changed || replace.force_version));
        }
        sent.origin.sess_version = now.version;
        self.latest = Some(now);
    }
}

fn without_version(session: &Session) -> Session {
    let mut session = session.clone();
    session.origin.sess_version = 0;
    session
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSION: Replace = Replace { version: true, ..Replace::NONE };

    fn session(text: &str) -> Session {
        crate::sdp::read(&format!("v=0\r\n{text}t=0 0\r\nm=audio 4000 RTP/AVP 0\r\n")).unwrap()
    }

    fn followed(continuity: &mut Continuity, replace: &Replace, text: &str) -> Session {
        let (received, mut sent) = (session(text), session(text));
        continuity.follow(replace, &received, &mut sent);
        sent
    }

    #[test]
    fn a_version_goes_up_with_each_change_and_only_then() {
        let mut continuity = Continuity::default();
        let mut version = |replace, text| followed(&mut continuity, &replace, text).origin.sess_version;
        assert_eq!(version(VERSION, "o=- 1 7 IN IP4 192.0.2.1\r\ns=-\r\n"), 7);
        assert_eq!(version(VERSION, "o=- 1 9 IN IP4 192.0.2.1\r\ns=-\r\n"), 7);
        assert_eq!(version(VERSION, "o=- 1 2 IN IP4 192.0.2.1\r\ns=another\r\n"), 8);
        assert_eq!(version(VERSION, "o=- 1 3 IN IP4 192.0.2.1\r\ns=another\r\n"), 8);
        let force = Replace { force_version: true, ..Replace::NONE };
        assert_eq!(version(force, "o=- 1 3 IN IP4 192.0.2.1\r\ns=another\r\n"), 9);
        assert_eq!(version(Replace::NONE, "o=- 1 3 IN IP4 192.0.2.1\r\ns=another\r\n"), 3);
    }

    #[test]
    fn user_and_name_are_the_first_ones() {
        let mut continuity = Continuity::default();
        let replace = Replace { username: true, session_name: true, ..Replace::NONE };
        followed(&mut continuity, &replace, "o=alice 1 1 IN IP4 192.0.2.1\r\ns=call\r\n");
        let second = followed(&mut continuity, &replace, "o=bob 5 5 IN IP4 192.0.2.2\r\ns=-\r\n");
        assert_eq!(
            (second.origin.username.as_deref(), second.session_name.as_str()),
            (Some("alice"), "call")
        );
        assert_eq!(second.origin.sess_version, 5);
    }
}
