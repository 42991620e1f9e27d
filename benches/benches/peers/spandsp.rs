//! libspandsp's G.711, from Debian's package libspandsp-dev.
#![allow(unsafe_code, reason = "a C library")]

use std::ffi::c_int;
use std::ptr::{self, NonNull};

use mc_benches::Failure;
use mc_g711::Law;

/// What the library keeps to itself.
#[repr(C)]
struct State {
    _opaque: [u8; 0],
}

#[link(name = "spandsp")]
unsafe extern "C" {
    fn g711_init(state: *mut State, mode: c_int) -> *mut State;
    fn g711_free(state: *mut State) -> c_int;
    fn g711_encode(state: *mut State, codes: *mut u8, samples: *const i16, length: c_int) -> c_int;
    fn g711_decode(state: *mut State, samples: *mut i16, codes: *const u8, length: c_int) -> c_int;
}

/// A codec of the library.
pub(crate) struct Spandsp(NonNull<State>);

impl Spandsp {
    pub(crate) fn new(law: Law) -> Result<Self, Failure> {
        // `G711_ALAW` and `G711_ULAW` of spandsp/g711.h.
        let mode = match law {
            Law::A => 0,
            Law::Mu => 1,
        };
        // SAFETY: without a state the library allocates one, or returns null.
        let state = unsafe { g711_init(ptr::null_mut(), mode) };
        Ok(Self(NonNull::new(state).ok_or("libspandsp: no memory for a codec")?))
    }

    /// Encodes the common length of both.
    pub(crate) fn encode(&self, samples: &[i16], codes: &mut [u8]) {
        let length = samples.len().min(codes.len()) as c_int;
        // SAFETY: the state is the library's own and alive; both slices hold `length` values, and the library
        // reads the one and writes the other.
        unsafe { g711_encode(self.0.as_ptr(), codes.as_mut_ptr(), samples.as_ptr(), length) };
    }

    /// Decodes the common length of both.
    pub(crate) fn decode(&self, codes: &[u8], samples: &mut [i16]) {
        let length = samples.len().min(codes.len()) as c_int;
        // SAFETY: as in `encode`.
        unsafe { g711_decode(self.0.as_ptr(), samples.as_mut_ptr(), codes.as_ptr(), length) };
    }
}

impl Drop for Spandsp {
    fn drop(&mut self) {
        // SAFETY: the state came from `g711_init` and is not used again.
        unsafe { g711_free(self.0.as_ptr()) };
    }
}
