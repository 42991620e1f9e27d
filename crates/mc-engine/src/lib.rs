//! Media sessions: voice processors wired to the packet path, configured per session, measured.
#![forbid(unsafe_code)]
