//! A relay's mark in the session descriptions that it has changed.
//!
//! Where SIP messages come by the same proxy more than once, the second change would send a call's media in a circle.

use sdp_types::{Attribute, Session};

/// The attribute's name: that of rtpengine, which other relays beside the same proxy know.
const NAME: &str = "rtpengine";

/// Marks a description by `token`.
pub fn mark(session: &mut Session, token: &str) {
    session.attributes.push(Attribute::with_value(NAME, token));
}

/// Whether a description was [marked](mark) by `token`.
#[must_use]
pub fn is_marked(session: &Session, token: &str) -> bool {
    let is_mark =
        |attribute: &Attribute| attribute.attribute == NAME && attribute.value.as_deref() == Some(token);
    session.attributes.iter().any(is_mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_known_again_and_another_is_not() {
        let text = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";
        let mut session = crate::sdp::read(text).unwrap();
        assert!(!is_marked(&session, "ours"));
        mark(&mut session, "ours");
        let text = crate::sdp::write(&session).unwrap();
        assert!(text.contains("t=0 0\r\na=rtpengine:ours\r\nm="), "{text}");
        let session = crate::sdp::read(&text).unwrap();
        assert!(is_marked(&session, "ours") && !is_marked(&session, "theirs"));
    }
}
