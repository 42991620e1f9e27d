//! The call: Ada hands-free in a room, Ben with a headset, the relay between them.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::thread;
use std::time::{Duration, Instant};

use mc_engine::{
    AdvancedAgcConfig, AgcConfig, AudioProcessingConfig, MediaEngineConfig, MediaSessionHandle,
    PayloadFormat, PerformanceConfig,
};
use mc_relay::{CallTotals, DialogId, LegConfig, LegId, MediaConfig, MediaSessionController, RelayConfig};
use mc_testkit::alloc::thread_allocations;
use mc_testkit::room::Room;
use mc_testkit::signal::{apply_db, white_noise};

use super::dialogue::{Dialogue, RATE};
use super::endpoint::{Endpoint, PACKET_MS, PACKET_SAMPLES};
use super::microphone::Microphone;
use crate::failure::Failure;
use crate::processing::in_version;
use crate::version::Version;

/// How much quieter than the committed speech Ada's microphone hears her, from across the room.
const ADA_DB: f32 = -7.0;
/// The same of Ben's headset.
const BEN_DB: f32 = -4.0;
/// Most gain for Ada: what is left of the echo is raised as well where nothing knows it from speech.
const ADA_MAX_GAIN_DB: f32 = 15.0;
/// Background noise at Ada's microphone and at Ben's.
const NOISE_DBFS: [f32; 2] = [-68.0, -72.0];
/// Ada's room: the length of its response, and how much quieter than it was played a sound comes back.
const ROOM_MS: f32 = 32.0;
const RETURN_LOSS_DB: f32 = 12.0;
/// Room and noise are made from these, so every demo has the same.
const SEEDS: [u64; 3] = [1, 2, 3];

/// Everything that is known after the call.
pub(super) struct Call {
    /// What was to be said.
    pub(super) dialogue: Dialogue,
    pub(super) ada: Endpoint,
    pub(super) ben: Endpoint,
    pub(super) totals: CallTotals,
}

/// Holds a call of `seconds` and reports how many of them are over to `progress`.
pub(super) fn hold(seconds: u32, version: Version, progress: impl FnMut(f64)) -> Result<Call, Failure> {
    let packets = seconds * 1_000 / PACKET_MS;
    let dialogue = Dialogue::new(packets as usize * PACKET_SAMPLES)?;
    let room = Room::new(SEEDS[0], RATE.hz(), ROOM_MS, RETURN_LOSS_DB);
    let at_ada = microphone(&dialogue.ada, ADA_DB, NOISE_DBFS[0], SEEDS[1], Some(room));
    let at_ben = microphone(&dialogue.ben, BEN_DB, NOISE_DBFS[1], SEEDS[2], None);
    let mut ada = Endpoint::new(PayloadFormat::PCMU, 0xADA0_0001, at_ada).map_err(Failure::run)?;
    let mut ben = Endpoint::new(PayloadFormat::PCMA, 0xBE20_0002, at_ben).map_err(Failure::run)?;

    let relay = MediaSessionController::new(relay_config()).map_err(Failure::run)?;
    let dialog = DialogId::new("demo");
    let [to_ada, to_ben] = [&ada, &ben].map(|endpoint| endpoint.address().map(LegConfig::to));
    let quieter = AgcConfig::default().with_max_gain_db(ADA_MAX_GAIN_DB);
    let plain = AdvancedAgcConfig::default();
    let quieter_v2 = plain.clone().with_gain_range_db(ADA_MAX_GAIN_DB, plain.max_attenuation_db);
    let hands_free = in_version(AudioProcessingConfig::all().with_gain_control(quieter), version)
        .with_advanced_agc_config(quieter_v2);
    let headset = in_version(AudioProcessingConfig::all().with_echo_cancellation(None), version);
    let media = MediaConfig::new(
        to_ada.map_err(Failure::run)?.with_format(PayloadFormat::PCMU).with_processing(hands_free),
        to_ben.map_err(Failure::run)?.with_format(PayloadFormat::PCMA).with_processing(headset),
    );
    let info = relay.start_media(dialog.clone(), media).map_err(Failure::run)?;
    ada.connect(info.local_address(LegId::A)).map_err(Failure::run)?;
    ben.connect(info.local_address(LegId::B)).map_err(Failure::run)?;
    let session = |leg| relay.session(&dialog, leg).map_err(Failure::run);
    let sessions = [session(LegId::A)?, session(LegId::B)?];
    converse([&mut ada, &mut ben], &sessions, packets, progress).map_err(Failure::run)?;
    let totals = relay.stop_media(&dialog).map_err(Failure::run)?;
    Ok(Call { dialogue, ada, ben, totals })
}

fn relay_config() -> RelayConfig {
    let every_packet = PerformanceConfig::default().with_time_one_in(1);
    RelayConfig::default()
        .with_workers(1)
        .with_local_ip(IpAddr::V4(Ipv4Addr::LOCALHOST))
        .with_allocation_probe(thread_allocations)
        .with_engine(MediaEngineConfig::default().with_performance(every_packet))
}

fn microphone(speech: &[f32], db: f32, noise_dbfs: f32, seed: u64, room: Option<Room>) -> Microphone {
    let mut speech = speech.to_vec();
    apply_db(&mut speech, db);
    let noise = white_noise(seed, noise_dbfs, speech.len());
    Microphone::new(speech, noise, room)
}

/// Each side sends `packets`, by turns and half a packet's time apart. A packet is only sent once the one
/// before it has arrived: on a busy machine the call falls behind, but what is heard stays the same.
fn converse(
    [ada, ben]: [&mut Endpoint; 2],
    [from_ada, from_ben]: &[MediaSessionHandle; 2],
    packets: u32,
    mut progress: impl FnMut(f64),
) -> io::Result<()> {
    const HALF: Duration = Duration::from_millis(PACKET_MS as u64 / 2);
    let start = Instant::now();
    for packet in 0..packets {
        wait_until(start + 2 * HALF * packet);
        ada.talk()?;
        ben.listen(from_ada)?;
        wait_until(start + 2 * HALF * packet + HALF);
        ben.talk()?;
        ada.listen(from_ben)?;
        progress(f64::from((packet + 1) * PACKET_MS) / 1_000.0);
    }
    Ok(())
}

fn wait_until(moment: Instant) {
    thread::sleep(moment.saturating_duration_since(Instant::now()));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without an allocator that counts, every relay would seem to allocate nothing.
    #[test]
    fn the_probe_sees_allocations() {
        let probe = relay_config().allocation_probe.unwrap();
        let before = probe();
        drop(std::hint::black_box(Box::new(1)));
        assert_eq!(probe() - before, 1);
    }
}
