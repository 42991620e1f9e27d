//! Media relay: calls of two legs over UDP, each leg processed by mc-engine.
#![forbid(unsafe_code)]
