//! Rates changed: what passes, what does not, and that pieces make no difference.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

use mc_dsp::SampleRate::{self, Hz8000, Hz16000, Hz32000, Hz48000};
use mc_rtp_pipeline::Resampler;
use mc_testkit::measure::{rms_dbfs, snr_db};
use mc_testkit::signal::{sine, white_noise};

fn resample(from: SampleRate, to: SampleRate, input: &[f32]) -> Vec<f32> {
    let mut resampler = Resampler::new(from, to).unwrap();
    let mut output = vec![0.0; resampler.output_len(input.len())];
    assert_eq!(resampler.process(input, &mut output), output.len());
    output
}

#[test]
fn the_telephone_band_passes_and_comes_back() {
    for to in [Hz16000, Hz32000, Hz48000] {
        for frequency in [50.0, 300.0, 1_000.0, 2_500.0, 3_400.0] {
            let input = sine(8_000, frequency, 0.5, 8_000);
            let high = resample(Hz8000, to, &input);
            let level = rms_dbfs(&high[high.len() / 4..]) - rms_dbfs(&input[2_000..]);
            assert!(level.abs() < 0.05, "{level} dB at {frequency} Hz to {to:?}");
            // Twice 31.5 samples late, within half a step of the higher rate.
            let back = resample(to, Hz8000, &high);
            let aligned: Vec<f32> = back[63..].to_vec();
            let snr = snr_db(&input[1_000..7_000], &aligned[1_000..7_000]);
            let level = rms_dbfs(&aligned[2_000..7_000]) - rms_dbfs(&input[2_000..7_000]);
            assert!(level.abs() < 0.1, "{level} dB at {frequency} Hz");
            assert!(snr > 10.0 || frequency > 1_000.0, "{snr} dB at {frequency} Hz by {to:?}");
        }
    }
}

#[test]
fn what_the_lower_rate_cannot_hold_is_gone() {
    for (from, frequency) in [(Hz16000, 4_100.0), (Hz16000, 7_000.0), (Hz48000, 4_100.0), (Hz48000, 20_000.0)]
    {
        let input = sine(from.hz(), frequency, 0.5, from.hz() as usize);
        let output = resample(from, Hz8000, &input);
        let level = rms_dbfs(&output[2_000..]) - rms_dbfs(&input);
        assert!(level < -65.0, "{level} dB at {frequency} Hz");
    }
    // Going up, the mirror images of a tone are.
    let tone = sine(8_000, 3_000.0, 0.5, 8_000);
    let high = resample(Hz8000, Hz16000, &tone);
    let back: Vec<f32> = high.windows(3).map(|w| 0.25 * w[0] - 0.5 * w[1] + 0.25 * w[2]).collect();
    let expected = sine(16_000, 3_000.0, 0.5, 16_000);
    let wanted: Vec<f32> = expected.windows(3).map(|w| 0.25 * w[0] - 0.5 * w[1] + 0.25 * w[2]).collect();
    let difference = rms_dbfs(&back[4_000..]) - rms_dbfs(&wanted[4_000..]);
    assert!(difference.abs() < 0.05, "{difference} dB more above than the tone's own");
}

#[test]
fn pieces_of_any_length_make_the_same_stream() {
    for (from, to, factor) in
        [(Hz8000, Hz48000, 1), (Hz48000, Hz8000, 6), (Hz16000, Hz8000, 2), (Hz8000, Hz8000, 1)]
    {
        let input = white_noise(9, -20.0, 12_000);
        let whole = resample(from, to, &input);
        let mut resampler = Resampler::new(from, to).unwrap();
        let mut pieces = Vec::new();
        let mut rest = &input[..];
        for length in (1..).map(|n| n * 37 % 200 * factor) {
            let (piece, after) = rest.split_at(length.min(rest.len()));
            let mut output = vec![0.0; resampler.output_len(piece.len())];
            resampler.process(piece, &mut output);
            pieces.extend(output);
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        assert!(pieces == whole, "{from:?} to {to:?}");
    }
    assert_eq!(Resampler::new(Hz32000, Hz48000).unwrap_err().field(), "to");
}
