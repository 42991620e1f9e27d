/// The table of a tier: `KERNELS`, and the functions in it, which enable the tier's instruction set.
macro_rules! kernel_table {
    ($tier:ty, $level:ident $(, $features:literal)?) => {
        $(#[target_feature(enable = $features)])?
        unsafe fn encode<C: $crate::arch::generic::Coder, P: $crate::arch::generic::Pcm>(
            samples: &[P],
            codes: &mut [u8],
        ) {
            // SAFETY: whoever calls a kernel has found its instruction set on this CPU.
            unsafe { $crate::arch::generic::encode::<$tier, C, P>(samples, codes) }
        }

        $(#[target_feature(enable = $features)])?
        unsafe fn decode<C: $crate::arch::generic::Coder, P: $crate::arch::generic::Pcm>(
            codes: &[u8],
            samples: &mut [core::mem::MaybeUninit<P>],
        ) {
            // SAFETY: as for `encode`.
            unsafe { $crate::arch::generic::decode::<$tier, C, P>(codes, samples) }
        }

        $(#[target_feature(enable = $features)])?
        unsafe fn energy<C: $crate::arch::generic::Coder>(codes: &[u8]) -> u64 {
            // SAFETY: as for `encode`.
            unsafe { <$tier as $crate::arch::generic::Tier>::energy::<C>(codes) }
        }

        $(#[target_feature(enable = $features)])?
        unsafe fn map_codes(table: &[u8; 256], codes: &mut [u8]) {
            // SAFETY: as for `encode`.
            unsafe { <$tier as $crate::arch::generic::Tier>::map(table, codes) }
        }

        $(#[target_feature(enable = $features)])?
        unsafe fn map_metered<C: $crate::arch::generic::Coder>(table: &[u8; 256], codes: &mut [u8]) -> u64 {
            // SAFETY: as for `encode`.
            unsafe { <$tier as $crate::arch::generic::Tier>::map_metered::<C>(table, codes) }
        }

        const fn codec<C: $crate::arch::generic::Coder>() -> $crate::arch::CodecKernels {
            $crate::arch::CodecKernels {
                encode: encode::<C, i16>,
                encode_f32: encode::<C, f32>,
                decode: decode::<C, i16>,
                decode_f32: decode::<C, f32>,
                energy: energy::<C>,
                map_metered: map_metered::<C>,
            }
        }

        pub(crate) static KERNELS: $crate::arch::Kernels = {
            use $crate::arch::generic::{A, Mu};
            use $crate::law::Convention;
            $crate::arch::Kernels {
                level: $crate::level::SimdLevel::$level,
                mu: [
                    codec::<Mu<{ Convention::ALL[0].negative_bias() }>>(),
                    codec::<Mu<{ Convention::ALL[1].negative_bias() }>>(),
                    codec::<Mu<{ Convention::ALL[2].negative_bias() }>>(),
                ],
                a: codec::<A>(),
                map: map_codes,
            }
        };
    };
}

pub(crate) use kernel_table;
