//! Waveforms: the highest and lowest sample of every pixel's time.

use plotters::prelude::*;

use super::call::{Picture, Track};
use super::panel::{Frame, axes, chart, legend};
use super::style::SPEECH;
use super::{Canvas, Drawn, Span};

/// Draws `track` in `colour` over bands where `speech` was heard.
pub(super) fn draw(
    area: &Canvas<'_>,
    picture: &Picture<'_>,
    track: &Track<'_>,
    speech: &[Span],
    colour: RGBColor,
) -> Drawn {
    // The same scale for all tracks: a level that changed must look changed.
    let tracks = [&picture.before, &picture.after];
    let peak = tracks.iter().flat_map(|track| track.samples).fold(0.05f32, |peak, s| peak.max(s.abs()));
    let peak = f64::from(peak) * 1.05;
    let frame = Frame { title: track.name, unit: "amplitude", values: -peak..peak, times: false };
    let mut chart = chart(area, picture.seconds(), frame)?;
    axes(&mut chart, 5, 1)?;
    let plot = chart.plotting_area();
    for span in speech {
        let band = [(span.start, -peak), (span.end, peak)];
        plot.draw(&Rectangle::new(band, SPEECH.mix(0.16).filled()))?;
    }
    let (columns, _) = plot.dim_in_pixel();
    let samples_per_second = f64::from(picture.rate.hz());
    let seconds_per_column = picture.seconds() / f64::from(columns.max(1));
    for column in 0..columns {
        let start = f64::from(column) * seconds_per_column;
        let first = (start * samples_per_second) as usize;
        let end = ((start + seconds_per_column) * samples_per_second).ceil() as usize;
        let Some(piece) = track.samples.get(first..end.min(track.samples.len())) else { break };
        let (low, high) = envelope(piece);
        plot.draw(&PathElement::new([(start, low), (start, high)], colour))?;
    }
    if !speech.is_empty() {
        legend(area, 40, SPEECH, "speech heard")?;
    }
    Ok(())
}

fn envelope(piece: &[f32]) -> (f64, f64) {
    piece.iter().fold((0.0f64, 0.0f64), |(low, high), &sample| {
        (low.min(f64::from(sample)), high.max(f64::from(sample)))
    })
}
