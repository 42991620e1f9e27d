//! What the packet path allocates, copies and takes from its pools over [`PACKETS`] packets, one
//! `scenario/what NUMBER` a line.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "printing is what this program is for")]

use mc_benches::Failure;
use mc_benches::call::Call;
use mc_benches::inject::Saboteur;
use mc_benches::input::{FRAMES, packets, samples_of, speech};
use mc_engine::{AudioProcessingConfig, PayloadFormat};
use mc_testkit::alloc::{CountingAllocator, count_allocations};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Packets before counting begins: whatever is set up on first use is set up by then.
const WARM_UP: usize = 128;
/// Packets counted: 20 s of audio.
const PACKETS: usize = 1_000;

fn main() -> Result<(), Failure> {
    let none = AudioProcessingConfig::default;
    scenario("pcmu_to_pcmu", PayloadFormat::PCMU, none())?;
    scenario("pcmu_to_pcma", PayloadFormat::PCMA, none())?;
    scenario("processors_v1", PayloadFormat::PCMA, AudioProcessingConfig::all())
}

fn scenario(name: &str, egress: PayloadFormat, processing: AudioProcessingConfig) -> Result<(), Failure> {
    let mut call = Call::new(egress, processing)?;
    let saboteur = Saboteur::asked_for()?;
    let (far_end, copies) = (speech(2), packets(1)?);
    let pass = |call: &mut Call, packets: usize| -> Result<(), Failure> {
        for packet in 0..packets {
            let frame = packet % FRAMES;
            call.render(&far_end[samples_of(frame)]);
            call.pass(frame)?;
            saboteur.spoil(&copies[frame])?;
        }
        Ok(())
    };
    pass(&mut call, WARM_UP)?;
    let before = observe(&call, &saboteur);
    let (allocations, outcome) = count_allocations(|| pass(&mut call, PACKETS));
    outcome?;
    println!("{name}/allocations {allocations}");
    for ((what, after), (_, before)) in observe(&call, &saboteur).into_iter().zip(before) {
        println!("{name}/{what} {}", after - before);
    }
    Ok(())
}

/// What the session and the saboteur have counted so far.
fn observe(call: &Call, saboteur: &Saboteur) -> [(&'static str, u64); 4] {
    let metrics = call.session().handle().metrics().performance;
    [
        ("copied_bytes", metrics.copied_bytes + saboteur.copied_bytes()),
        ("dropped", metrics.dropped),
        ("pool_hits", metrics.pool_hits),
        ("pool_misses", metrics.pool_misses),
    ]
}
