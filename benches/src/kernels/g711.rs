//! Companding of one frame.

use mc_g711::{Law, LawMap};

use super::Kernel;
use crate::Failure;
use crate::input::{FRAMES, SAMPLES, samples_of, speech, speech_codes, speech_i16};
use crate::run::{Digest, Run};

pub(super) const KERNELS: &[Kernel] = &[
    Kernel { name: "g711/encode_mu", measure: |run| encode(run, Law::Mu) },
    Kernel { name: "g711/encode_a", measure: |run| encode(run, Law::A) },
    Kernel { name: "g711/decode_mu", measure: |run| decode(run, Law::Mu) },
    Kernel { name: "g711/decode_a", measure: |run| decode(run, Law::A) },
    Kernel { name: "g711/encode_mu_f32", measure: |run| encode_f32(run, Law::Mu) },
    Kernel { name: "g711/encode_a_f32", measure: |run| encode_f32(run, Law::A) },
    Kernel { name: "g711/decode_mu_f32", measure: |run| decode_f32(run, Law::Mu) },
    Kernel { name: "g711/decode_a_f32", measure: |run| decode_f32(run, Law::A) },
    Kernel { name: "g711/map_mu_to_a", measure: map },
    Kernel { name: "g711/map_mu_to_a_metered", measure: map_metered },
];

fn encode(run: &mut Run, law: Law) -> Result<Digest, Failure> {
    let (codec, samples) = (run.codec(law), speech_i16(1));
    let mut codes = vec![0_u8; FRAMES * SAMPLES];
    let mut outcome = Ok(());
    run.repeat(|frame| outcome = codec.encode(&samples[samples_of(frame)], &mut codes[samples_of(frame)]));
    outcome?;
    Ok(run.digest(&codes))
}

fn decode(run: &mut Run, law: Law) -> Result<Digest, Failure> {
    let (codec, codes) = (run.codec(law), speech_codes(1, law)?);
    let mut samples = vec![0_i16; FRAMES * SAMPLES];
    let mut outcome = Ok(());
    run.repeat(|frame| outcome = codec.decode(&codes[samples_of(frame)], &mut samples[samples_of(frame)]));
    outcome?;
    Ok(run.digest(&samples))
}

fn encode_f32(run: &mut Run, law: Law) -> Result<Digest, Failure> {
    let (codec, samples) = (run.codec(law), speech(1));
    let mut codes = vec![0_u8; FRAMES * SAMPLES];
    let mut outcome = Ok(());
    run.repeat(|frame| {
        outcome = codec.encode_f32(&samples[samples_of(frame)], &mut codes[samples_of(frame)]);
    });
    outcome?;
    Ok(run.digest(&codes))
}

fn decode_f32(run: &mut Run, law: Law) -> Result<Digest, Failure> {
    let (codec, codes) = (run.codec(law), speech_codes(1, law)?);
    let mut samples = vec![0_f32; FRAMES * SAMPLES];
    let mut outcome = Ok(());
    run.repeat(|frame| {
        outcome = codec.decode_f32(&codes[samples_of(frame)], &mut samples[samples_of(frame)]);
    });
    outcome?;
    Ok(run.digest(&samples))
}

fn map(run: &mut Run) -> Result<Digest, Failure> {
    let (map, mut codes) =
        (LawMap::transcode(run.codec(Law::Mu), run.codec(Law::A)), speech_codes(1, Law::Mu)?);
    run.repeat(|frame| map.apply(&mut codes[samples_of(frame)]));
    Ok(run.digest(&codes))
}

fn map_metered(run: &mut Run) -> Result<Digest, Failure> {
    let (map, mut codes) =
        (LawMap::transcode(run.codec(Law::Mu), run.codec(Law::A)), speech_codes(1, Law::Mu)?);
    let mut energies = [0; FRAMES];
    run.repeat(|frame| energies[frame] = map.apply_metered(&mut codes[samples_of(frame)]));
    Ok(run.digest(&energies))
}
