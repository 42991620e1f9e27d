//! Pictures: panels over one time axis, drawn into a PNG.

mod call;
mod panel;
mod series;
mod spectrogram;
mod style;
mod waveform;

pub(crate) use call::{Activity, Picture, Track};
pub(crate) use series::{Line, Series, TimePlot};

use std::error::Error;
use std::ops::Range;
use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::failure::Failure;

/// Width of every picture in pixels.
const WIDTH: u32 = 1_600;
/// Height of the two lines on top, in pixels.
const HEADER: u32 = 96;

type Canvas<'a> = DrawingArea<BitMapBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn Error>>;

/// A stretch of time in seconds.
pub(crate) type Span = Range<f64>;

/// Writes a PNG at `path`: two lines on top, and below them, `height` pixels high, what `body` draws.
fn png(
    path: &Path,
    (title, subtitle): (&str, &str),
    height: u32,
    body: impl FnOnce(&Canvas<'_>) -> Drawn,
) -> Result<(), Failure> {
    let draw = || -> Drawn {
        style::register_fonts()?;
        let canvas = BitMapBackend::new(path, (WIDTH, HEADER + height)).into_drawing_area();
        canvas.fill(&style::PAPER)?;
        let (header, rest) = canvas.split_vertically(HEADER);
        style::header(&header, title, subtitle)?;
        body(&rest)?;
        canvas.present()?;
        Ok(())
    };
    draw().map_err(|error| Failure::run(format_args!("{}: {error}", path.display())))
}
