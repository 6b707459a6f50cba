// Element-wise steps for one level: gathering bytes, softmax with its loss, LSTM cells.

#define exponential AT_LEVEL(exponential)
#define sigmoid AT_LEVEL(sigmoid)
#define hyperbolic_tangent AT_LEVEL(hyperbolic_tangent)

// eˣ to about 1e-7: x = n·ln 2 + r with |r| ≤ ln 2 / 2, a Taylor polynomial in r, and n added to the exponent's bits.
// Rounding by a large constant instead of a conversion keeps NaN defined. Arguments are clamped to where the result is
// a normal number.
INLINE vec exponential(vec x) {
    const vec low = splat(-87.0f), high = splat(88.0f), shift = splat(12582912.0f);
    ivec under = x < low, over = x > high;
    x = (vec)(((ivec)x & ~(under | over)) | ((ivec)low & under) | ((ivec)high & over));
    vec shifted = x * splat(1.44269504f) + shift;
    ivec exponent = (ivec)shifted - (ivec)shift;
    vec n = shifted - shift;
    vec r = x - n * splat(0.693359375f);
    r = r + n * splat(2.12194440e-4f);
    vec y = r * splat(1.0f / 720) + splat(1.0f / 120);
    y = y * r + splat(1.0f / 24);
    y = y * r + splat(1.0f / 6);
    y = y * r + splat(0.5f);
    y = y * r + splat(1.0f);
    y = y * r + splat(1.0f);
    return y * (vec)((exponent + 127) << 23);
}

INLINE vec sigmoid(vec x) { return splat(1) / (splat(1) + exponential(-x)); }
INLINE vec hyperbolic_tangent(vec x) { return splat(2) * sigmoid(x + x) - splat(1); }

typedef uint8_t AT_LEVEL(bytes) __attribute__((vector_size(VL), aligned(1)));

static size_t AT_LEVEL(gather_bytes)(
    size_t m, size_t width, const uint8_t *table, const uint32_t *rows, float scale, float *out, uint8_t *seen,
    int32_t *columns) {
    // The rows lie anywhere in a table larger than the caches: ask for all of them before reading the first.
    for (size_t i = 0; i < m; i++) {
        const uint8_t *source = table + (size_t)rows[i] * width;
        for (size_t j = 0; j < width; j += 64) __builtin_prefetch(source + j);
    }
    memset(seen, 0, width);
    for (size_t i = 0; i < m; i++) {
        const uint8_t *source = table + (size_t)rows[i] * width;
        float *target = out + i * width;
        size_t j = 0;
        for (; j + VL <= width; j += VL) {
            AT_LEVEL(bytes) raw = *(const AT_LEVEL(bytes) *)(source + j);
            *(AT_LEVEL(bytes) *)(seen + j) |= raw;
            store(target + j, __builtin_convertvector(__builtin_convertvector(raw, ivec), vec) * splat(scale));
        }
        for (; j < width; j++) {
            seen[j] |= source[j];
            target[j] = (float)source[j] * scale;
        }
    }
    size_t count = 0;
    for (size_t j = 0; j < width; j++) {
        columns[count] = (int32_t)j;
        count += seen[j] != 0;
    }
    return count;
}

// The first place of the row's largest number; 0 where nothing compares larger (a row of NaN).
INLINE size_t AT_LEVEL(largest)(size_t n, const float *row) {
    size_t best = 0;
    for (size_t j = 1; j < n; j++) best = row[j] > row[best] ? j : best;
    return best;
}

static double AT_LEVEL(softmax_loss)(
    size_t m, size_t n, float *logits, const uint16_t *labels, float scale, size_t *correct) {
    double loss = 0;
    for (size_t i = 0; i < m; i++) {
        float *row = logits + i * n;
        size_t best = AT_LEVEL(largest)(n, row);
        float peak = row[best], wanted = row[labels[i]];
        *correct += best == labels[i];
        float total = 0;
        for (size_t j = 0; j < n; j += VL) {
            size_t count = n - j < VL ? n - j : VL;
            vec e = exponential(load_part(row + j, count) - splat(peak));
            float lanes[VL];
            store(lanes, e);
            for (size_t q = count; q < VL; q++) lanes[q] = 0;
            e = load(lanes);
            total += lane_sum(e);
            store_part(row + j, e, count);
        }
        loss += log((double)total) + (double)peak - (double)wanted;
        if (scale == 0) continue;
        for (size_t j = 0; j < n; j += VL) {
            size_t count = n - j < VL ? n - j : VL;
            store_part(row + j, load_part(row + j, count) * splat(scale / total), count);
        }
        row[labels[i]] -= scale;
    }
    return loss;
}

static void AT_LEVEL(max_pool)(
    size_t height, size_t width, size_t channels, const float *image, float *pooled, size_t ldp) {
    size_t row = width * channels;
    for (size_t y = 0; y < height / 2; y++) {
        for (size_t x = 0; x < width / 2; x++) {
            const float *corner = image + 2 * y * row + 2 * x * channels;
            for (size_t j = 0; j < channels; j += VL) {
                size_t count = channels - j < VL ? channels - j : VL;
                const float *place[4] = {corner + j, corner + channels + j, corner + row + j, corner + row + channels + j};
                vec best = load_part(place[0], count);
                UNROLLED for (int q = 1; q < 4; q++) {
                    vec value = load_part(place[q], count);
                    ivec wins = (value > best) | (value != value);
                    best = (vec)(((ivec)value & wins) | ((ivec)best & ~wins));
                }
                store_part(pooled + y * ldp + x * channels + j, best, count);
            }
        }
    }
}

static void AT_LEVEL(max_pool_backward)(
    size_t height, size_t width, size_t channels, const float *image, const float *pooled, size_t ldp,
    const float *dPooled, float *dImage, size_t ldi) {
    size_t row = width * channels;
    for (size_t y = 0; y < height / 2; y++) {
        for (size_t x = 0; x < width / 2; x++) {
            const float *corner = image + 2 * y * row + 2 * x * channels;
            float *target = dImage + 2 * y * ldi + 2 * x * channels;
            for (size_t j = 0; j < channels; j += VL) {
                size_t count = channels - j < VL ? channels - j : VL;
                vec best = load_part(pooled + y * ldp + x * channels + j, count);
                ivec slope = (ivec)load_part(dPooled + (y * (width / 2) + x) * channels + j, count);
                ivec open = ~(best <= (vec){0});
                UNROLLED for (int q = 0; q < 4; q++) {
                    vec value = load_part(corner + (q / 2) * row + (q % 2) * channels + j, count);
                    ivec holds = open & ~((value < best) | (value > best));
                    open &= ~holds;
                    store_part(target + (q / 2) * ldi + (q % 2) * channels + j, (vec)(slope & holds), count);
                }
            }
        }
    }
}

static void AT_LEVEL(lstm_forward)(
    size_t m, size_t n, float *gates, const float *previousCell, float *cell, float *tanhCell, float *hidden) {
    for (size_t i = 0; i < m; i++) {
        float *input = gates + i * 4 * n;
        for (size_t j = 0; j < n; j += VL) {
            size_t count = n - j < VL ? n - j : VL, at = i * n + j;
            vec in = sigmoid(load_part(input + j, count));
            vec forget = sigmoid(load_part(input + n + j, count));
            vec candidate = hyperbolic_tangent(load_part(input + 2 * n + j, count));
            vec out = sigmoid(load_part(input + 3 * n + j, count));
            vec next = in * candidate;
            if (previousCell) next = forget * load_part(previousCell + at, count) + next;
            vec squashed = hyperbolic_tangent(next);
            store_part(input + j, in, count);
            store_part(input + n + j, forget, count);
            store_part(input + 2 * n + j, candidate, count);
            store_part(input + 3 * n + j, out, count);
            store_part(cell + at, next, count);
            store_part(tanhCell + at, squashed, count);
            store_part(hidden + at, out * squashed, count);
        }
    }
}

static void AT_LEVEL(lstm_backward)(
    size_t m, size_t n, float *gates, const float *previousCell, const float *tanhCell, const float *dHidden,
    float *dCell) {
    const vec one = splat(1);
    for (size_t i = 0; i < m; i++) {
        float *input = gates + i * 4 * n;
        for (size_t j = 0; j < n; j += VL) {
            size_t count = n - j < VL ? n - j : VL, at = i * n + j;
            vec in = load_part(input + j, count), forget = load_part(input + n + j, count);
            vec candidate = load_part(input + 2 * n + j, count), out = load_part(input + 3 * n + j, count);
            vec squashed = load_part(tanhCell + at, count), dh = load_part(dHidden + at, count);
            vec before = {0};
            if (previousCell) before = load_part(previousCell + at, count);
            vec dc = load_part(dCell + at, count) + dh * out * (one - squashed * squashed);
            store_part(input + j, dc * candidate * in * (one - in), count);
            store_part(input + n + j, dc * before * forget * (one - forget), count);
            store_part(input + 2 * n + j, dc * in * (one - candidate * candidate), count);
            store_part(input + 3 * n + j, dh * squashed * out * (one - out), count);
            store_part(dCell + at, dc * forget, count);
        }
    }
}
