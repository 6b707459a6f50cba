#include "tributary_kernels.h"

const char *tributary_kernels_level(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) return "avx512";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "avx2";
#endif
    return "portable";
}

int tributary_level_is_supported(int level) {
    if (level == TRIBUTARY_LEVEL_PORTABLE) return 1;
#if defined(__x86_64__)
    int hasAVX2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (level == TRIBUTARY_LEVEL_AVX2) return hasAVX2;
    if (level == TRIBUTARY_LEVEL_AVX512)
        return hasAVX2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
#endif
    return 0;
}
