//! RTP in, decode, process, encode, RTP out: one packet buffer, no allocation, no I/O.
#![forbid(unsafe_code)]
