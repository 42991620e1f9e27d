//! One tick of a conference in which everybody talks and is served.

use mc_dsp::SampleRate;
use mc_engine::{Conference, ConferenceConfig};

use super::Kernel;
use crate::Failure;
use crate::input::{FRAMES, samples_of, speech};
use crate::run::{Digest, Run};

pub(super) const KERNELS: &[Kernel] = &[
    Kernel { name: "conference/10", measure: |run| tick(run, 10) },
    Kernel { name: "conference/60", measure: |run| tick(run, 60) },
];

/// Everybody says again what was said first; nobody decodes.
fn tick(run: &mut Run, talkers: usize) -> Result<Digest, Failure> {
    let mut room = Conference::new(ConferenceConfig::default())?;
    let ids = (0..talkers).map(|_| room.join(SampleRate::Hz8000)).collect::<Result<Vec<_>, _>>()?;
    let voice = speech(1);
    for (n, id) in ids.iter().enumerate() {
        if let Some(place) = room.speak(*id) {
            place.copy_from_slice(&voice[samples_of(n % FRAMES)]);
        }
    }
    run.repeat(|_| {
        for id in &ids {
            std::hint::black_box(room.speak(*id));
        }
        room.tick();
    });
    let heard: Vec<f32> = ids.iter().flat_map(|id| room.hear(*id)).copied().collect();
    Ok(run.digest(&heard))
}
