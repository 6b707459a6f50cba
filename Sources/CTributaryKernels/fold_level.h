// Included by fold.c once for each instruction set.

// True if every coordinate of the tile is within the bound; NaN is not.
static int FOLD_NAME(tile_is_sound)(const float *update, size_t length, float bound) {
    int32_t unsound = 0;
    for (size_t i = 0; i < length; i++) unsound |= !(fabsf(update[i]) <= bound);
    return unsound == 0;
}

#define FOLD_TERM(update, weight) (weight) * (((double)(update)[i] * scale + magic) - magic)
#define FOLD_UNSOUND(update) !(fabsf((update)[i]) <= bound)

// The adders return nonzero if a coordinate was unsound; the sums are garbage then.

static int32_t FOLD_NAME(add_one)(double *restrict sums, const float *restrict update, double weight, size_t length,
                                  double scale, float bound) {
    const double magic = rounding_magic;
    int32_t unsound = 0;
    for (size_t i = 0; i < length; i++) {
        unsound |= FOLD_UNSOUND(update);
        sums[i] += FOLD_TERM(update, weight);
    }
    return unsound;
}

static int32_t FOLD_NAME(add_four)(double *restrict sums, const float *const *updates, const double *weights,
                                   size_t start, size_t length, double scale, float bound) {
    const double magic = rounding_magic;
    const float *restrict a = updates[0] + start, *restrict b = updates[1] + start;
    const float *restrict c = updates[2] + start, *restrict d = updates[3] + start;
    const double wa = weights[0], wb = weights[1], wc = weights[2], wd = weights[3];
    int32_t unsound = 0;
    for (size_t i = 0; i < length; i++) {
        unsound |= FOLD_UNSOUND(a) | FOLD_UNSOUND(b) | FOLD_UNSOUND(c) | FOLD_UNSOUND(d);
        sums[i] += (FOLD_TERM(a, wa) + FOLD_TERM(b, wb)) + (FOLD_TERM(c, wc) + FOLD_TERM(d, wd));
    }
    return unsound;
}

#undef FOLD_TERM
#undef FOLD_UNSOUND

static int32_t FOLD_NAME(add_tile)(double *sums, const float *const *updates, const double *weights, uint32_t count,
                                   size_t start, size_t length, double scale, float bound) {
    int32_t unsound = 0;
    uint32_t k = 0;
    for (; k + 4 <= count; k += 4)
        unsound |= FOLD_NAME(add_four)(sums + start, updates + k, weights + k, start, length, scale, bound);
    for (; k < count; k++)
        unsound |= FOLD_NAME(add_one)(sums + start, updates[k] + start, weights[k], length, scale, bound);
    return unsound;
}

static uint32_t FOLD_NAME(fold)(double *sums, const float *const *updates, const double *weights, uint32_t count,
                                size_t length, double scale, float bound) {
    const float *kept[TRIBUTARY_FOLD_WIDTH];
    double kept_weights[TRIBUTARY_FOLD_WIDTH];
    uint32_t kept_index[TRIBUTARY_FOLD_WIDTH];
    for (uint32_t k = 0; k < count; k++) {
        kept[k] = updates[k];
        kept_weights[k] = weights[k];
        kept_index[k] = k;
    }
    uint32_t left_out = 0;
    for (size_t start = 0; start < length; start += tile_length) {
        size_t tile = length - start < tile_length ? length - start : tile_length;
        if (count == 1 && FOLD_NAME(tile_is_sound)(kept[0] + start, tile, bound)) {
            // Looking at one update twice is cheaper than a copy of the sums.
            FOLD_NAME(add_one)(sums + start, kept[0] + start, kept_weights[0], tile, scale, bound);
            continue;
        }
        double before[tile_length];
        memcpy(before, sums + start, tile * sizeof(double));
        if (!FOLD_NAME(add_tile)(sums, kept, kept_weights, count, start, tile, scale, bound)) continue;

        // Rare: take the unsound updates out of the earlier tiles and of the list, and do this tile again.
        memcpy(sums + start, before, tile * sizeof(double));
        uint32_t sound = 0;
        for (uint32_t k = 0; k < count; k++) {
            if (FOLD_NAME(tile_is_sound)(kept[k] + start, tile, bound)) {
                kept[sound] = kept[k];
                kept_weights[sound] = kept_weights[k];
                kept_index[sound++] = kept_index[k];
            } else {
                FOLD_NAME(add_one)(sums, kept[k], -kept_weights[k], start, scale, bound);
                left_out |= 1u << kept_index[k];
            }
        }
        count = sound;
        FOLD_NAME(add_tile)(sums, kept, kept_weights, count, start, tile, scale, bound);
    }
    return left_out;
}

static struct tributary_difference_result FOLD_NAME(difference)(float *local, const float *global, size_t length) {
    // Vectors by name, because sums in an array go through memory at every step.
    enum { half = 8, lanes = 2 * half };
    fold_doubles low_squares = {0}, high_squares = {0};
    fold_floats low_largest = {0}, high_largest = {0};
    size_t i = 0;
    for (; i + lanes <= length; i += lanes) {
        fold_floats low, high, low_global, high_global;
        memcpy(&low, local + i, sizeof low);
        memcpy(&high, local + i + half, sizeof high);
        memcpy(&low_global, global + i, sizeof low);
        memcpy(&high_global, global + i + half, sizeof high);
        low -= low_global;
        high -= high_global;
        memcpy(local + i, &low, sizeof low);
        memcpy(local + i + half, &high, sizeof high);
        fold_doubles low_wide = __builtin_convertvector(low, fold_doubles);
        fold_doubles high_wide = __builtin_convertvector(high, fold_doubles);
        low_squares += low_wide * low_wide;
        high_squares += high_wide * high_wide;
        low_largest = __builtin_elementwise_max(low_largest, __builtin_elementwise_abs(low));
        high_largest = __builtin_elementwise_max(high_largest, __builtin_elementwise_abs(high));
    }
    struct tributary_difference_result result = {0, 0};
    for (size_t lane = 0; lane < half; lane++) {
        result.sum_of_squares += low_squares[lane];
        result.largest = fmaxf(result.largest, low_largest[lane]);
    }
    for (size_t lane = 0; lane < half; lane++) {
        result.sum_of_squares += high_squares[lane];
        result.largest = fmaxf(result.largest, high_largest[lane]);
    }
    for (; i < length; i++) {
        float change = local[i] - global[i];
        local[i] = change;
        result.sum_of_squares += (double)change * (double)change;
        result.largest = fabsf(change) > result.largest ? fabsf(change) : result.largest;
    }
    // A NaN never wins a comparison, but it does poison the sum.
    if (result.sum_of_squares != result.sum_of_squares) result.largest = NAN;
    return result;
}
