#![doc = include_str!("../README.md")]

mod arch;
mod calibrate;
mod dither;
mod level;
mod matrix;
mod operation;
mod plan;
mod planar;
mod processor;
mod real_spectrum;

pub use dither::Dither;
pub use level::{SimdLevel, UnavailableLevel};
pub use operation::{Operation, SizeClass, Strategy};
pub use plan::{PlanParseError, SelectionPlan};
pub use planar::Lesson;
pub use processor::SimdProcessor;
pub use real_spectrum::RealSpectrum;
