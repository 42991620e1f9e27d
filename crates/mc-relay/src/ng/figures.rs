//! What is known of a call, under the names that rtpengine's clients know.

use mc_ng::Reply;
use mc_ng::bencode::{Dictionary, Value};

use super::call::{NgCall, Stream};
use super::service::NgService;
use crate::{CallMetrics, LegId, LegMetrics, StreamMetrics};

impl NgService {
    /// The answer that tells a call's figures so far: of each side, of each source, and of all together.
    pub(super) fn figures(&self, call: &NgCall, cookie: &[u8]) -> Vec<u8> {
        let running: Vec<(&Stream, CallMetrics)> = call
            .running()
            .filter_map(|stream| Some((stream, self.relay.call_metrics(&stream.dialog).ok()?)))
            .collect();
        let mut sum = CallMetrics::default();
        running.iter().for_each(|(_, metrics)| sum.merge(metrics));
        let legs = running.iter().flat_map(|(_, metrics)| &metrics.legs);
        let sources: Vec<(String, &StreamMetrics)> =
            legs.filter_map(|leg| Some((leg.stream.ssrc?.to_string(), &leg.stream))).collect();
        let sources =
            sources.iter().fold(Dictionary::default(), |all, (ssrc, stream)| all.with(ssrc, source(stream)));
        let tags = LegId::ALL.into_iter().fold(Dictionary::default(), |tags, leg| {
            match call.tags[leg.index()].as_deref() {
                Some(tag) => tags.with(tag, side(call, leg, tag, &running)),
                None => tags,
            }
        });
        Reply::ok()
            .with("created", call.created_s)
            .with("totals", totals(&sum))
            .with("tags", tags)
            .with("SSRC", sources)
            .datagram(cookie)
    }
}

/// One side of a call.
fn side<'a>(
    call: &'a NgCall,
    leg: LegId,
    tag: &'a str,
    running: &[(&'a Stream, CallMetrics)],
) -> Dictionary<'a> {
    let medias: Vec<Value<'a>> = running
        .iter()
        .map(|(stream, metrics)| {
            let metrics = metrics.leg(leg);
            let mut shown = Dictionary::default()
                .with("local port", i64::from(stream.local[leg.index()].port()))
                .with("stats", carried([metrics]));
            if let Some(ssrc) = metrics.stream.ssrc {
                shown = shown.with("SSRC", i64::from(ssrc));
            }
            let media = &stream.offer.media;
            Dictionary::default()
                .with("type", media.kind.as_str())
                .with("protocol", media.protocol.as_str())
                .with("streams", vec![shown.into()])
                .into()
        })
        .collect();
    let mut side = Dictionary::default().with("tag", tag).with("medias", medias);
    if let Some(other) = call.tags[leg.other().index()].as_deref() {
        side = side.with("in dialogue with", other);
    }
    if let Some(label) = call.labels[leg.index()].as_deref() {
        side = side.with("label", label);
    }
    side
}

/// One source: what was lost, and what people would think of it. Scores are in tenths there, times in milliseconds,
/// round trips in microseconds.
fn source(stream: &StreamMetrics) -> Dictionary<'static> {
    let score = |mos: f32| Dictionary::default().with("MOS", (mos * 10.0).round() as i64);
    let mut source = Dictionary::default().with("cumulative loss", stream.lost() as i64);
    let scores = &stream.scores;
    let (Some(mean), Some(lowest), Some(highest)) = (scores.mean(), scores.lowest, scores.highest) else {
        return source;
    };
    let mut average = score(mean)
        .with("jitter", stream.jitter.as_millis() as i64)
        .with("packet loss", percent(stream.lost(), stream.expected))
        .with("samples", scores.count as i64);
    if let Some(round_trip) = stream.round_trip {
        average = average.with("round-trip time", round_trip.as_micros() as i64);
    }
    source = source.with("average MOS", average);
    source.with("lowest MOS", score(lowest)).with("highest MOS", score(highest))
}

fn percent(part: u64, whole: u64) -> i64 {
    (100 * part).checked_div(whole).unwrap_or(0) as i64
}

/// Both legs together.
pub(super) fn totals(metrics: &CallMetrics) -> Dictionary<'static> {
    let control = metrics.legs.iter().map(|leg| leg.control_sent).sum::<u64>();
    let rtcp = Dictionary::default().with("packets", control as i64);
    Dictionary::default().with("RTP", carried(&metrics.legs)).with("RTCP", rtcp)
}

/// What was taken from these legs' peers and passed on, and what was not.
fn carried<'l>(legs: impl IntoIterator<Item = &'l LegMetrics>) -> Dictionary<'static> {
    let (mut packets, mut bytes, mut errors) = (0, 0, 0);
    for leg in legs {
        packets += leg.media.performance.packets_out;
        bytes += leg.media.performance.bytes_out;
        errors += leg.dropped_total();
    }
    Dictionary::default()
        .with("packets", packets as i64)
        .with("bytes", bytes as i64)
        .with("errors", errors as i64)
}
