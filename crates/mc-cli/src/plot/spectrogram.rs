//! Spectrograms: short-time power over time and frequency.

use std::f32::consts::LN_10;

use plotters::element::BitMapElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};
use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

use super::call::{Picture, Track};
use super::panel::{Frame, axes, chart};
use super::style::{self, FAINT};
use super::{Canvas, Drawn};

/// Length of the windows, in milliseconds: harmonics of a voice stand apart, syllables do too.
const WINDOW_MS: u32 = 32;
/// Levels between which the colours run, in dBFS per bin.
const FLOOR_DB: f32 = -95.0;
const CEILING_DB: f32 = -25.0;

/// Levels in dBFS: a sine wave of amplitude 1 has 0 dB in its bin.
struct Spectrogram {
    bins: usize,
    hop: usize,
    /// Column after column, lowest frequency first.
    levels_db: Vec<f32>,
}

impl Spectrogram {
    /// Windows of `window` samples (even), one every quarter of that.
    fn of(samples: &[f32], window: usize) -> Self {
        let hop = window / 4;
        let bins = window / 2 + 1;
        let shape: Vec<f32> = apodize::hanning_iter(window + 1).take(window).map(|w| w as f32).collect();
        // A sine wave splits in two halves of the spectrum, each weighted by the window's sum.
        let scale = 2.0 / shape.iter().sum::<f32>();
        let fft = FftPlanner::new().plan_fft_forward(window);
        let mut scratch = vec![Complex::default(); fft.get_inplace_scratch_len()];
        let mut buffer = vec![Complex::default(); window];
        let mut levels_db = Vec::new();
        for centre in (0..samples.len()).step_by(hop) {
            for (n, (slot, weight)) in buffer.iter_mut().zip(&shape).enumerate() {
                let sample = (centre + n).checked_sub(window / 2).and_then(|at| samples.get(at));
                *slot = Complex::new(sample.copied().unwrap_or(0.0) * weight * scale, 0.0);
            }
            fft.process_with_scratch(&mut buffer, &mut scratch);
            levels_db.extend(buffer[..bins].iter().map(|bin| 10.0 / LN_10 * (bin.norm_sqr() + 1e-12).ln()));
        }
        Self { bins, hop, levels_db }
    }

    /// Level at sample `at` and `fraction` (0 to 1) of half the sample rate, between the four nearest bins.
    fn level(&self, at: f32, fraction: f32) -> f32 {
        let columns = self.levels_db.len() / self.bins;
        let look = |column: usize, bin: usize| match columns.checked_sub(1) {
            Some(last) => self.levels_db[column.min(last) * self.bins + bin.min(self.bins - 1)],
            None => FLOOR_DB,
        };
        let (x, y) = (at / self.hop as f32, fraction * (self.bins - 1) as f32);
        let (column, bin) = (x as usize, y as usize);
        let (right, up) = (x.fract(), y.fract());
        let low = look(column, bin) * (1.0 - right) + look(column + 1, bin) * right;
        let high = look(column, bin + 1) * (1.0 - right) + look(column + 1, bin + 1) * right;
        low * (1.0 - up) + high * up
    }
}

/// Draws the spectrogram of `track` with its colour scale.
pub(super) fn draw(area: &Canvas<'_>, picture: &Picture<'_>, track: &Track<'_>) -> Drawn {
    let top_khz = f64::from(picture.rate.hz()) / 2_000.0;
    let frame = Frame { title: track.name, unit: "kHz", values: 0.0..top_khz, times: false };
    let mut chart = chart(area, picture.seconds(), frame)?;
    axes(&mut chart, 5, 0)?;
    let plot = chart.plotting_area();
    let size = plot.dim_in_pixel();
    let spectrogram = Spectrogram::of(track.samples, picture.rate.samples_in_ms(WINDOW_MS));
    let samples_per_pixel = picture.seconds() as f32 * picture.rate.hz() as f32 / size.0 as f32;
    let image = pixels(size, |x, y| spectrogram.level(x as f32 * samples_per_pixel, y));
    if let Some(image) = BitMapElement::with_owned_buffer((0.0, top_khz), size, image) {
        plot.draw(&image)?;
    }

    let (left, top) = area.get_base_pixel();
    let (right, ceiling) = chart.backend_coord(&(picture.seconds(), top_khz));
    scale(area, (right - left + 18, ceiling - top), size.1)
}

/// The colour scale, beside the panel.
fn scale(area: &Canvas<'_>, (left, top): (i32, i32), height: u32) -> Drawn {
    const WIDTH: u32 = 14;
    let levels = pixels((WIDTH, height), |_, up| FLOOR_DB + up * (CEILING_DB - FLOOR_DB));
    if let Some(image) = BitMapElement::with_owned_buffer((left, top), (WIDTH, height), levels) {
        area.draw(&image)?;
    }
    for step in 0..=2 {
        let share = step as f32 / 2.0;
        let y = top + (share * height as f32) as i32;
        let level = CEILING_DB + share * (FLOOR_DB - CEILING_DB);
        let letters = style::anchored(14, FAINT, HPos::Left, VPos::Center);
        area.draw(&Text::new(format!("{level:.0} dBFS"), (left + WIDTH as i32 + 8, y), letters))?;
    }
    Ok(())
}

/// RGB bytes of an image whose pixel has the level that `level_db` says for its column and its height (0 to 1).
fn pixels((width, height): (u32, u32), level_db: impl Fn(u32, f32) -> f32) -> Vec<u8> {
    let mut bytes = Vec::with_capacity((width * height * 3) as usize);
    for row in 0..height {
        let up = 1.0 - (row as f32 + 0.5) / height as f32;
        for column in 0..width {
            let RGBColor(red, green, blue) = colour(level_db(column, up));
            bytes.extend([red, green, blue]);
        }
    }
    bytes
}

/// From paper through sea to night: louder is darker, evenly in lightness.
fn colour(level_db: f32) -> RGBColor {
    const STOPS: [[f32; 3]; 5] = [
        [252.0, 252.0, 250.0],
        [214.0, 229.0, 233.0],
        [120.0, 178.0, 196.0],
        [44.0, 104.0, 150.0],
        [22.0, 34.0, 74.0],
    ];
    let share = ((level_db - FLOOR_DB) / (CEILING_DB - FLOOR_DB)).clamp(0.0, 1.0);
    let place = share * (STOPS.len() - 1) as f32;
    let stop = (place as usize).min(STOPS.len() - 2);
    let mix = |channel: usize| {
        let (low, high) = (STOPS[stop][channel], STOPS[stop + 1][channel]);
        (low + (high - low) * (place - stop as f32)) as u8
    };
    RGBColor(mix(0), mix(1), mix(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sine wave of `amplitude` in the middle of bin 32 of 256.
    fn tone(amplitude: f32) -> Vec<f32> {
        (0..2_048).map(|n| amplitude * (std::f32::consts::TAU * n as f32 / 8.0).sin()).collect()
    }

    #[test]
    fn a_tone_has_its_level_in_its_bin_and_little_elsewhere() {
        let spectrogram = Spectrogram::of(&tone(0.1), 256);
        assert!((spectrogram.level(1_024.0, 0.25) + 20.0).abs() < 0.1);
        assert!(spectrogram.level(1_024.0, 0.5) < -100.0);
    }

    #[test]
    fn no_samples_show_the_floor_and_outside_shows_the_edge() {
        assert!((Spectrogram::of(&[], 256).level(0.0, 0.5) - FLOOR_DB).abs() < 1e-6);
        let spectrogram = Spectrogram::of(&tone(0.1), 256);
        assert!(spectrogram.level(1e6, 1.0).is_finite());
    }

    #[test]
    fn louder_is_never_lighter() {
        let lightness = |db: i32| {
            let RGBColor(red, green, blue) = colour(db as f32);
            u32::from(red) + u32::from(green) + u32::from(blue)
        };
        for db in -120..0 {
            assert!(lightness(db + 1) <= lightness(db), "{db}");
        }
    }
}
