//! How good a leg is, by what is known of it.

use std::time::Duration;

use mc_rtp_pipeline::JitterStats;
use mc_rtp_pipeline::quality::{CodecImpairment, EModel, Quality};
use mc_rtp_pipeline::rtcp::ReportBlock;

/// What is heard here: the loss is what did not come in time, the delay that of the jitter buffer and, where RTCP has
/// told the round trip, half of that.
pub(super) fn heard_here(
    codec: CodecImpairment,
    packets: &JitterStats,
    delay: Duration,
    round_trip: Option<Duration>,
) -> Option<Quality> {
    let missed = packets.lost + packets.late;
    let expected = packets.accepted + missed;
    let rating = EModel::new(codec)
        .with_delay(delay + round_trip.unwrap_or_default() / 2)
        .with_loss(missed as f32 / expected.max(1) as f32, 1.0)
        .rate();
    (expected > 0).then_some(rating)
}

/// What the other side hears, by its latest block about the `sent` packets of ours: it does not say what its jitter buffer
/// does, so twice the jitter stands for the delay of that.
pub(super) fn heard_there(
    codec: CodecImpairment,
    block: &ReportBlock,
    clock_rate: u32,
    sent: u32,
    round_trip: Option<Duration>,
) -> Quality {
    let jitter = Duration::from_micros(u64::from(block.jitter) * 1_000_000 / u64::from(clock_rate.max(1)));
    EModel::new(codec)
        .with_delay(2 * jitter + round_trip.unwrap_or_default() / 2)
        .with_loss(block.lost.max(0) as f32 / sent.max(1) as f32, 1.0)
        .rate()
}
