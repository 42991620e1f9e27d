//! What all panels share, and the one that shows who talks.

use std::error::Error;
use std::ops::Range;

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::call::Picture;
use super::style::{self, FAINT, GRID, INK, LEFT, RIGHT, ROWS};
use super::{Canvas, Drawn};

pub(super) type Chart<'a, 'b> =
    ChartContext<'a, BitMapBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// What a chart shows.
pub(super) struct Frame<'a> {
    pub(super) title: &'a str,
    /// Unit of the value axis.
    pub(super) unit: &'a str,
    pub(super) values: Range<f64>,
    /// Whether the time axis is labelled, below the chart.
    pub(super) times: bool,
}

/// An empty chart over `seconds`, framed like every other one.
pub(super) fn chart<'a, 'b>(
    area: &'a Canvas<'b>,
    seconds: f64,
    frame: Frame<'_>,
) -> Result<Chart<'a, 'b>, Box<dyn Error>> {
    area.draw(&Text::new(frame.title.to_owned(), (LEFT as i32, 14), style::letters(17, INK)))?;
    let unit = style::anchored(15, FAINT, HPos::Right, VPos::Top);
    area.draw(&Text::new(frame.unit.to_owned(), (LEFT as i32 - 12, 15), unit))?;
    let chart = ChartBuilder::on(area)
        .margin_top(40)
        .margin_right(RIGHT)
        .set_label_area_size(LabelAreaPosition::Left, LEFT)
        .set_label_area_size(LabelAreaPosition::Bottom, if frame.times { 56 } else { 0 })
        .build_cartesian_2d(0.0..seconds, frame.values)?;
    Ok(chart)
}

/// Grid and axes, the value axis with about `ticks` labels of `decimals` digits behind the point.
pub(super) fn axes(chart: &mut Chart<'_, '_>, ticks: usize, decimals: usize) -> Drawn {
    chart
        .configure_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(FAINT)
        .label_style(style::letters(15, FAINT))
        .axis_desc_style(style::letters(15, FAINT))
        .x_labels(20)
        .x_label_formatter(&|second| format!("{second}"))
        .x_desc("time in s")
        .y_labels(ticks)
        .y_label_formatter(&|value| format!("{value:.decimals$}"))
        .draw()?;
    Ok(())
}

/// Text beside a panel, right of it, at `y` pixels from the panel's upper edge.
pub(super) fn legend(area: &Canvas<'_>, y: i32, colour: RGBColor, text: &str) -> Drawn {
    let left = area.dim_in_pixel().0 as i32 - RIGHT as i32 + 18;
    area.draw(&Rectangle::new([(left, y + 2), (left + 12, y + 14)], colour.mix(0.6).filled()))?;
    area.draw(&Text::new(text.to_owned(), (left + 20, y), style::letters(15, INK)))?;
    Ok(())
}

/// Who talks when, a row each.
pub(super) fn activity(area: &Canvas<'_>, picture: &Picture<'_>) -> Drawn {
    let rows = picture.activity.len();
    let frame = Frame { title: "who talks", unit: "", values: 0.0..rows as f64, times: false };
    let chart = chart(area, picture.seconds(), frame)?;
    for (row, (activity, colour)) in picture.activity.iter().zip(ROWS.iter().cycle()).enumerate() {
        let bottom = (rows - 1 - row) as f64;
        let plot = chart.plotting_area();
        let base = [(0.0, bottom + 0.44), (picture.seconds(), bottom + 0.56)];
        plot.draw(&Rectangle::new(base, GRID.filled()))?;
        for span in &activity.spans {
            let bar = [(span.start, bottom + 0.14), (span.end, bottom + 0.86)];
            plot.draw(&Rectangle::new(bar, colour.filled()))?;
        }
        let (_, y) = chart.backend_coord(&(0.0, bottom + 0.5));
        let (_, top) = area.get_base_pixel();
        let label = style::anchored(15, INK, HPos::Right, VPos::Center);
        area.draw(&Text::new(activity.name.to_owned(), (LEFT as i32 - 10, y - top), label))?;
    }
    Ok(())
}
