//! Sample kernels (gain, mix, energy, conversion) with the best instruction set chosen once.
