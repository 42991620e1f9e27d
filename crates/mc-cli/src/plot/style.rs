//! Colours, letters and the frame that all panels share.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, register_font};

use super::{Canvas, Drawn};

pub(super) const PAPER: RGBColor = RGBColor(252, 252, 250);
pub(super) const INK: RGBColor = RGBColor(44, 53, 66);
pub(super) const FAINT: RGBColor = RGBColor(122, 132, 145);
pub(super) const GRID: RGBColor = RGBColor(226, 229, 232);
pub(super) const BEFORE: RGBColor = RGBColor(150, 160, 172);
pub(super) const AFTER: RGBColor = RGBColor(45, 108, 162);
pub(super) const SPEECH: RGBColor = RGBColor(86, 163, 118);
pub(super) const GAIN: RGBColor = RGBColor(204, 120, 50);
/// Rows of the strip on top, first to last; further rows begin again.
pub(super) const ROWS: [RGBColor; 3] = [RGBColor(196, 140, 92), AFTER, SPEECH];

/// Room left of every panel for its axis, so that all time axes stand one above the other.
pub(super) const LEFT: u32 = 96;
/// Room right of every panel for its legend.
pub(super) const RIGHT: u32 = 150;

const FONT: &str = "sans-serif";

/// Hands the letters to plotters: they are part of the program, so no fonts need be installed.
pub(super) fn register_fonts() -> Drawn {
    register_font(FONT, FontStyle::Normal, epaint_default_fonts::UBUNTU_LIGHT)
        .map_err(|_invalid| "the built-in font cannot be read".into())
}

/// Letters of `size` pixels.
pub(super) fn letters(size: u32, colour: RGBColor) -> TextStyle<'static> {
    (FONT, size).into_font().color(&colour)
}

/// Letters of `size` pixels that hang on `horizontal` and `vertical`.
pub(super) fn anchored(size: u32, colour: RGBColor, horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    letters(size, colour).pos(Pos::new(horizontal, vertical))
}

/// The two lines on top of the picture.
pub(super) fn header(area: &Canvas<'_>, title: &str, subtitle: &str) -> Drawn {
    area.draw(&Text::new(title.to_owned(), (LEFT as i32, 22), letters(30, INK)))?;
    area.draw(&Text::new(subtitle.to_owned(), (LEFT as i32, 62), letters(18, FAINT)))?;
    Ok(())
}
