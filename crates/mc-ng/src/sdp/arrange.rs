//! The order of a stream's attributes.
//!
//! RFC 8866 leaves it open, but parsers of telephones do not: this is the one that rtpengine writes, so that
//! whatever works behind it works behind us.

use sdp_types::{Attribute, Session};

/// Names of the attributes that say which way media flows (RFC 8866 §6.7).
const DIRECTIONS: [&str; 4] = ["sendrecv", "sendonly", "recvonly", "inactive"];

/// States the direction in every stream that is not turned off instead of once for all, and puts the attributes in
/// order: those of no concern to a relay, the formats, the direction, the ports, the keys, the packets' length.
pub(super) fn arrange(session: &mut Session) {
    let common = session.attributes.iter().find(|attribute| is_direction(attribute)).cloned();
    session.attributes.retain(|attribute| !is_direction(attribute));
    for media in session.medias.iter_mut().filter(|media| media.port != 0) {
        if !media.attributes.iter().any(is_direction) {
            let sendrecv = || Attribute { attribute: DIRECTIONS[0].to_owned(), value: None };
            media.attributes.push(common.clone().unwrap_or_else(sendrecv));
        }
        let numbers: Vec<String> = media.fmt.split_whitespace().map(str::to_owned).collect();
        media.attributes.sort_by_key(|attribute| place(attribute, &numbers));
    }
}

pub(super) fn is_direction(attribute: &Attribute) -> bool {
    DIRECTIONS.contains(&attribute.attribute.as_str())
}

/// Rank of an attribute, and of its format within the list of formats.
fn place(attribute: &Attribute, numbers: &[String]) -> (u8, usize) {
    let of_format = || {
        let number = attribute.value.as_deref().and_then(|value| value.split(' ').next());
        numbers.iter().position(|other| Some(other.as_str()) == number).unwrap_or(numbers.len())
    };
    match attribute.attribute.as_str() {
        "rtpmap" | "fmtp" | "rtcp-fb" => (1, of_format()),
        _ if is_direction(attribute) => (2, 0),
        "rtcp" => (3, 0),
        "rtcp-mux" => (4, 0),
        "crypto" => (5, 0),
        "ptime" => (6, 0),
        _ => (0, 0),
    }
}
