//! Packets as long as each side wants them.

use mc_engine::{EndpointConfig, JitterConfig};
use mc_testkit::signal::white_noise;

use crate::wire::{endpoint, fields};
use std::time::Duration;

/// Payloads that leave when packets of `in_ms` come in and packets of `out_ms` are wanted, on ticks of `tick_ms`.
fn bridge(codes: &[u8], in_ms: usize, out_ms: u32, tick_ms: usize) -> Vec<Vec<u8>> {
    // A fixed delay: time is not scaled, and the audio can be compared code by code.
    let jitter = JitterConfig::fixed(Duration::from_millis(120));
    let mut ours_in = endpoint(&EndpointConfig::default().with_jitter(jitter));
    let mut ours_out = endpoint(&EndpointConfig::default().with_packet_ms(out_ms));
    let mut payloads = codes.chunks_exact(8 * in_ms).enumerate();
    let (mut left, mut audio) = (Vec::new(), vec![0.0; 8 * tick_ms]);
    for ms in (0..codes.len() / 8 + 200).step_by(tick_ms) {
        let now = Duration::from_millis(ms as u64);
        if ms % in_ms < tick_ms
            && let Some((n, payload)) = payloads.next()
        {
            let mut packet = vec![0x80, 0, (n >> 8) as u8, n as u8];
            packet.extend(((n * 8 * in_ms) as u32).to_be_bytes());
            packet.extend([0, 0, 0, 1]);
            packet.extend(payload);
            ours_in.receive(&packet, now).unwrap();
        }
        ours_in.play(&mut audio, now);
        ours_out.send(&audio, |packet| {
            let packet = fields(packet);
            assert_eq!(packet.timestamp, left.len() as u32 * 8 * out_ms);
            assert_eq!(usize::from(packet.sequence), left.len());
            left.push(packet.payload.to_vec());
        });
    }
    assert_eq!(ours_out.handle().metrics().endpoint.unwrap().sent.audio, left.len() as u64);
    assert_eq!(ours_in.packets().lost, 0);
    left
}

#[test]
fn any_packet_time_becomes_any_other_and_no_sample_is_lost() {
    let mut codes = vec![0; 8 * 2_400];
    mc_engine::G711::new(mc_engine::Law::Mu)
        .encode_f32(&white_noise(1, -20.0, codes.len()), &mut codes)
        .unwrap();
    // Mu-law has two zeros; the negative one becomes the other.
    codes.iter_mut().filter(|code| **code == 0x7F).for_each(|code| *code = 0xFF);
    for in_ms in [10, 20, 30, 40, 50, 60] {
        for out_ms in [10, 20, 30, 40, 60] {
            let left = bridge(&codes, in_ms, out_ms, 10);
            assert!(left.iter().all(|payload| payload.len() == 8 * out_ms as usize));
            let left = left.concat();
            let starts = left.windows(64).position(|window| window == &codes[..64]);
            let starts = starts.unwrap_or_else(|| panic!("{in_ms} to {out_ms} ms: nothing came through"));
            let whole = (left.len() - starts).min(codes.len());
            assert!(whole > codes.len() - 8 * 120, "{in_ms} to {out_ms} ms");
            assert!(left[starts..starts + whole] == codes[..whole], "{in_ms} to {out_ms} ms");
        }
    }
    // Ticks longer than the packets: several at a time.
    assert!(bridge(&codes, 20, 10, 30).len() > 200);
}

#[test]
fn packet_times_outside_10_to_60_ms_are_refused() {
    for (packet_ms, allowed) in [(0, false), (9, false), (10, true), (35, true), (60, true), (61, false)] {
        let config = EndpointConfig::default().with_packet_ms(packet_ms);
        assert_eq!(config.validate().map_err(|error| error.field()).is_ok(), allowed);
    }
}
