//! Time of one packet: `cargo bench -p mc-rtp-pipeline`.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mc_metrics::{Clock, MetricsCollector, NoClock, StageTimer};
use mc_rtp_pipeline::{FrameStage, Passthrough, PayloadFormat, RtpPipeline, RtpPipelineConfig};

/// 10, 20 and 60 ms.
const PAYLOADS: [usize; 3] = [80, 160, 480];

struct Gain(f32);

impl FrameStage for Gain {
    fn process<C: Clock>(&mut self, frame: &mut [f32], _timer: &mut StageTimer<'_, C>) {
        for sample in frame {
            *sample *= self.0;
        }
    }
}

fn bench_stage<S: FrameStage>(c: &mut Criterion, name: &str, egress: PayloadFormat, stage: &mut S) {
    let mut group = c.benchmark_group(name);
    for samples in PAYLOADS {
        let config = RtpPipelineConfig::default().with_egress(egress);
        let Ok(mut pipeline) = RtpPipeline::new(&config, Arc::new(MetricsCollector::new(0))) else {
            continue;
        };
        let mut datagram = vec![0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        datagram.extend((0..samples).map(|i| (i * 37) as u8));
        let received = datagram.clone();
        let mut sequence = 0u16;
        group.throughput(Throughput::Elements(1));
        group.bench_function(BenchmarkId::from_parameter(samples), |b| {
            b.iter(|| {
                // What the socket would do: fill the buffer again.
                datagram.copy_from_slice(&received);
                sequence = sequence.wrapping_add(1);
                datagram[2..4].copy_from_slice(&sequence.to_be_bytes());
                let egress = pipeline.process(black_box(&mut datagram), stage, &NoClock);
                black_box(egress.is_ok())
            });
        });
    }
    group.finish();
}

fn packet_path(c: &mut Criterion) {
    bench_stage(c, "renumber", PayloadFormat::PCMU, &mut Passthrough);
    bench_stage(c, "transcode", PayloadFormat::PCMA, &mut Passthrough);
    bench_stage(c, "gain", PayloadFormat::PCMU, &mut Gain(0.5));
}

criterion_group!(benches, packet_path);
criterion_main!(benches);
