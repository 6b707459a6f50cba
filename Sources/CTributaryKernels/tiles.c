// The kernels on tiles of updates at every instruction-set level, and the choice between them.
//
// Robust rules must give the same bits on every processor. So nothing here depends on how wide vectors are: columns are
// apart from one another, sums over coordinates go by lanes whose number is fixed, and no product is fused with a sum
// unless it is exact.

#include "tributary_tiles.h"

#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

enum {
    lane_count = TRIBUTARY_TILE_LANES,
    block_length = TRIBUTARY_TILE_BLOCK,
    network_width = TRIBUTARY_NETWORK_WIDTH
};

// Vectors that the compiler makes of as many registers as a level needs. Those of eight are lanes of sums.
typedef float floats16 __attribute__((ext_vector_type(16), aligned(4)));
typedef int32_t ints16 __attribute__((ext_vector_type(16), aligned(4)));
typedef float floats8 __attribute__((ext_vector_type(8), aligned(4)));
typedef double doubles8 __attribute__((ext_vector_type(8), aligned(8)));
typedef int64_t longs8 __attribute__((ext_vector_type(8), aligned(8)));

struct tile_kernels {
    int (*is_finite)(const float *, size_t);
    void (*network_ranks)(
        struct tributary_tile, const struct tributary_exchange *, size_t, size_t, size_t, void *, float *, float *);
    void (*bisected_ranks)(struct tributary_tile, size_t, size_t, void *, float *, float *);
    void (*kept_means)(struct tributary_tile, size_t, const float *, const float *, double *);
    void (*deviations)(struct tributary_tile, const double *, float *, size_t);
    void (*closest_means)(struct tributary_tile, const float *, const float *, size_t, double *);
    void (*add_pair_distances)(struct tributary_tile, double *);
    void (*add_rows_scaled)(struct tributary_tile, const double *, double *);
    void (*add_distances)(struct tributary_tile, const double *, double *);
};

// Pairs of rows whose distances are summed together: as many as leave their sums in registers.

#define LEVEL portable
#define PAIR_ROWS 1
#define PAIR_COLUMNS 2
#include "tiles_level.h"

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define LEVEL avx2
#define PAIR_ROWS 2
#define PAIR_COLUMNS 2
#include "tiles_level.h"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx2,fma"))), apply_to = function)
#define LEVEL avx512
#define PAIR_ROWS 4
#define PAIR_COLUMNS 4
#include "tiles_level.h"
#pragma clang attribute pop

static const struct tile_kernels *kernels_at(int level) {
    if (level == TRIBUTARY_LEVEL_AVX512) return &kernels_avx512;
    if (level == TRIBUTARY_LEVEL_AVX2) return &kernels_avx2;
    return &kernels_portable;
}

#else

static const struct tile_kernels *kernels_at(int level) {
    (void)level;
    return &kernels_portable;
}

#endif

int tributary_is_finite(int level, const float *values, size_t count) {
    return kernels_at(level)->is_finite(values, count);
}

void tributary_network_ranks(
    int level, struct tributary_tile tile, const struct tributary_exchange *exchanges, size_t exchangeCount,
    size_t lowRank, size_t highRank, void *scratch, float *lows, float *highs) {
    kernels_at(level)->network_ranks(tile, exchanges, exchangeCount, lowRank, highRank, scratch, lows, highs);
}

void tributary_bisected_ranks(
    int level, struct tributary_tile tile, size_t lowRank, size_t highRank, void *scratch, float *lows, float *highs) {
    kernels_at(level)->bisected_ranks(tile, lowRank, highRank, scratch, lows, highs);
}

void tributary_kept_means(
    int level, struct tributary_tile tile, size_t trimmed, const float *lows, const float *highs, double *means) {
    kernels_at(level)->kept_means(tile, trimmed, lows, highs, means);
}

void tributary_deviations(
    int level, struct tributary_tile tile, const double *centres, float *deviations, size_t stride) {
    kernels_at(level)->deviations(tile, centres, deviations, stride);
}

void tributary_closest_means(
    int level, struct tributary_tile tile, const float *deviations, const float *farthest, size_t kept,
    double *means) {
    kernels_at(level)->closest_means(tile, deviations, farthest, kept, means);
}

void tributary_add_pair_distances(int level, struct tributary_tile tile, double *distances) {
    kernels_at(level)->add_pair_distances(tile, distances);
}

void tributary_add_rows_scaled(int level, struct tributary_tile tile, const double *weights, double *result) {
    kernels_at(level)->add_rows_scaled(tile, weights, result);
}

void tributary_add_distances(int level, struct tributary_tile tile, const double *centre, double *distances) {
    kernels_at(level)->add_distances(tile, centre, distances);
}
