//! The chain over the RTP streams of a capture, a media session each.

use std::fs;

use mc_engine::{
    EngineError, G711, MediaEngine, MediaEngineConfig, MediaSession, MediaSessionParams, NoClock,
    RtpPipelineConfig, SAMPLE_RATE,
};
use rtp_rs::RtpReader;

use super::ProcessArgs;
use super::tally::Tally;
use super::timeline::Timeline;
use crate::audio::wav;
use crate::capture::{self, Stream};
use crate::failure::Failure;
use crate::output;
use crate::processing::{in_version, processing};

/// Processes every stream and says what became of it.
pub(super) fn run(args: &ProcessArgs) -> Result<(), Failure> {
    let streams = capture::streams(&args.input)?;
    if streams.is_empty() {
        return Err(Failure::file(&args.input, "has no RTP with PCMU or PCMA in it"));
    }
    // Streams are processed each by itself, so nothing says what was played to the peer.
    let version = args.version.of_both();
    let config = in_version(processing(&args.process, version).with_echo_cancellation(None), version);
    let engine = MediaEngine::new(MediaEngineConfig::default().with_processing(config))?;
    fs::create_dir_all(&args.output).map_err(|error| Failure::file(&args.output, error))?;
    for stream in streams {
        let mut session = session(&engine, &stream).map_err(Failure::run)?;
        let (timeline, tally) = play(&mut session, &stream)?;
        let path = args.output.join(format!("{:08x}.wav", stream.ssrc));
        wav::write(&path, SAMPLE_RATE, timeline.samples())?;

        let metrics = session.handle().metrics();
        let (passed, packets) = (metrics.performance.packets_out, metrics.performance.packets_in);
        let seconds = SAMPLE_RATE.ms_of(timeline.samples().len()) / 1_000.0;
        let about = format_args!("{:?}, {seconds:.2} s, {passed} of {packets} packets", stream.format.law);
        output::line(format_args!("{}: {about}: {tally}", path.display()))?;
        for (reason, count) in metrics.packets.drops() {
            output::line(format_args!("  {count} dropped: {}", reason.name()))?;
        }
    }
    Ok(())
}

fn session(engine: &MediaEngine, stream: &Stream) -> Result<MediaSession, EngineError> {
    let rtp = RtpPipelineConfig::default()
        .with_ingress(stream.format)
        .with_egress(stream.format)
        .with_ssrc(stream.ssrc);
    engine.create_media_session(MediaSessionParams::default().with_rtp(rtp))
}

fn play(session: &mut MediaSession, stream: &Stream) -> Result<(Timeline, Tally), Failure> {
    let codec = G711::new(stream.format.law);
    let decode = |codes: &[u8]| {
        let mut audio = vec![0.0; codes.len()];
        codec.decode_f32(codes, &mut audio).map(|()| audio).map_err(Failure::run)
    };
    let (mut timeline, mut tally) = (Timeline::default(), Tally::default());
    for packet in &stream.packets {
        let mut datagram = packet.clone();
        // What is refused is counted by the session.
        let Ok(egress) = session.process_packet(&mut datagram, &NoClock) else { continue };
        let (Ok(original), Ok(header)) = (RtpReader::new(packet), RtpReader::new(egress.packet())) else {
            continue;
        };
        let timestamp = header.timestamp();
        let after = match egress.frame() {
            Some(frame) => frame.to_vec(),
            None => decode(egress.payload())?,
        };
        timeline.place(timestamp, &after);
        tally.before(&decode(original.payload())?);
        tally.after(&after, session.report());
    }
    Ok((timeline, tally))
}
