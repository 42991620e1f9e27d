//! A packet's way from one telephone through the relay to the other, over loopback sockets: two system
//! calls at each telephone, two and a wake-up at the relay.
#![allow(clippy::unwrap_used, reason = "a benchmark that fails shall say so")]

use std::net::{Ipv4Addr, UdpSocket};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mc_engine::{AudioProcessingConfig, PayloadFormat};
use mc_relay::{LegConfig, LegId, MediaConfig, MediaSessionController, RelayConfig};

fn forward(c: &mut Criterion) {
    let mut group = c.benchmark_group("forward");
    group.throughput(Throughput::Elements(1));
    for (name, format, processing) in [
        ("untouched", PayloadFormat::PCMU, AudioProcessingConfig::default()),
        ("transcoded", PayloadFormat::PCMA, AudioProcessingConfig::default()),
        ("processed", PayloadFormat::PCMU, AudioProcessingConfig::all()),
    ] {
        let config = RelayConfig::default().with_workers(1).with_local_ip(Ipv4Addr::LOCALHOST.into());
        let relay = MediaSessionController::new(config).unwrap();
        let [a, b] = [0; 2].map(|_| UdpSocket::bind("127.0.0.1:0").unwrap());
        let media = MediaConfig::new(
            LegConfig::to(a.local_addr().unwrap()).with_processing(processing),
            LegConfig::to(b.local_addr().unwrap()).with_format(format),
        );
        let call = relay.start_media(name, media).unwrap();
        let mut packet = [0x55; 172];
        packet[..12].copy_from_slice(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        let (mut sequence, mut heard) = (0u16, [0; 200]);
        group.bench_function(name, |bench| {
            bench.iter(|| {
                sequence = sequence.wrapping_add(1);
                packet[2..4].copy_from_slice(&sequence.to_be_bytes());
                a.send_to(&packet, call.local_address(LegId::A)).unwrap();
                b.recv(&mut heard).unwrap()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, forward);
criterion_main!(benches);
