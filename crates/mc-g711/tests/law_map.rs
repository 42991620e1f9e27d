//! A map of codes against the operation that it stands for.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use mc_g711::{Convention, G711, Law, LawMap, SimdLevel};

fn all_codes() -> [u8; 256] {
    std::array::from_fn(|code| code as u8)
}

fn pairs() -> impl Iterator<Item = (G711, G711)> {
    let codecs = [Law::Mu, Law::A].map(G711::new);
    let spandsp = G711::new(Law::Mu).with_convention(Convention::Spandsp);
    SimdLevel::available().flat_map(move |level| {
        codecs.into_iter().flat_map(move |input| {
            [codecs[0], codecs[1], spandsp].map(|output| (input.with_level(level).unwrap(), output))
        })
    })
}

#[test]
fn a_gain_is_decoding_multiplying_and_encoding() {
    for (input, output) in pairs() {
        for gain in [1.0, 0.5, 0.1, 1.413, 7.9, 1000.0, -1.0, 0.0] {
            let mut samples = [0.0; 256];
            input.decode_f32(&all_codes(), &mut samples).unwrap();
            let louder = samples.map(|sample| sample * gain);
            let mut expected = [0; 256];
            output.encode_f32(&louder, &mut expected).unwrap();

            let mut codes = all_codes();
            LawMap::gain(input, output, gain).apply(&mut codes);
            assert_eq!(codes, expected, "{input:?} {output:?} {gain}");
        }
    }
}

#[test]
fn transcoding_is_decoding_and_encoding() {
    for (input, output) in pairs() {
        let mut codes = all_codes();
        LawMap::transcode(input, output).apply(&mut codes);
        assert_eq!(codes, all_codes().map(|code| output.encode_sample(input.decode_code(code))));
    }
}

#[test]
fn silence_is_what_is_left_of_mute_and_of_a_gain_that_is_not_a_number() {
    for (input, output) in pairs() {
        let silence = [output.law().silence(); 256];
        for map in [LawMap::mute(input, output), LawMap::gain(input, output, f32::NAN)] {
            let mut codes = all_codes();
            map.apply(&mut codes);
            assert_eq!(codes, silence, "{input:?} {output:?}");
        }
    }
}

#[test]
fn metering_measures_what_came_in() {
    for (input, output) in pairs() {
        let map = LawMap::gain(input, output, 0.25);
        let (mut metered, mut plain) = (all_codes(), all_codes());
        let energy = map.apply_metered(&mut metered);
        map.apply(&mut plain);
        assert_eq!(metered, plain);
        assert_eq!(energy, input.energy(&all_codes()));
        assert_ne!(energy, output.energy(&metered));
    }
}
