//! Regressions on request, so that the gate can be seen to find them.

use std::hint::black_box;

use mc_pool::{AudioFramePool, FramePoolConfig};

use crate::Failure;

/// Environment variable that names an [`Injection`].
pub const VARIABLE: &str = "MC_BENCHES_INJECT";

/// What is made worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Injection {
    /// One more allocation per packet.
    Allocation,
    /// One more copy of the payload per packet or operation.
    Copy,
    /// Every twentieth operation is done twice: 5 % more instructions.
    Instructions,
    /// Another output.
    Output,
    /// Kernels without SIMD.
    Scalar,
}

impl Injection {
    /// What [`VARIABLE`] asks for; nothing when it is not set.
    ///
    /// # Errors
    /// When it is set to something else.
    pub fn asked_for() -> Result<Option<Self>, Failure> {
        match std::env::var(VARIABLE).as_deref() {
            Err(_) => Ok(None),
            Ok("allocation") => Ok(Some(Self::Allocation)),
            Ok("copy") => Ok(Some(Self::Copy)),
            Ok("instructions") => Ok(Some(Self::Instructions)),
            Ok("output") => Ok(Some(Self::Output)),
            Ok("scalar") => Ok(Some(Self::Scalar)),
            Ok(other) => Err(format!("{VARIABLE}={other} is no injection").into()),
        }
    }
}

/// Does to each packet what an injection asks for.
pub struct Saboteur {
    injection: Option<Injection>,
    copies: AudioFramePool<u8>,
}

impl Saboteur {
    /// One that does what was [asked for](Injection::asked_for).
    ///
    /// # Errors
    /// When that is unknown.
    pub fn asked_for() -> Result<Self, Failure> {
        let copies = AudioFramePool::new(FramePoolConfig::default().with_initial_frames(1))?;
        Ok(Self { injection: Injection::asked_for()?, copies })
    }

    /// Spoils the handling of one packet.
    ///
    /// # Errors
    /// When the packet is too long to be copied.
    pub fn spoil(&self, packet: &[u8]) -> Result<(), Failure> {
        match self.injection {
            Some(Injection::Allocation) => drop(black_box(Box::new(0_u8))),
            Some(Injection::Copy) => drop(black_box(self.copies.get_copy(packet)?)),
            _ => {}
        }
        Ok(())
    }

    /// Bytes copied on purpose.
    #[must_use]
    pub fn copied_bytes(&self) -> u64 {
        self.copies.stats().copied_bytes
    }
}
