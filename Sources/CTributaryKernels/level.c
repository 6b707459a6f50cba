#include "tributary_kernels.h"

int tributary_level_is_supported(int level) {
#if defined(__x86_64__)
    // Half precision in hardware is older than AVX2, but a virtual machine may hide either.
    int has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    if (level == TRIBUTARY_LEVEL_AVX512) {
        return has_avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
    }
    if (level == TRIBUTARY_LEVEL_AVX2) return has_avx2;
#endif
    return level == TRIBUTARY_LEVEL_PORTABLE;
}

const char *tributary_kernels_level(void) {
    if (tributary_level_is_supported(TRIBUTARY_LEVEL_AVX512)) return "avx512";
    if (tributary_level_is_supported(TRIBUTARY_LEVEL_AVX2)) return "avx2";
    return "portable";
}
