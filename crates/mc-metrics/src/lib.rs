//! Counters, histograms and snapshots for media pipelines: one writer, any reader, no locks.
#![forbid(unsafe_code)]
