//! The crate order as data. A new arrow is a decision about the architecture: it is made here, in sight,
//! and `docs/architecture.md` says why.

/// Which of the workspace's crates a crate may use.
#[derive(Clone, Copy)]
pub(super) enum Arrows {
    /// These and no others, and each of them really.
    Exactly(&'static [&'static str]),
    /// Whatever lies in a lower layer.
    AnyBelow,
}

/// Which crates from the registry a crate may use.
#[derive(Clone, Copy)]
pub(super) enum ThirdParty {
    /// At most these.
    AtMost(&'static [&'static str]),
    /// Any that `deny.toml` lets through: programs and test tools.
    Any,
}

/// One crate of the workspace and what it may stand on.
#[derive(Clone, Copy)]
pub(super) struct Crate {
    pub(super) name: &'static str,
    /// Arrows point to lower layers only.
    pub(super) layer: u8,
    pub(super) arrows: Arrows,
    pub(super) third_party: ThirdParty,
}

/// The crate that any other may use in its tests.
pub(super) const TESTKIT: &str = "mc-testkit";

use Arrows::{AnyBelow, Exactly};
use ThirdParty::{Any, AtMost};

/// Every crate of the workspace, bottom-up.
pub(super) const CRATES: &[Crate] = &[
    Crate { name: "mc-metrics", layer: 0, arrows: Exactly(&[]), third_party: AtMost(&[]) },
    Crate { name: "mc-dsp", layer: 0, arrows: Exactly(&[]), third_party: AtMost(&[]) },
    // loom takes the place of the atomics in model checking only (`cfg(loom)`).
    Crate {
        name: "mc-pool",
        layer: 0,
        arrows: Exactly(&[]),
        third_party: AtMost(&["bytes", "crossbeam", "loom"]),
    },
    Crate { name: "mc-simd", layer: 0, arrows: Exactly(&[]), third_party: AtMost(&["pulp"]) },
    Crate { name: "mc-g711", layer: 0, arrows: Exactly(&[]), third_party: AtMost(&["pulp"]) },
    Crate { name: "mc-ng", layer: 0, arrows: Exactly(&[]), third_party: AtMost(&["sdp-types"]) },
    Crate {
        name: "mc-srtp",
        layer: 0,
        arrows: Exactly(&[]),
        third_party: AtMost(&["aes", "aes-gcm", "base64ct", "ctr", "hmac", "sha1", "zeroize"]),
    },
    Crate { name: TESTKIT, layer: 0, arrows: Exactly(&[]), third_party: Any },
    Crate { name: "mc-dsp-v1", layer: 1, arrows: Exactly(&["mc-dsp"]), third_party: AtMost(&[]) },
    Crate {
        name: "mc-dsp-v2",
        layer: 1,
        arrows: Exactly(&["mc-dsp", "mc-simd"]),
        third_party: AtMost(&["apodize", "biquad", "realfft", "rustfft"]),
    },
    Crate {
        name: "mc-rtp-pipeline",
        layer: 2,
        arrows: Exactly(&["mc-dsp", "mc-g711", "mc-metrics", "mc-pool", "mc-simd"]),
        third_party: AtMost(&["bytes", "rtp-rs"]),
    },
    Crate {
        name: "mc-engine",
        layer: 3,
        arrows: Exactly(&[
            "mc-dsp",
            "mc-dsp-v1",
            "mc-dsp-v2",
            "mc-g711",
            "mc-metrics",
            "mc-pool",
            "mc-rtp-pipeline",
            "mc-simd",
        ]),
        third_party: AtMost(&["tracing"]),
    },
    Crate {
        name: "mc-relay",
        layer: 4,
        arrows: Exactly(&["mc-engine", "mc-ng", "mc-rtp-pipeline", "mc-srtp"]),
        third_party: AtMost(&[
            "crossbeam",
            "etherparse",
            "getrandom",
            "hound",
            "httparse",
            "rustix",
            "serde_json",
            "tracing",
            "tungstenite",
        ]),
    },
    Crate { name: "mc-cli", layer: 5, arrows: AnyBelow, third_party: Any },
    Crate { name: "mc-benches", layer: 5, arrows: AnyBelow, third_party: Any },
    Crate { name: "xtask", layer: 5, arrows: Exactly(&[]), third_party: Any },
];
