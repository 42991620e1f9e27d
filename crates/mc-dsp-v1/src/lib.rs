//! Simple voice processors: NLMS echo canceller, RMS gain control, energy voice detector.
#![forbid(unsafe_code)]
