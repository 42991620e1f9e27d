//! Any datagram is read as a request without a panic, and whatever session description it holds can be read again once
//! the relay has put itself in between.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mc_ng::sdp::{self, Continuity, RelayPorts, Rewrite, StreamChange};
use mc_ng::{Command, Request};

fuzz_target!(|datagram: &[u8]| {
    // A stream may end anywhere; what is complete has a length.
    if let Ok(Some(length)) = Request::length(datagram) {
        assert!(length <= datagram.len());
    }
    let Ok(request) = Request::read(datagram) else { return };
    if let Ok(command) = request.command() {
        assert_eq!(Command::named(command.name()), Some(command));
    }
    let (Ok(options), Ok(text)) = (request.options(), request.text("sdp")) else { return };
    let Ok(mut session) = sdp::read(text) else { return };
    let (received, streams) = (session.clone(), sdp::streams(&session, options.received_from));
    assert_eq!(streams.len(), session.medias.len());
    let rewrite = Rewrite::as_asked([192, 0, 2, 1].into(), &options);
    for (stream, media) in streams.iter().zip(&mut session.medias) {
        let (formats, _) = options.codecs.apply(&stream.formats);
        assert!(!formats.is_empty() || stream.formats.is_empty(), "rules never empty a list");
        let agreement = sdp::agree(stream, stream, &options.codecs);
        assert!(agreement.is_none_or(|agreement| !agreement.answer.is_empty()));
        let ports = RelayPorts { rtp: 30_000, rtcp: 30_001, shared: stream.rtcp_mux };
        let hold = stream.is_zero_address.then_some(stream.direction);
        let change = StreamChange {
            ports,
            protocol: options.transport.as_deref().unwrap_or(&stream.protocol),
            formats: Some(&formats),
            ptime_ms: options.ptime_ms,
            hold,
            crypto: &[],
        };
        if stream.is_rejected || rewrite.stream(media, &change).is_err() {
            sdp::turn_off(media);
        }
    }
    rewrite.session(&mut session);
    Continuity::default().follow(&options.replace, &received, &mut session);
    let Ok(written) = sdp::write_like(&session, text) else { return };
    let again = sdp::read(&written).unwrap_or_else(|error| panic!("{error}: {written:?} of {text:?}"));
    assert_eq!(again.medias.len(), received.medias.len(), "{written:?} of {text:?}");
});
