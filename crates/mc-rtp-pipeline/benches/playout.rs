//! Time of the receiver's parts: `cargo bench -p mc-rtp-pipeline --bench playout`.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use mc_dsp::SampleRate;
use mc_g711::{G711, Law};
use mc_rtp_pipeline::{JitterBuffer, JitterConfig, MediaPacket, Playout, Resampler};
use mc_testkit::signal::Talker;

const PTIME: Duration = Duration::from_millis(20);
const SAMPLES: usize = 160;

fn packet(index: u64, payload: &[u8]) -> MediaPacket<'_> {
    MediaPacket {
        payload_type: 0,
        marker: false,
        sequence: index as u16,
        timestamp: (index as u32).wrapping_mul(SAMPLES as u32),
        ssrc: 1,
        payload,
    }
}

/// One packet in and one out, with two waiting.
fn jitter_buffer(c: &mut Criterion) {
    let Ok(mut buffer) = JitterBuffer::new(&JitterConfig::default()) else { return };
    let payload = [0x55; SAMPLES];
    let mut index = 0;
    let mut step = |buffer: &mut JitterBuffer| {
        index += 1;
        buffer.insert(&packet(index, black_box(&payload)), PTIME * index as u32)
    };
    step(&mut buffer);
    step(&mut buffer);
    c.bench_function("jitter_buffer/insert_take", |b| {
        b.iter(|| {
            step(&mut buffer);
            buffer.take().map(|taken| black_box(taken.payload)[0])
        });
    });
}

/// 20 ms of speech received and played in two halves, with losses in per cent.
fn playout(c: &mut Criterion) {
    let codec = G711::new(Law::Mu);
    let speech = Talker::new(1, 8_000).say(10.0, -20.0).samples;
    let mut codes = vec![0; speech.len()];
    if codec.encode_f32(&speech, &mut codes).is_err() {
        return;
    }
    let payloads: Vec<&[u8]> = codes.chunks_exact(SAMPLES).collect();
    for loss in [0, 5] {
        let Ok(mut receiver) = Playout::new(&JitterConfig::default(), codec) else { return };
        let mut index = 0;
        c.bench_function(&format!("playout/20ms/{loss}%"), |b| {
            b.iter(|| {
                index += 1;
                let now = PTIME * index as u32;
                if loss == 0 || index % (100 / loss) != 3 {
                    receiver.insert(&packet(index, payloads[index as usize % payloads.len()]), now);
                }
                let mut out = [0.0; SAMPLES];
                let (first, second) = out.split_at_mut(SAMPLES / 2);
                receiver.play(first, now);
                receiver.play(second, now + PTIME / 2);
                black_box(out)
            });
        });
    }
}

/// 20 ms from and to 8 kHz.
fn resample(c: &mut Criterion) {
    let (low, high) = (SampleRate::Hz8000, [SampleRate::Hz16000, SampleRate::Hz48000]);
    for (from, to) in high.into_iter().flat_map(|high| [(low, high), (high, low)]) {
        let mut resampler = Resampler::new(from, to);
        let input = vec![0.1; from.samples_in_ms(20)];
        let mut output = vec![0.0; to.samples_in_ms(20)];
        c.bench_function(&format!("resample/20ms/{}-{}", from.hz(), to.hz()), |b| {
            b.iter(|| resampler.process(black_box(&input), &mut output));
        });
    }
}

criterion_group!(benches, jitter_buffer, playout, resample);
criterion_main!(benches);
