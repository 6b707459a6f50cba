// The passes over whole models: adding updates exactly, and taking the difference of two models.
//
// One source, compiled once for each instruction set and chosen at run time, so that a portable build is fast on a
// new processor. Every level gives the same bits for the fold, because nothing in it rounds but the one rint.

#include "tributary_fold.h"
#include "tributary_kernels.h"

#include <math.h>
#include <string.h>

// Tiles of this many coordinates stay in the nearest caches while their updates are added.
enum { tile_length = 2048 };

// Adding and taking away 1.5 * 2^52 rounds to the nearest integer, ties to even, for magnitudes up to 2^51.
static const double rounding_magic = 0x1.8p52;

// Eight coordinates side by side, in as many registers as the instruction set needs for them.
typedef float fold_floats __attribute__((vector_size(32)));
typedef double fold_doubles __attribute__((vector_size(64)));

#define FOLD_CONCAT2(name, level) name##_##level
#define FOLD_CONCAT(name, level) FOLD_CONCAT2(name, level)
#define FOLD_NAME(name) FOLD_CONCAT(name, FOLD_LEVEL)

#define FOLD_LEVEL portable
#include "fold_level.h"
#undef FOLD_LEVEL

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define FOLD_LEVEL avx2
#include "fold_level.h"
#undef FOLD_LEVEL
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw"))), apply_to = function)
#define FOLD_LEVEL avx512
#include "fold_level.h"
#undef FOLD_LEVEL
#pragma clang attribute pop
#endif

typedef uint32_t (*fold_function)(double *, const float *const *, const double *, uint32_t, size_t, double, float);
typedef struct tributary_difference_result (*difference_function)(float *, const float *, size_t);

uint32_t tributary_fold(double *sums, const float *const *updates, const double *weights, uint32_t count,
                        size_t length, double scale, float bound) {
    fold_function fold = fold_portable;
#if defined(__x86_64__)
    const char *level = tributary_kernels_level();
    if (level[0] == 'a') fold = level[3] == '5' ? fold_avx512 : fold_avx2;
#endif
    return fold(sums, updates, weights, count, length, scale, bound);
}

struct tributary_difference_result tributary_difference(float *local, const float *global, size_t length) {
    difference_function difference = difference_portable;
#if defined(__x86_64__)
    const char *level = tributary_kernels_level();
    if (level[0] == 'a') difference = level[3] == '5' ? difference_avx512 : difference_avx2;
#endif
    return difference(local, global, length);
}
