//! What is measured and what is committed: the same data, so that any two can be compared.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Exact counts of the packet path, over a fixed number of packets: `scenario/what` to how many.
pub(super) type PacketCounts = BTreeMap<String, u64>;

/// Instruction counts by kernel.
pub(super) type KernelCounts = BTreeMap<String, KernelCount>;

/// What one operation of one kernel costs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct KernelCount {
    /// Instructions per operation.
    pub(super) instructions: f64,
    /// Calls of `memcpy` and `memmove` per operation.
    pub(super) copies: f64,
    /// Digest of the kernel's output.
    pub(super) checksum: String,
    /// Instructions per operation by function, for those with at least a hundredth of all.
    pub(super) functions: BTreeMap<String, f64>,
}

/// Rounds to a thousandth, so that a committed number reads the same when it is measured again.
pub(super) fn thousandths(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
