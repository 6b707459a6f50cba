// The matrix kernels at every instruction-set level, and the choice between them.
//
// The kernels are written once, in vectors of VL floats, and compiled once per level. Tile sizes are chosen so that the
// accumulators fill the level's registers: 32 with AVX-512, 16 before it.

#include "tributary_matrix.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef float four __attribute__((vector_size(16)));

struct matrix_kernels {
    void (*multiply)(
        size_t, size_t, size_t, const float *, size_t, const int32_t *, const float *, size_t, const float *, int,
        float *, size_t);
    void (*add_outer)(
        size_t, size_t, size_t, const float *, size_t, const int32_t *, const float *, size_t, float *, size_t);
    void (*multiply_transposed)(
        size_t, size_t, size_t, const float *, size_t, const float *, size_t, const float *, size_t, float *, size_t);
    void (*add_rows)(size_t, size_t, const float *, size_t, float *);
    size_t (*gather_bytes)(
        size_t, size_t, const uint8_t *, const uint32_t *, float, float *, uint8_t *, int32_t *);
    double (*softmax_loss)(size_t, size_t, float *, const uint16_t *, float, size_t *);
    void (*max_pool)(size_t, size_t, size_t, const float *, float *, size_t);
    void (*max_pool_backward)(
        size_t, size_t, size_t, const float *, const float *, size_t, const float *, float *, size_t);
    void (*lstm_forward)(size_t, size_t, float *, const float *, float *, float *, float *);
    void (*lstm_backward)(size_t, size_t, float *, const float *, const float *, const float *, float *);
};

#define LEVEL portable
#define VL 4
#define TILE_ROWS 5
#define WIDE_TILE_ROWS 2
#define DOT_ROWS 2
#define OUTER_ROWS 4
#define OUTER_WIDTH 2
#include "matrix_level.h"

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define LEVEL avx2
#define VL 8
#define TILE_ROWS 5
#define WIDE_TILE_ROWS 2
#define DOT_ROWS 2
#define OUTER_ROWS 4
#define OUTER_WIDTH 2
#include "matrix_level.h"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx2,fma"))), apply_to = function)
#define LEVEL avx512
#define VL 16
#define TILE_ROWS 10
#define WIDE_TILE_ROWS 5
#define DOT_ROWS 5
#define OUTER_ROWS 8
#define OUTER_WIDTH 3
#include "matrix_level.h"
#pragma clang attribute pop

static const struct matrix_kernels *kernels_at(int level) {
    if (level == TRIBUTARY_LEVEL_AVX512) return &kernels_avx512;
    if (level == TRIBUTARY_LEVEL_AVX2) return &kernels_avx2;
    return &kernels_portable;
}

#else

static const struct matrix_kernels *kernels_at(int level) {
    (void)level;
    return &kernels_portable;
}

#endif

void tributary_multiply(
    int level, size_t m, size_t n, size_t k, const float *a, size_t lda, const int32_t *columns, const float *b,
    size_t ldb, const float *bias, int flags, float *c, size_t ldc) {
    kernels_at(level)->multiply(m, n, k, a, lda, columns, b, ldb, bias, flags, c, ldc);
}

void tributary_add_outer(
    int level, size_t m, size_t n, size_t k, const float *a, size_t lda, const int32_t *columns, const float *d,
    size_t ldd, float *w, size_t ldw) {
    kernels_at(level)->add_outer(m, n, k, a, lda, columns, d, ldd, w, ldw);
}

void tributary_multiply_transposed(
    int level, size_t m, size_t n, size_t k, const float *d, size_t ldd, const float *w, size_t ldw, const float *gate,
    size_t ldg, float *c, size_t ldc) {
    kernels_at(level)->multiply_transposed(m, n, k, d, ldd, w, ldw, gate, ldg, c, ldc);
}

void tributary_add_rows(int level, size_t m, size_t n, const float *d, size_t ldd, float *total) {
    kernels_at(level)->add_rows(m, n, d, ldd, total);
}

size_t tributary_gather_bytes(
    int level, size_t m, size_t width, const uint8_t *table, const uint32_t *rows, float scale, float *out,
    uint8_t *seen, int32_t *columns) {
    return kernels_at(level)->gather_bytes(m, width, table, rows, scale, out, seen, columns);
}

double tributary_softmax_loss(
    int level, size_t m, size_t n, float *logits, const uint16_t *labels, float scale, size_t *correct) {
    return kernels_at(level)->softmax_loss(m, n, logits, labels, scale, correct);
}

void tributary_max_pool(
    int level, size_t height, size_t width, size_t channels, const float *image, float *pooled, size_t ldp) {
    kernels_at(level)->max_pool(height, width, channels, image, pooled, ldp);
}

void tributary_max_pool_backward(
    int level, size_t height, size_t width, size_t channels, const float *image, const float *pooled, size_t ldp,
    const float *dPooled, float *dImage, size_t ldi) {
    kernels_at(level)->max_pool_backward(height, width, channels, image, pooled, ldp, dPooled, dImage, ldi);
}

void tributary_lstm_forward(
    int level, size_t m, size_t n, float *gates, const float *previousCell, float *cell, float *tanhCell,
    float *hidden) {
    kernels_at(level)->lstm_forward(m, n, gates, previousCell, cell, tanhCell, hidden);
}

void tributary_lstm_backward(
    int level, size_t m, size_t n, float *gates, const float *previousCell, const float *tanhCell,
    const float *dHidden, float *dCell) {
    kernels_at(level)->lstm_backward(m, n, gates, previousCell, tanhCell, dHidden, dCell);
}
