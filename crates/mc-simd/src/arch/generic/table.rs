//! One level's tables from its token and its features.

/// Writes one function per kernel that enables `$features`, and the `TIER` of them, whose `portable` operations are
/// portable code all the same. The kernels listed last are portable loops, compiled with these features.
macro_rules! kernel_table {
    ($level:expr, $isa:expr, $features:literal, portable: [$($portable:ident),*], {
        $(fn $name:ident($($arg:ident: $type:ty),*) $(-> $output:ty)? { $kernel:expr })*
    }, {
        $(fn $plain:ident($($plain_arg:ident: $plain_type:ty),*);)*
    }) => {
        $(
            #[target_feature(enable = $features)]
            fn $name<const HYBRID: bool>($($arg: $type),*) $(-> $output)? {
                // SAFETY: callers of a function with these features have made sure that the CPU has them.
                let isa = unsafe { $isa };
                $crate::arch::generic::Kernel::vectors::<_, HYBRID>($kernel, isa)
            }
        )*

        $(
            #[target_feature(enable = $features)]
            fn $plain($($plain_arg: $plain_type),*) {
                // Being inlined here is what lets the compiler use these instructions for it.
                $crate::arch::all::$plain($($plain_arg),*);
            }
        )*

        static HYBRID: $crate::arch::Kernels = $crate::arch::Kernels {
            $($portable: $crate::arch::all::KERNELS.$portable,)*
            ..$crate::arch::Kernels { $($name: $name::<true>,)* $($plain,)* }
        };

        static SIMD: $crate::arch::Kernels = $crate::arch::Kernels {
            $($portable: $crate::arch::all::KERNELS.$portable,)*
            ..$crate::arch::Kernels { $($name: $name::<false>,)* $($plain,)* }
        };

        pub(in crate::arch) static TIER: $crate::arch::Tier =
            $crate::arch::Tier { level: $level, kernels: [&$crate::arch::all::KERNELS, &HYBRID, &SIMD] };
    };
    ($level:expr, $isa:expr, $features:literal) => {
        $crate::arch::generic::kernel_table!($level, $isa, $features, portable: []);
    };
    ($level:expr, $isa:expr, $features:literal, portable: $portable:tt) => {
        use $crate::arch::generic::{ComplexMulAdd, Crossfade, Dot, Fir, Gain, GainQ12, KalmanUpdate, MatrixMulAdd};
        use $crate::arch::generic::{Mix, MixEnergy, MixMinus, Narrow, Peak, PlanarMulAdd, PlanarPowerAdd, Widen};
        use $crate::{Dither, Lesson};

        $crate::arch::generic::kernel_table!($level, $isa, $features, portable: $portable, {
            fn apply_gain(frame: &mut [f32], gain: f32) { Gain { frame, gain } }
            fn apply_gain_q12(frame: &mut [i16], gain: i16) { GainQ12 { frame, gain } }
            fn mix_into(dst: &mut [f32], src: &[f32]) { Mix { dst, src } }
            fn mix_energy(dst: &mut [f32], src: &[f32]) -> f32 { MixEnergy { dst, src } }
            fn mix_minus(sum: &[f32], own: &[f32], gains: &[f32], out: &mut [f32]) { MixMinus { sum, own, gains, out } }
            fn crossfade(dst: &mut [f32], src: &[f32]) { Crossfade::over(dst, src) }
            fn energy(frame: &[f32]) -> f32 { Dot { a: frame, b: frame } }
            fn peak(frame: &[f32]) -> f32 { Peak { frame } }
            fn dot(a: &[f32], b: &[f32]) -> f32 { Dot { a, b } }
            fn complex_mul_add(acc: &mut [f32], a: &[f32], b: &[f32]) { ComplexMulAdd::<false> { acc, a, b } }
            fn complex_conj_mul_add(acc: &mut [f32], a: &[f32], b: &[f32]) { ComplexMulAdd::<true> { acc, a, b } }
            fn planar_mul_add(acc: &mut [f32], a: &[f32], b: &[f32]) { PlanarMulAdd { acc, a, b } }
            fn planar_power_add(acc: &mut [f32], weights: &[f32], a: &[f32]) { PlanarPowerAdd { acc, weights, a } }
            fn kalman_update(weights: &mut [f32], variance: &mut [f32], input: &[f32], lesson: Lesson<'_>) {
                KalmanUpdate { weights, variance, input, lesson }
            }
            fn matrix_mul_add(sums: &mut [i32], weights: &[[i8; 2]], input: &[[i16; 2]]) {
                MatrixMulAdd { rows: sums.len(), sums, first: 0, weights, input }
            }
            fn fir(taps: &[f32], input: &[f32], out: &mut [f32]) { Fir { taps, input, out } }
            fn i16_to_f32(src: &[i16], dst: &mut [f32]) { Widen { src, dst, done: 0 } }
            fn f32_to_i16(src: &[f32], dst: &mut [i16]) { Narrow { src, dst, done: 0 } }
        }, {
            fn f32_to_i16_dithered(src: &[f32], dst: &mut [i16], dither: &mut Dither);
            fn unfold(half: &[f32], turns: &[f32], spectrum: &mut [f32]);
            fn fold(spectrum: &[f32], turns: &[f32], scale: f32, half: &mut [f32]);
        });
    };
}

pub(in crate::arch) use kernel_table;
