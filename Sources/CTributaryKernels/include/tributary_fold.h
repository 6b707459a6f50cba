#ifndef TRIBUTARY_FOLD_H
#define TRIBUTARY_FOLD_H

#include <stddef.h>
#include <stdint.h>

/// Most updates one call of `tributary_fold` takes.
#define TRIBUTARY_FOLD_WIDTH 8

/// Adds updates to an accumulator of integers held in doubles: sums[i] += weights[k] * rint(updates[k][i] * scale).
///
/// `scale` is a power of two and bound * scale at most 2^51, so every step is exact and the result does not depend on
/// order. An update with a coordinate that is not finite or beyond `bound` is left out as a whole: what was already
/// added of it is taken out again, which exact arithmetic does without a trace.
///
/// Returns a bit mask of the updates that were left out.
uint32_t tributary_fold(double *sums, const float *const *updates, const double *weights, uint32_t count,
                        size_t length, double scale, float bound);

/// What `tributary_difference` saw.
struct tributary_difference_result {
    /// The sum of the squares of all differences, in double precision; not finite if a difference is not.
    double sum_of_squares;
    /// The largest magnitude; NaN if a difference is.
    float largest;
};

/// local[i] -= global[i] for all i.
struct tributary_difference_result tributary_difference(float *local, const float *global, size_t length);

#endif
