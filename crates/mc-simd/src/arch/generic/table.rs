//! One level's table from its token and its features.

/// Writes one function per kernel that enables `$features`, and the `KERNELS` table of them.
macro_rules! kernel_table {
    ($level:expr, $isa:expr, $features:literal, {
        $(fn $name:ident($($arg:ident: $type:ty),*) $(-> $output:ty)?;)*
    }) => {
        $(
            #[target_feature(enable = $features)]
            fn $name($($arg: $type),*) $(-> $output)? {
                // SAFETY: callers of a function with these features have made sure that the CPU has them.
                let isa = unsafe { $isa };
                $crate::arch::generic::$name(isa, $($arg),*)
            }
        )*

        pub(in crate::arch) static KERNELS: $crate::arch::Kernels =
            $crate::arch::Kernels { level: $level, $($name),* };
    };
    ($level:expr, $isa:expr, $features:literal) => {
        $crate::arch::generic::kernel_table!($level, $isa, $features, {
            fn apply_gain(frame: &mut [f32], gain: f32);
            fn mix_into(dst: &mut [f32], src: &[f32]);
            fn energy(frame: &[f32]) -> f32;
            fn dot(a: &[f32], b: &[f32]) -> f32;
            fn peak(frame: &[f32]) -> f32;
            fn i16_to_f32(src: &[i16], dst: &mut [f32]);
            fn f32_to_i16(src: &[f32], dst: &mut [i16]);
        });
    };
}

pub(in crate::arch) use kernel_table;
