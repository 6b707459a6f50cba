// Order statistics of columns. Included by tiles_level.h.

static int AT_LEVEL(is_finite)(const float *values, size_t count) {
    uint32_t bad = 0;
    for (size_t i = 0; i < count; i++) bad |= !(fabsf(values[i]) <= __FLT_MAX__);
    return bad == 0;
}

// One step of a network, on the columns of one pass. Without a NaN and without a negative zero, comparing and choosing
// is what the processors' minimum and maximum do.
static void AT_LEVEL(exchange)(float *low, float *high, uint32_t keeps) {
    switch (keeps) {
    case TRIBUTARY_KEEP_LOW:
        for (size_t c = 0; c < network_width; c += 16) {
            floats16 a = *(floats16 *)(low + c), b = *(floats16 *)(high + c);
            *(floats16 *)(low + c) = a < b ? a : b;
        }
        break;
    case TRIBUTARY_KEEP_HIGH:
        for (size_t c = 0; c < network_width; c += 16) {
            floats16 a = *(floats16 *)(low + c), b = *(floats16 *)(high + c);
            *(floats16 *)(high + c) = a < b ? b : a;
        }
        break;
    default:
        for (size_t c = 0; c < network_width; c += 16) {
            floats16 a = *(floats16 *)(low + c), b = *(floats16 *)(high + c);
            *(floats16 *)(low + c) = a < b ? a : b;
            *(floats16 *)(high + c) = a < b ? b : a;
        }
    }
}

static void AT_LEVEL(network_ranks)(
    struct tributary_tile tile, const struct tributary_exchange *exchanges, size_t exchangeCount, size_t lowRank,
    size_t highRank, void *scratch, float *lows, float *highs) {
    float *const rows = scratch;
    const size_t width = padded(tile.width);
    for (size_t start = 0; start < width; start += network_width) {
        size_t columns = width - start < network_width ? width - start : network_width;
        for (size_t row = 0; row < tile.count; row++) {
            const float *from = tile.values + row * tile.stride + start;
            float *to = rows + row * network_width;
            // Adding zero makes a positive zero of a negative one and nothing else of anything else.
            for (size_t c = 0; c < columns; c += 16) *(floats16 *)(to + c) = *(const floats16 *)(from + c) + 0.0f;
            for (size_t c = columns; c < network_width; c += 16) *(floats16 *)(to + c) = 0;
        }
        for (size_t k = 0; k < exchangeCount; k++) {
            struct tributary_exchange step = exchanges[k];
            AT_LEVEL(exchange)(rows + step.low * network_width, rows + step.high * network_width, step.keeps);
        }
        memcpy(lows + start, rows + lowRank * network_width, columns * sizeof(float));
        memcpy(highs + start, rows + highRank * network_width, columns * sizeof(float));
    }
}

// Integers in the same order as the numbers, and back: the same operation.
#define ORDERED(bits) ((bits) ^ (((bits) >> 31) & 0x7fffffff))

// The number of rank r is the largest that has at most r smaller ones: it is built from its highest bit down.
static void AT_LEVEL(bisect)(
    const int32_t *keys, size_t count, size_t lowRank, size_t highRank, ints16 *low, ints16 *high) {
    ints16 lowPrefix = INT32_MIN, highPrefix = INT32_MIN;
    for (int bit = 31; bit >= 0; bit--) {
        // The first step, from the smallest integer to zero, wraps around.
        ints16 step = (int32_t)(1u << bit);
        ints16 lowTrial = lowPrefix ^ step, highTrial = highPrefix ^ step, lowCount = 0, highCount = 0;
        for (size_t row = 0; row < count; row++) {
            ints16 key = *(const ints16 *)(keys + row * lane_count);
            lowCount -= key < lowTrial;
            highCount -= key < highTrial;
        }
        lowPrefix = lowCount <= (int32_t)lowRank ? lowTrial : lowPrefix;
        highPrefix = highCount <= (int32_t)highRank ? highTrial : highPrefix;
    }
    *low = lowPrefix;
    *high = highPrefix;
}

static void AT_LEVEL(bisected_ranks)(
    struct tributary_tile tile, size_t lowRank, size_t highRank, void *scratch, float *lows, float *highs) {
    int32_t *const keys = scratch;
    for (size_t start = 0; start < padded(tile.width); start += lane_count) {
        for (size_t row = 0; row < tile.count; row++) {
            floats16 values = *(const floats16 *)(tile.values + row * tile.stride + start) + 0.0f;
            ints16 bits;
            memcpy(&bits, &values, sizeof bits);
            *(ints16 *)(keys + row * lane_count) = ORDERED(bits);
        }
        ints16 low, high;
        AT_LEVEL(bisect)(keys, tile.count, lowRank, highRank, &low, &high);
        low = ORDERED(low);
        high = ORDERED(high);
        memcpy(lows + start, &low, sizeof low);
        memcpy(highs + start, &high, sizeof high);
    }
}

#undef ORDERED
