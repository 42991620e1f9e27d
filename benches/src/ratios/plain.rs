//! The loop that one writes without thinking of the machine, for each kernel.

/// One look-up per code.
pub(super) fn decode(table: &[i16; 256], codes: &[u8], samples: &mut [i16]) {
    for (sample, &code) in samples.iter_mut().zip(codes) {
        *sample = table[usize::from(code)];
    }
}

pub(super) fn gain_rounded(frame: &mut [i16], gain: f32) {
    for sample in frame {
        *sample = (f32::from(*sample) * gain).round() as i16;
    }
}

#[inline(never)]
pub(super) fn gain(frame: &mut [f32], gain: f32) {
    for sample in frame {
        *sample *= gain;
    }
}

pub(super) fn energy(frame: &[f32]) -> f64 {
    frame.iter().map(|&sample| f64::from(sample) * f64::from(sample)).sum()
}

pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

pub(super) fn f32_to_i16(from: &[f32], to: &mut [i16]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = (from * 32_768.0).round() as i16;
    }
}

/// Tap by tap, which the compiler turns into vectors; output by output takes it several times as long.
pub(super) fn fir(taps: &[f32], input: &[f32], output: &mut [f32]) {
    output.fill(0.0);
    for (delay, tap) in taps.iter().rev().enumerate() {
        for (output, sample) in output.iter_mut().zip(&input[delay..]) {
            *output += tap * sample;
        }
    }
}
