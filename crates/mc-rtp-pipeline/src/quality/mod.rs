//! How good a call is, as a number: the E-model.

mod e_model;

pub use e_model::{CodecImpairment, EModel, Quality};
