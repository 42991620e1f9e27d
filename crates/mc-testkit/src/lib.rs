//! Signals, echo rooms, audio measures and a counting allocator for this workspace's tests and demo.
