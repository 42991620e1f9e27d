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

pub(super) fn gain_q12(frame: &mut [i16], gain: i16) {
    for sample in frame {
        *sample = ((i32::from(*sample) * i32::from(gain)) >> 12).clamp(-32_768, 32_767) as i16;
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

/// Output by output.
pub(super) fn fir(taps: &[f32], input: &[f32], output: &mut [f32]) {
    for (output, window) in output.iter_mut().zip(input.windows(taps.len())) {
        *output = taps.iter().rev().zip(window).map(|(tap, sample)| tap * sample).sum();
    }
}
