//! Packets of 20 ms at 8 kHz through every kernel at every level of this CPU.

#![allow(clippy::unwrap_used, reason = "a bench stops at the first error")]

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use mc_g711::{G711, Law, LawMap, SimdLevel};
use std::hint::black_box;

const PACKET: usize = 160;
/// Different packets, as many as leave room in a 32 KiB cache.
const PACKETS: usize = 64;

/// Decaying noise: loud and quiet samples of both signs.
fn packets() -> Vec<[i16; PACKET]> {
    let mut state = 1_u32;
    let mut sample = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state as i32 >> 16 >> (state & 7)) as i16
    };
    (0..PACKETS).map(|_| std::array::from_fn(|_| sample())).collect()
}

/// Times `kernel` on one packet after the other.
fn time<P>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, packets: &[P], mut kernel: impl FnMut(&P)) {
    let mut next = packets.iter().cycle();
    group.bench_function(name, |b| {
        b.iter(|| {
            if let Some(packet) = next.next() {
                kernel(black_box(packet));
            }
        });
    });
}

/// Times `kernel` on one packet after the other: never on one that it has just written, as packets come from
/// elsewhere.
fn time_in_place(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    packets: &[[u8; PACKET]],
    kernel: impl Fn(&mut [u8]),
) {
    let (mut packets, mut next) = (packets.to_vec(), 0);
    group.bench_function(name, |b| {
        b.iter(|| {
            next = (next + 1) % PACKETS;
            kernel(black_box(&mut packets[next]));
        });
    });
}

fn kernels(c: &mut Criterion) {
    let samples = packets();
    let floats: Vec<_> = samples.iter().map(|packet| packet.map(|x| f32::from(x) / 32768.0)).collect();
    let mut codes = [0; PACKET];
    let mut decoded = [0; PACKET];
    let mut decoded_floats = [0.0; PACKET];

    for law in [Law::Mu, Law::A] {
        let g711 = G711::new(law);
        let coded: Vec<_> = samples.iter().map(|packet| packet.map(|x| g711.encode_sample(x))).collect();
        let levels = || SimdLevel::available().map(|level| (level.name(), g711.with_level(level).unwrap()));
        let mut group = c.benchmark_group(format!("{law:?}"));
        group.throughput(Throughput::Elements(PACKET as u64));

        for (name, g711) in levels() {
            time(&mut group, &format!("encode/{name}"), &samples, |packet| {
                g711.encode(packet, black_box(&mut codes)).unwrap();
            });
        }
        for (name, g711) in levels() {
            time(&mut group, &format!("encode_f32/{name}"), &floats, |packet| {
                g711.encode_f32(packet, black_box(&mut codes)).unwrap();
            });
        }
        for (name, g711) in levels() {
            time(&mut group, &format!("decode/{name}"), &coded, |packet| {
                g711.decode(packet, black_box(&mut decoded)).unwrap();
            });
        }
        for (name, g711) in levels() {
            time(&mut group, &format!("decode_f32/{name}"), &coded, |packet| {
                g711.decode_f32(packet, black_box(&mut decoded_floats)).unwrap();
            });
        }
        for (name, g711) in levels() {
            let map = LawMap::gain(g711, g711, 0.5);
            time_in_place(&mut group, &format!("map/{name}"), &coded, |packet| map.apply(packet));
            time_in_place(&mut group, &format!("map metered/{name}"), &coded, |packet| {
                black_box(map.apply_metered(packet));
            });
        }
        group.bench_function("map/rebuilt", |b| b.iter(|| LawMap::gain(g711, g711, black_box(0.5))));
        group.finish();
    }
}

criterion_group!(benches, kernels);
criterion_main!(benches);
