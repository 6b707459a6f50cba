// The passes of compressed updates at every instruction-set level, and the choice between them.
//
// Written once, in vectors of a fixed number of lanes that each level puts into as many registers as it needs. Nothing
// may be fused: a fused product rounds once where two instructions round twice, and levels would differ.

#include "tributary_codes.h"
#include "tributary_matrix.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

// Eight and sixteen lanes.
typedef float codes_floats8 __attribute__((vector_size(32)));
typedef int32_t codes_ints8 __attribute__((vector_size(32)));
typedef uint8_t codes_bytes8 __attribute__((vector_size(8)));
typedef double codes_doubles8 __attribute__((vector_size(64)));
typedef uint64_t codes_words8 __attribute__((vector_size(64)));
typedef float codes_floats16 __attribute__((vector_size(64)));
typedef int32_t codes_ints16 __attribute__((vector_size(64)));
typedef uint8_t codes_bytes16 __attribute__((vector_size(16)));

// A uniform number in (0, 1) out of a random word w: (w + 2^31 + 1/2) / 2^32 with w taken as signed, which processors
// convert faster.
#define CODES_UNIFORM_SHIFT 0x1.00000001p31
#define CODES_UNIFORM_SCALE 0x1p-32

static inline uint64_t little_endian(uint64_t word) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap64(word);
#else
    return word;
#endif
}

struct codes_kernels {
    struct tributary_summary_result (*summary)(const float *, size_t);
    double (*dot)(const float *, const float *, size_t);
    void (*random_words)(uint64_t *, uint32_t *, size_t);
    void (*round_levels)(const float *, size_t, double, double, uint32_t, const uint32_t *, uint8_t *);
    void (*count_thresholds)(const float *, size_t, const float *, size_t, uint8_t *);
    void (*pack)(const uint8_t *, size_t, unsigned, uint8_t *);
    uint8_t (*unpack)(const uint8_t *, size_t, unsigned, const float *, float *);
    void (*flip_signs)(float *, size_t, const uint64_t *, float);
    void (*hadamard)(float *, size_t);
};

#define CODES_PASTE_(name, level) name##_##level
#define CODES_PASTE(name, level) CODES_PASTE_(name, level)
#define AT_LEVEL(name) CODES_PASTE(name, CODES_LEVEL)

#define CODES_LEVEL portable
#include "codes_level.h"
#undef CODES_LEVEL

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define CODES_LEVEL avx2
#include "codes_level.h"
#undef CODES_LEVEL
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw"))), apply_to = function)
#define CODES_LEVEL avx512
#include "codes_level.h"
#undef CODES_LEVEL
#pragma clang attribute pop
#endif

static const struct codes_kernels *kernels_at(int level) {
#if defined(__x86_64__)
    if (level == TRIBUTARY_LEVEL_AVX512) return &kernels_avx512;
    if (level == TRIBUTARY_LEVEL_AVX2) return &kernels_avx2;
#endif
    (void)level;
    return &kernels_portable;
}

struct tributary_summary_result tributary_summary(int level, const float *values, size_t length) {
    return kernels_at(level)->summary(values, length);
}

double tributary_dot(int level, const float *a, const float *b, size_t length) {
    return kernels_at(level)->dot(a, b, length);
}

void tributary_random_words(int level, uint64_t *state, uint32_t *out, size_t length) {
    kernels_at(level)->random_words(state, out, length);
}

void tributary_round_levels(
    int level, const float *values, size_t length, double origin, double inverse_step, uint32_t top,
    const uint32_t *random, uint8_t *codes) {
    kernels_at(level)->round_levels(values, length, origin, inverse_step, top, random, codes);
}

void tributary_count_thresholds(
    int level, const float *values, size_t length, const float *thresholds, size_t count, uint8_t *codes) {
    kernels_at(level)->count_thresholds(values, length, thresholds, count, codes);
}

void tributary_pack(int level, const uint8_t *codes, size_t length, unsigned bits, uint8_t *bytes) {
    kernels_at(level)->pack(codes, length, bits, bytes);
}

uint8_t tributary_unpack(
    int level, const uint8_t *bytes, size_t length, unsigned bits, const float *table, float *values) {
    return kernels_at(level)->unpack(bytes, length, bits, table, values);
}

void tributary_flip_signs(int level, float *values, size_t length, const uint64_t *signs, float scale) {
    kernels_at(level)->flip_signs(values, length, signs, scale);
}

void tributary_hadamard(int level, float *values, size_t length) { kernels_at(level)->hadamard(values, length); }
