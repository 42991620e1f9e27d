//! Values over time: a panel per quantity, a line per value.

use std::ops::Range;
use std::path::Path;

use plotters::prelude::*;

use super::panel::{Frame, axes, chart, legend};
use super::style::{AFTER, BEFORE, GAIN, SPEECH};
use super::{Canvas, Drawn, png};
use crate::failure::Failure;

/// Lines of a panel, first to last; further lines begin again.
const COLOURS: [RGBColor; 4] = [GAIN, AFTER, SPEECH, BEFORE];
/// Height of a panel, and of the labels of the time axis below the last one, in pixels.
const PANEL: u32 = 196;
const TIME_LABELS: u32 = 56;

/// A picture of how values change over time, one panel below the other.
pub(crate) struct TimePlot<'a> {
    pub(crate) title: &'a str,
    pub(crate) subtitle: &'a str,
    /// Length of the time axis in seconds.
    pub(crate) seconds: f64,
    pub(crate) panels: Vec<Series<'a>>,
}

/// One panel.
pub(crate) struct Series<'a> {
    pub(crate) title: &'a str,
    pub(crate) unit: &'a str,
    /// The values that are shown in any case; values beyond widen the panel.
    pub(crate) values: Range<f64>,
    pub(crate) lines: Vec<Line<'a>>,
}

/// One line of a panel.
pub(crate) struct Line<'a> {
    /// What stands beside the panel; nothing when empty.
    pub(crate) name: &'a str,
    /// Second and value, in the order of time; broken where the value is not finite.
    pub(crate) points: Vec<(f64, f64)>,
}

impl TimePlot<'_> {
    /// Draws the picture as a PNG at `path`.
    ///
    /// # Errors
    /// [`Failure::Run`] when the file cannot be written.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        let height = self.panels.len() as u32 * PANEL + TIME_LABELS;
        png(path, (self.title, self.subtitle), height, |body| {
            let mut below = body.clone();
            for (index, panel) in self.panels.iter().enumerate() {
                let last = index + 1 == self.panels.len();
                let (area, rest) = below.split_vertically(PANEL + if last { TIME_LABELS } else { 0 });
                draw(&area, self.seconds.max(0.01), panel, last)?;
                below = rest;
            }
            Ok(())
        })
    }
}

/// Draws one panel over `seconds`, with labels of the time axis below it when `times`. A single line stands
/// on a shade that reaches to 0.
pub(super) fn draw(area: &Canvas<'_>, seconds: f64, series: &Series<'_>, times: bool) -> Drawn {
    let frame = Frame { title: series.title, unit: series.unit, values: series.range(), times };
    let mut chart = chart(area, seconds, frame)?;
    let range = series.range();
    axes(&mut chart, 5, usize::from(range.end - range.start <= 4.0))?;
    for (index, line) in series.lines.iter().enumerate() {
        let colour = COLOURS[index % COLOURS.len()];
        for points in line.points.split(|(_, value)| !value.is_finite()) {
            if series.lines.len() == 1 {
                chart.draw_series(AreaSeries::new(points.iter().copied(), 0.0, colour.mix(0.15)))?;
            }
            // Where points are closer than pixels, as in a waveform, a wide line would only blur them. Piece by piece:
            // joined, steep pieces would get spikes that reach into the panels beside.
            let width = if points.len() > chart.plotting_area().dim_in_pixel().0 as usize { 1 } else { 2 };
            let pieces =
                points.windows(2).map(|ends| PathElement::new(ends.to_vec(), colour.stroke_width(width)));
            chart.draw_series(pieces)?;
        }
        if !line.name.is_empty() {
            legend(area, 40 + 22 * index as i32, colour, line.name)?;
        }
    }
    Ok(())
}

impl Series<'_> {
    /// The range of values that the panel shows.
    fn range(&self) -> Range<f64> {
        let points = self.lines.iter().flat_map(|line| &line.points);
        let finite = points.map(|&(_, value)| value).filter(|value| value.is_finite());
        finite.fold(self.values.clone(), |range, value| range.start.min(value)..range.end.max(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_widens_for_values_beyond_it_but_not_for_gaps() {
        let line = |points| Line { name: "", points };
        let lines = vec![line(vec![(0.0, 2.0), (1.0, f64::NAN)]), line(vec![(0.0, 12.5)])];
        let series = Series { title: "", unit: "", values: -1.0..10.0, lines };
        assert_eq!(series.range(), -1.0..12.5);
    }
}
