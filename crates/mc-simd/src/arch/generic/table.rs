//! One level's tables from its token and its features.

/// Writes one function per kernel that enables `$features`, and the `TIER` of them.
macro_rules! kernel_table {
    ($level:expr, $isa:expr, $features:literal, {
        $(fn $name:ident($($arg:ident: $type:ty),*) $(-> $output:ty)?;)*
    }) => {
        $(
            #[target_feature(enable = $features)]
            fn $name<const HYBRID: bool>($($arg: $type),*) $(-> $output)? {
                // SAFETY: callers of a function with these features have made sure that the CPU has them.
                let isa = unsafe { $isa };
                $crate::arch::generic::$name::<_, HYBRID>(isa, $($arg),*)
            }
        )*

        pub(in crate::arch) static TIER: $crate::arch::Tier = $crate::arch::Tier {
            level: $level,
            hybrid: $crate::arch::Kernels { $($name: $name::<true>),* },
            simd: $crate::arch::Kernels { $($name: $name::<false>),* },
        };
    };
    ($level:expr, $isa:expr, $features:literal) => {
        $crate::arch::generic::kernel_table!($level, $isa, $features, {
            fn apply_gain(frame: &mut [f32], gain: f32);
            fn apply_gain_q12(frame: &mut [i16], gain: i16);
            fn mix_into(dst: &mut [f32], src: &[f32]);
            fn crossfade(dst: &mut [f32], src: &[f32]);
            fn energy(frame: &[f32]) -> f32;
            fn peak(frame: &[f32]) -> f32;
            fn dot(a: &[f32], b: &[f32]) -> f32;
            fn complex_mul_add(acc: &mut [f32], a: &[f32], b: &[f32]);
            fn complex_conj_mul_add(acc: &mut [f32], a: &[f32], b: &[f32]);
            fn fir(taps: &[f32], input: &[f32], out: &mut [f32]);
            fn i16_to_f32(src: &[i16], dst: &mut [f32]);
            fn f32_to_i16(src: &[f32], dst: &mut [i16]);
            fn f32_to_i16_dithered(src: &[f32], dst: &mut [i16], dither: &mut $crate::Dither);
        });
    };
}

pub(in crate::arch) use kernel_table;
