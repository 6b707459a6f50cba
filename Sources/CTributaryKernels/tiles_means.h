// Means of columns, and sums of rows. Included by tiles_level.h.

#define WIDE(numbers) __builtin_convertvector(*(const floats8 *)(numbers), doubles8)

// Adding and taking away this number rounds to the grid: 1.5 * 2^52 times its step, which is the largest magnitude's
// power of two with room for the sum of 2^`bits` numbers.
static void AT_LEVEL(find_magic)(const doubles8 *low, const doubles8 *high, int64_t bits, doubles8 *magic) {
    const doubles8 largest = -*low > *high ? -*low : *high;
    longs8 pattern;
    memcpy(&pattern, &largest, sizeof pattern);
    pattern = (pattern & 0x7ff0000000000000) + (bits << 52);
    pattern |= 0x0008000000000000;
    memcpy(magic, &pattern, sizeof pattern);
}

static void AT_LEVEL(kept_means)(
    struct tributary_tile tile, size_t trimmed, const float *lows, const float *highs, double *means) {
    int64_t bits = 2;
    while (((size_t)1 << bits) < tile.count) bits++;
    double kept = (double)(tile.count - 2 * trimmed);
    for (size_t start = 0; start < padded(tile.width); start += 8) {
        const floats8 low = *(const floats8 *)(lows + start), high = *(const floats8 *)(highs + start);
        doubles8 wideLow = WIDE(lows + start), wideHigh = WIDE(highs + start), magic, sum = 0;
        AT_LEVEL(find_magic)(&wideLow, &wideHigh, bits, &magic);
        for (size_t row = 0; row < tile.count; row++) {
            // What is to be left out counts as the nearest number that is not ...
            floats8 value = *(const floats8 *)(tile.values + row * tile.stride + start);
            value = value < low ? low : value;
            value = high < value ? high : value;
            sum += (__builtin_convertvector(value, doubles8) + magic) - magic;
        }
        // ... and is taken off again, exactly.
        wideLow = (wideLow + magic) - magic;
        wideHigh = (wideHigh + magic) - magic;
        sum -= (double)trimmed * (wideLow + wideHigh);
        *(doubles8 *)(means + start) = sum / kept;
    }
}

static void AT_LEVEL(deviations)(struct tributary_tile tile, const double *centres, float *deviations, size_t stride) {
    for (size_t row = 0; row < tile.count; row++) {
        for (size_t c = 0; c < padded(tile.width); c += 8) {
            doubles8 difference = WIDE(tile.values + row * tile.stride + c) - *(const doubles8 *)(centres + c);
            floats8 rounded = __builtin_convertvector(difference, floats8);
            *(floats8 *)(deviations + row * stride + c) = __builtin_elementwise_abs(rounded);
        }
    }
}

static void AT_LEVEL(closest_means)(
    struct tributary_tile tile, const float *deviations, const float *farthest, size_t kept, double *means) {
    for (size_t start = 0; start < padded(tile.width); start += 8) {
        const doubles8 limit = WIDE(farthest + start);
        longs8 ties = (int64_t)kept;
        for (size_t row = 0; row < tile.count; row++) ties += WIDE(deviations + row * tile.stride + start) < limit;
        doubles8 sum = 0;
        for (size_t row = 0; row < tile.count; row++) {
            const doubles8 value = WIDE(tile.values + row * tile.stride + start);
            const doubles8 deviation = WIDE(deviations + row * tile.stride + start);
            const longs8 isTie = (deviation == limit) & (ties > 0);
            ties += isTie;
            sum += (deviation < limit) | isTie ? value : 0;
        }
        *(doubles8 *)(means + start) = sum / (double)kept;
    }
}

static void AT_LEVEL(add_rows_scaled)(struct tributary_tile tile, const double *weights, double *result) {
    for (size_t start = 0; start < padded(tile.width); start += 8) {
        doubles8 sum = *(const doubles8 *)(result + start);
        for (size_t row = 0; row < tile.count; row++)
            sum += weights[row] * WIDE(tile.values + row * tile.stride + start);
        *(doubles8 *)(result + start) = sum;
    }
}

#undef WIDE
