// The rotation's two steps for one level. Only additions: whatever the width, the bits are the same.

static void AT_LEVEL(flip_signs)(float *values, size_t length, const uint64_t *signs, float scale) {
    static const codes_ints16 shifts = {31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16};
    const codes_ints16 sign = (codes_ints16){0} + INT32_MIN;
    size_t i = 0;
    for (; i + 16 <= length; i += 16) {
        codes_floats16 v;
        memcpy(&v, values + i, sizeof v);
        v *= scale;
        codes_ints16 word = (codes_ints16){0} + (int32_t)(signs[i / 64] >> (i & 63) & 0xFFFF);
        v = (codes_floats16)((codes_ints16)v ^ (word << shifts & sign));
        memcpy(values + i, &v, sizeof v);
    }
    for (; i < length; i++) {
        float scaled = values[i] * scale;
        values[i] = signs[i / 64] >> (i & 63) & 1 ? -scaled : scaled;
    }
}

// The butterflies at a distance within one vector: the partner, plus or minus the lane itself.
#define CODES_PARTNER(v, h)                                                                                    \
    __builtin_shufflevector(v, v, 0 ^ h, 1 ^ h, 2 ^ h, 3 ^ h, 4 ^ h, 5 ^ h, 6 ^ h, 7 ^ h, 8 ^ h, 9 ^ h, 10 ^ h, \
                            11 ^ h, 12 ^ h, 13 ^ h, 14 ^ h, 15 ^ h)
#define CODES_MINUS(lane, h) ((lane) & (h) ? INT32_MIN : 0)
#define CODES_BUTTERFLY(v, h)                                                                                    \
    (CODES_PARTNER(v, h) +                                                                                       \
     (codes_floats16)((codes_ints16)v ^                                                                          \
                      (codes_ints16){CODES_MINUS(0, h), CODES_MINUS(1, h), CODES_MINUS(2, h), CODES_MINUS(3, h), \
                                     CODES_MINUS(4, h), CODES_MINUS(5, h), CODES_MINUS(6, h), CODES_MINUS(7, h), \
                                     CODES_MINUS(8, h), CODES_MINUS(9, h), CODES_MINUS(10, h),                   \
                                     CODES_MINUS(11, h), CODES_MINUS(12, h), CODES_MINUS(13, h),                 \
                                     CODES_MINUS(14, h), CODES_MINUS(15, h)}))

static void AT_LEVEL(hadamard_near)(float *values, size_t length) {
    for (size_t i = 0; i < length; i += 16) {
        codes_floats16 v;
        memcpy(&v, values + i, sizeof v);
        v = CODES_BUTTERFLY(v, 1);
        v = CODES_BUTTERFLY(v, 2);
        v = CODES_BUTTERFLY(v, 4);
        v = CODES_BUTTERFLY(v, 8);
        memcpy(values + i, &v, sizeof v);
    }
}

// Two distances at once, h and 2h, on four vectors: half the way through memory.
static void AT_LEVEL(hadamard_pair)(float *values, size_t length, size_t h) {
    for (size_t start = 0; start < length; start += 4 * h) {
        for (size_t i = start; i < start + h; i += 16) {
            codes_floats16 a, b, c, d;
            memcpy(&a, values + i, sizeof a);
            memcpy(&b, values + i + h, sizeof b);
            memcpy(&c, values + i + 2 * h, sizeof c);
            memcpy(&d, values + i + 3 * h, sizeof d);
            codes_floats16 sum = a + b, difference = a - b, far_sum = c + d, far_difference = c - d;
            a = sum + far_sum;
            b = difference + far_difference;
            c = sum - far_sum;
            d = difference - far_difference;
            memcpy(values + i, &a, sizeof a);
            memcpy(values + i + h, &b, sizeof b);
            memcpy(values + i + 2 * h, &c, sizeof c);
            memcpy(values + i + 3 * h, &d, sizeof d);
        }
    }
}

static void AT_LEVEL(hadamard_one)(float *values, size_t length, size_t h) {
    for (size_t start = 0; start < length; start += 2 * h) {
        for (size_t i = start; i < start + h; i++) {
            float x = values[i], y = values[i + h];
            values[i] = x + y;
            values[i + h] = x - y;
        }
    }
}

static void AT_LEVEL(hadamard)(float *values, size_t length) {
    size_t h = 1;
    if (length >= 16) {
        AT_LEVEL(hadamard_near)(values, length);
        h = 16;
        for (; 4 * h <= length; h *= 4) AT_LEVEL(hadamard_pair)(values, length, h);
    }
    for (; h < length; h *= 2) AT_LEVEL(hadamard_one)(values, length, h);
}

#undef CODES_PARTNER
#undef CODES_MINUS
#undef CODES_BUTTERFLY
