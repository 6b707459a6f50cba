#ifndef TRIBUTARY_KERNELS_H
#define TRIBUTARY_KERNELS_H

/// The instruction sets that the kernels are compiled for.
enum { TRIBUTARY_LEVEL_PORTABLE = 0, TRIBUTARY_LEVEL_AVX2 = 1, TRIBUTARY_LEVEL_AVX512 = 2 };

/// 1 if this processor can run the kernels of `level`.
int tributary_level_is_supported(int level);

/// The name of the instruction set the kernels chose on this machine: "avx512", "avx2" or "portable".
const char *tributary_kernels_level(void);

#endif
