//! Rates changed: what passes, what does not, and that pieces make no difference.

use mc_dsp::SampleRate::{self, Hz8000, Hz16000, Hz32000, Hz48000};
use mc_rtp_pipeline::Resampler;
use mc_testkit::measure::snr_db;
use mc_testkit::signal::{sine, white_noise};

/// Every two rates that differ.
fn pairs() -> impl Iterator<Item = (SampleRate, SampleRate)> {
    let all = SampleRate::ALL.into_iter();
    all.flat_map(|from| SampleRate::ALL.into_iter().map(move |to| (from, to))).filter(|(from, to)| from != to)
}

fn resample(from: SampleRate, to: SampleRate, input: &[f32]) -> Vec<f32> {
    // A sample of room too many shows that no more are made than there should be.
    let mut output = vec![0.0; input.len() * to.hz() as usize / from.hz() as usize + 1];
    let made = Resampler::new(from, to).process(input, &mut output);
    assert_eq!(made, output.len() - 1);
    output.truncate(made);
    output
}

/// Energy per sample of `signal` at `hz`, and elsewhere, in dB against a sine of amplitude 0.5: of the whole seconds
/// behind the first tenth.
fn at_and_besides(signal: &[f32], rate: SampleRate, hz: f64) -> (f64, f64) {
    let settled = &signal[rate.samples_in_ms(100)..rate.samples_in_ms(1_100)];
    let step = std::f64::consts::TAU * hz / f64::from(rate.hz());
    let (mut i, mut q, mut energy) = (0.0, 0.0, 0.0);
    for (n, &sample) in settled.iter().enumerate() {
        let (sin, cos) = (step * n as f64).sin_cos();
        i += f64::from(sample) * cos;
        q += f64::from(sample) * sin;
        energy += f64::from(sample).powi(2);
    }
    let count = settled.len() as f64;
    let at = 2.0 * (i * i + q * q) / (count * count);
    let db = |power: f64| 10.0 * (power.max(1e-20) / 0.125).log10();
    (db(at), db(energy / count - at))
}

#[test]
fn the_pass_band_is_flat_and_free_of_images() {
    for (from, to) in pairs() {
        let low = f64::from(from.hz().min(to.hz()));
        for share in [0.002, 0.05, 0.1, 0.2, 0.3, 0.4, 0.425] {
            let hz = (share * low).round();
            let output = resample(from, to, &sine(from.hz(), hz, 0.5, from.samples_in_ms(1_100)));
            let (level, besides) = at_and_besides(&output, to, hz);
            assert!(level.abs() < 0.05, "{from:?} to {to:?}: {level} dB at {hz} Hz");
            assert!(besides < -68.0, "{from:?} to {to:?}: {besides} dB beside {hz} Hz");
        }
    }
}

#[test]
fn what_the_lower_rate_cannot_carry_is_gone() {
    for (from, to) in pairs().filter(|(from, to)| from > to) {
        for share in [0.5, 0.51, 0.6, 0.8, 1.0, 1.7, 2.9] {
            let hz = share * f64::from(to.hz());
            if hz >= f64::from(from.hz()) / 2.0 {
                continue;
            }
            let output = resample(from, to, &sine(from.hz(), hz, 0.5, from.samples_in_ms(1_100)));
            // Wherever the alias lies.
            let (at, besides) = at_and_besides(&output, to, 0.0);
            assert!(at.max(besides) < -68.0, "{from:?} to {to:?}: {} dB of {hz} Hz", at.max(besides));
        }
    }
}

#[test]
fn the_way_there_and_back_is_the_audio_later() {
    for high in [Hz16000, Hz32000, Hz48000] {
        for hz in [50.0, 1_000.0, 3_400.0] {
            let input = sine(8_000, hz, 0.5, 8_000);
            let back = resample(high, Hz8000, &resample(Hz8000, high, &input));
            // 4 ms each way.
            let latency =
                Resampler::new(Hz8000, high).latency_ms() + Resampler::new(high, Hz8000).latency_ms();
            assert!((latency - 8.0).abs() < 1e-6);
            let snr = snr_db(&input[1_000..7_000], &back[1_064..7_064]);
            assert!(snr > 40.0, "{snr} dB at {hz} Hz by {high:?}");
        }
    }
}

#[test]
fn the_same_rate_is_the_same_audio_at_once() {
    let noise = white_noise(3, -20.0, 1_000);
    assert!(resample(Hz16000, Hz16000, &noise) == noise);
    assert!(Resampler::new(Hz16000, Hz16000).latency_ms() == 0.0);
}

#[test]
fn rates_of_music_pass_too_and_odd_ones_are_refused() {
    for from in [11_025, 22_050, 44_100, 96_000] {
        let input = sine(from, 1_000.0, 0.5, 2 * from as usize);
        let mut output = vec![0.0; 16_001];
        let made = Resampler::between(from, 8_000).unwrap().process(&input, &mut output);
        assert_eq!(made, 16_000);
        let (level, besides) = at_and_besides(&output, Hz8000, 1_000.0);
        assert!(level.abs() < 0.05 && besides < -68.0, "{from}: {level} dB, {besides} dB");
    }
    for (from, to, field) in
        [(3_999, 8_000, "from_hz"), (8_000, 192_001, "to_hz"), (44_101, 8_000, "from_hz")]
    {
        assert_eq!(Resampler::between(from, to).unwrap_err().field(), field);
    }
}

#[test]
fn pieces_of_any_length_make_the_same_stream() {
    for (from, to) in [(Hz8000, Hz48000), (Hz48000, Hz8000), (Hz16000, Hz8000), (Hz32000, Hz48000)] {
        let input = white_noise(9, -20.0, 12_000);
        let whole = resample(from, to, &input);
        let mut resampler = Resampler::new(from, to);
        let mut again = || {
            let mut pieces: Vec<f32> = Vec::new();
            let mut rest = &input[..];
            for length in (1..).map(|n| n * 37 % 700) {
                let (piece, after) = rest.split_at(length.min(rest.len()));
                let mut output = vec![0.0; 6 * piece.len() + 1];
                let made = resampler.process(piece, &mut output);
                pieces.extend(&output[..made]);
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
            resampler.reset();
            pieces
        };
        assert!(again() == whole, "{from:?} to {to:?}");
        assert!(again() == whole, "{from:?} to {to:?} after a reset");
    }
}
