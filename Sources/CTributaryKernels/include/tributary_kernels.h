#ifndef TRIBUTARY_KERNELS_H
#define TRIBUTARY_KERNELS_H

/// The name of the instruction set the kernels chose on this machine: "avx512", "avx2" or "portable".
const char *tributary_kernels_level(void);

#endif
