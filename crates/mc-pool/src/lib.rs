//! Audio frames and packet buffers that are reused instead of allocated.
