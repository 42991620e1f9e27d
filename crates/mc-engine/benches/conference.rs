//! Time of one tick of a conference, 20 ms at 8 kHz, in which everybody talks and is served; codecs are not in it.
//! `cargo bench -p mc-engine --bench conference`

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mc_engine::{Conference, ConferenceConfig, ConfigError, PartyId, SampleRate};
use mc_testkit::signal::white_noise;

const TICK: usize = 160;

/// A conference of `talkers` who are as loud as to be limited now and then, with what each said last.
fn room(talkers: usize) -> Result<(Conference, Vec<PartyId>), ConfigError> {
    let mut room = Conference::new(ConferenceConfig::default())?;
    let ids = (0..talkers).map(|_| room.join(SampleRate::Hz8000)).collect::<Result<Vec<_>, _>>()?;
    for (n, id) in ids.iter().enumerate() {
        if let Some(voice) = room.speak(*id) {
            voice.copy_from_slice(&white_noise(n as u64, -30.0, TICK));
        }
    }
    Ok((room, ids))
}

fn ticks(c: &mut Criterion) {
    let mut group = c.benchmark_group("conference");
    for talkers in [10, 30, 60, 100, 300, 1_000] {
        let Ok((mut room, ids)) = room(talkers) else { continue };
        group.throughput(Throughput::Elements(talkers as u64));
        group.bench_function(BenchmarkId::from_parameter(talkers), |b| {
            b.iter(|| {
                for id in &ids {
                    // A decoder would write here; what was written before is still there.
                    black_box(room.speak(*id));
                }
                room.tick();
                for id in &ids {
                    black_box(room.hear(*id));
                }
            });
        });
    }
    group.finish();
}

criterion_group!(benches, ticks);
criterion_main!(benches);
