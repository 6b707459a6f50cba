#ifndef TRIBUTARY_MATRIX_H
#define TRIBUTARY_MATRIX_H

#include "tributary_kernels.h"

#include <stddef.h>
#include <stdint.h>

// Small-batch matrix products and the element-wise steps between them.
//
// All matrices are row-major Float32; `ld…` is the distance between rows in elements and may be smaller than the row
// (overlapping rows are how a convolution reads a padded image without copying it). Nothing needs to be aligned.
// Every function takes the instruction-set level to run at, which the processor must support. For one level the
// result depends on the arguments' values alone.

enum {
    /// Replace negative results by zero. NaN stays NaN.
    TRIBUTARY_RELU = 1,
    /// Start from what `c` holds instead of the bias or zero.
    TRIBUTARY_ACCUMULATE = 2
};

/// c[m×n] = a[m×k] · b[k×n] + bias. With `columns`, the sum runs over those `k` columns of a and rows of b only.
void tributary_multiply(
    int level, size_t m, size_t n, size_t k, const float *a, size_t lda, const int32_t *columns, const float *b,
    size_t ldb, const float *bias, int flags, float *c, size_t ldc);

/// w[k×n] += a[m×k]ᵀ · d[m×n]. With `columns`, only those `k` columns of a and rows of w take part.
/// w must not overlap a or d.
void tributary_add_outer(
    int level, size_t m, size_t n, size_t k, const float *a, size_t lda, const int32_t *columns, const float *d,
    size_t ldd, float *w, size_t ldw);

/// c[m×k] = d[m×n] · w[k×n]ᵀ. With `gate`, entries whose gate[m×k] is zero or negative become zero (ReLU backwards).
void tributary_multiply_transposed(
    int level, size_t m, size_t n, size_t k, const float *d, size_t ldd, const float *w, size_t ldw, const float *gate,
    size_t ldg, float *c, size_t ldc);

/// total[n] += the sum of d's m rows.
void tributary_add_rows(int level, size_t m, size_t n, const float *d, size_t ldd, float *total);

/// out[m×width] = the bytes of the given rows of `table`, times `scale`. Writes the columns that are not zero in
/// every row to `columns` (room for `width`) and returns how many there are. `seen` is scratch of `width` bytes.
size_t tributary_gather_bytes(
    int level, size_t m, size_t width, const uint8_t *table, const uint32_t *rows, float scale, float *out,
    uint8_t *seen, int32_t *columns);

/// Cross-entropy of softmax(logits[m×n]) against class labels, with the log-sum-exp shifted by the row's largest logit.
/// Returns the sum of the losses and adds the number of rows whose largest logit is the label's to `correct`.
/// With `scale` ≠ 0 the logits are replaced by scale · ∂loss/∂logits.
double tributary_softmax_loss(
    int level, size_t m, size_t n, float *logits, const uint16_t *labels, float scale, size_t *correct);

/// 2×2 maxima of an image [height × width × channels]; an odd last row or column is left out. Rows of `pooled` are
/// `ldp` elements apart. NaN wins, so that it shows.
void tributary_max_pool(
    int level, size_t height, size_t width, size_t channels, const float *image, float *pooled, size_t ldp);

/// The same backwards, through a ReLU before it: each maximum passes its gradient `dPooled` [height/2 × width/2 ×
/// channels] to the first place that holds it, or to none where it is not positive. Rows of `dImage` are `ldi` apart.
void tributary_max_pool_backward(
    int level, size_t height, size_t width, size_t channels, const float *image, const float *pooled, size_t ldp,
    const float *dPooled, float *dImage, size_t ldi);

/// One step of `m` LSTM cells of width `n`. `gates` holds the four pre-activations i, f, g, o side by side (rows of 4n)
/// and is replaced by their activations; `cell`, `tanhCell` and `hidden` [m×n] are written.
void tributary_lstm_forward(
    int level, size_t m, size_t n, float *gates, const float *previousCell, float *cell, float *tanhCell,
    float *hidden);

/// The same step backwards. `gates` holds the activations and is replaced by the gradients of the pre-activations;
/// `dCell` [m×n] holds the gradient of the cell and is replaced by that of the previous cell. `previousCell` may be
/// NULL for zero.
void tributary_lstm_backward(
    int level, size_t m, size_t n, float *gates, const float *previousCell, const float *tanhCell,
    const float *dHidden, float *dCell);

#endif
