//! NEON, which every 64-bit Arm CPU of telephony servers and phones has.

pub(super) mod neon;
