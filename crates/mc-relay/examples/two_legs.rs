//! A call of two telephones through the relay: Alice's takes PCMU and has an echo, Bob's takes PCMA.
//!
//! `cargo run --release -p mc-relay --example two_legs`
#![allow(clippy::print_stdout, reason = "the example shows its result")]

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use mc_engine::{AecConfig, AudioProcessingConfig, G711, PayloadFormat};
use mc_relay::{DialogId, LegConfig, LegId, MediaConfig, MediaSessionController, RelayConfig, RelayEvent};

const FRAME: usize = 160;
const FRAMES: usize = 400;

fn main() -> Result<(), Box<dyn Error>> {
    let mut alice = Telephone::new(PayloadFormat::PCMU)?;
    let mut bob = Telephone::new(PayloadFormat::PCMA)?;

    let relay = MediaSessionController::new(
        RelayConfig::default()
            .with_local_ip(Ipv4Addr::LOCALHOST.into())
            .with_ports(20_000..=20_099)
            .with_media_timeout(Duration::from_secs(5)),
    )?;
    let dialog = DialogId::from("alice-calls-bob");
    let no_echo = AudioProcessingConfig::default().with_echo_cancellation(AecConfig::default());
    let call = relay.start_media(
        dialog.clone(),
        MediaConfig::new(
            LegConfig::to(alice.address()?).with_format(alice.format).with_processing(no_echo),
            LegConfig::to(bob.address()?).with_format(bob.format),
        ),
    )?;
    let (to_alice, to_bob) = (call.local_address(LegId::A), call.local_address(LegId::B));
    println!("leg A at {to_alice}, leg B at {to_bob}");

    let mut noise = 1u32;
    for _ in 0..FRAMES {
        let speech: Vec<f32> = std::iter::repeat_with(|| next_noise(&mut noise)).take(FRAME).collect();
        bob.send(&speech, to_bob)?;
        let played = alice.receive()?;
        // Alice is silent; her microphone hears the loudspeaker at a third of its level.
        let echo: Vec<f32> = played.iter().map(|sample| sample / 3.0).collect();
        alice.send(&echo, to_alice)?;
        bob.receive()?;
    }

    let audio = relay.session(&dialog, LegId::A)?.audio();
    let totals = relay.stop_media(&dialog)?;
    for leg in LegId::ALL {
        let metrics = totals.metrics.leg(leg);
        println!("leg {leg}: {} received, {} sent", metrics.packets_received, metrics.packets_sent);
        for (reason, count) in metrics.drops() {
            println!("  {count} dropped: {reason}");
        }
    }
    let latency = &totals.metrics.latency;
    println!("in the relay: p50 {} µs, p99 {} µs", latency.p50 / 1_000, latency.p99 / 1_000);
    if let Some(erle_db) = audio.erle_db {
        println!("echo of leg A lowered by {erle_db:.1} dB");
    }
    while let Some(event) = relay.next_event(Duration::ZERO) {
        if let RelayEvent::Latched { leg, source, .. } = event {
            println!("leg {leg} latched to {source}");
        }
    }
    Ok(())
}

/// Uniform noise of ±0.1, from a linear congruential generator.
fn next_noise(state: &mut u32) -> f32 {
    *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    (*state as f32 / u32::MAX as f32 - 0.5) * 0.2
}

struct Telephone {
    socket: UdpSocket,
    format: PayloadFormat,
    sequence: u16,
}

impl Telephone {
    fn new(format: PayloadFormat) -> std::io::Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(Duration::from_secs(5)))?;
        Ok(Self { socket, format, sequence: 0 })
    }

    fn address(&self) -> std::io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    fn send(&mut self, samples: &[f32], relay: SocketAddr) -> Result<(), Box<dyn Error>> {
        let timestamp = u32::from(self.sequence) * FRAME as u32;
        let mut packet = vec![0x80, self.format.payload_type];
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(timestamp.to_be_bytes());
        packet.extend([0, 0, 0, self.format.payload_type + 1]);
        let header = packet.len();
        packet.resize(header + samples.len(), 0);
        G711::new(self.format.law).encode_f32(samples, &mut packet[header..])?;
        self.sequence += 1;
        self.socket.send_to(&packet, relay)?;
        Ok(())
    }

    fn receive(&self) -> Result<Vec<f32>, Box<dyn Error>> {
        let mut packet = [0; 1_500];
        let (length, _) = self.socket.recv_from(&mut packet)?;
        let payload = &packet[12..length];
        let mut samples = vec![0.0; payload.len()];
        G711::new(self.format.law).decode_f32(payload, &mut samples)?;
        Ok(samples)
    }
}
