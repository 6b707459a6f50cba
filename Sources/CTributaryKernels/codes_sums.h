// Sums, random words and rounding for one level.

static struct tributary_summary_result AT_LEVEL(summary)(const float *values, size_t length) {
    codes_doubles8 squares = {0}, magnitudes = {0};
    float first = length > 0 ? values[0] : 0;
    codes_floats8 least = (codes_floats8){0} + first, greatest = least;
    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        codes_floats8 v;
        memcpy(&v, values + i, sizeof v);
        least = __builtin_elementwise_min(least, v);
        greatest = __builtin_elementwise_max(greatest, v);
        codes_doubles8 wide = __builtin_convertvector(v, codes_doubles8);
        squares += wide * wide;
        magnitudes += __builtin_elementwise_abs(wide);
    }
    struct tributary_summary_result result = {first, first, 0, 0};
    for (size_t lane = 0; lane < 8; lane++) {
        result.least = least[lane] < result.least ? least[lane] : result.least;
        result.greatest = greatest[lane] > result.greatest ? greatest[lane] : result.greatest;
        result.squares += squares[lane];
        result.magnitudes += magnitudes[lane];
    }
    for (; i < length; i++) {
        double wide = values[i];
        result.least = values[i] < result.least ? values[i] : result.least;
        result.greatest = values[i] > result.greatest ? values[i] : result.greatest;
        result.squares += wide * wide;
        result.magnitudes += wide < 0 ? -wide : wide;
    }
    // Which zero wins a comparison is up to the instruction set; adding zero makes it the positive one.
    result.least += 0.0f;
    result.greatest += 0.0f;
    return result;
}

static double AT_LEVEL(dot)(const float *a, const float *b, size_t length) {
    codes_doubles8 sums = {0};
    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        codes_floats8 x, y;
        memcpy(&x, a + i, sizeof x);
        memcpy(&y, b + i, sizeof y);
        sums += __builtin_convertvector(x, codes_doubles8) * __builtin_convertvector(y, codes_doubles8);
    }
    double sum = 0;
    for (size_t lane = 0; lane < 8; lane++) sum += sums[lane];
    for (; i < length; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

static void AT_LEVEL(random_words)(uint64_t *state, uint32_t *out, size_t length) {
    codes_words8 s0, s1, s2, s3;
    memcpy(&s0, state, sizeof s0);
    memcpy(&s1, state + 8, sizeof s1);
    memcpy(&s2, state + 16, sizeof s2);
    memcpy(&s3, state + 24, sizeof s3);
    for (size_t i = 0; i < length; i += 16) {
        codes_words8 product = (s1 << 2) + s1;
        product = (product << 7) | (product >> 57);
        product = (product << 3) + product;
        memcpy(out + i, &product, sizeof product);
        codes_words8 shifted = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= shifted;
        s3 = (s3 << 45) | (s3 >> 19);
    }
    memcpy(state, &s0, sizeof s0);
    memcpy(state + 8, &s1, sizeof s1);
    memcpy(state + 16, &s2, sizeof s2);
    memcpy(state + 24, &s3, sizeof s3);
}

static void AT_LEVEL(round_levels)(const float *values, size_t length, double origin, double inverse_step,
                                   uint32_t top, const uint32_t *random, uint8_t *codes) {
    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        codes_floats8 v;
        codes_ints8 words;
        memcpy(&v, values + i, sizeof v);
        memcpy(&words, random + i, sizeof words);
        codes_doubles8 place = (__builtin_convertvector(v, codes_doubles8) - origin) * inverse_step;
        codes_doubles8 uniform = __builtin_convertvector(words, codes_doubles8) + CODES_UNIFORM_SHIFT;
        place += uniform * CODES_UNIFORM_SCALE;
        place = __builtin_elementwise_min(__builtin_elementwise_max(place, (codes_doubles8){0}),
                                          (codes_doubles8){0} + (double)top);
        codes_bytes8 rounded = __builtin_convertvector(__builtin_convertvector(place, codes_ints8), codes_bytes8);
        memcpy(codes + i, &rounded, sizeof rounded);
    }
    for (; i < length; i++) {
        double place = ((double)values[i] - origin) * inverse_step;
        place += ((double)(int32_t)random[i] + CODES_UNIFORM_SHIFT) * CODES_UNIFORM_SCALE;
        place = place > 0 ? place : 0;
        codes[i] = (uint8_t)(place < (double)top ? place : (double)top);
    }
}

static void AT_LEVEL(count_thresholds)(const float *values, size_t length, const float *thresholds, size_t count,
                                       uint8_t *codes) {
    size_t i = 0;
    for (; i + 16 <= length; i += 16) {
        codes_floats16 v;
        memcpy(&v, values + i, sizeof v);
        codes_ints16 reached = {0};
        for (size_t t = 0; t < count; t++) reached -= v >= (codes_floats16){0} + thresholds[t];
        codes_bytes16 narrow = __builtin_convertvector(reached, codes_bytes16);
        memcpy(codes + i, &narrow, sizeof narrow);
    }
    for (; i < length; i++) {
        uint8_t reached = 0;
        for (size_t t = 0; t < count; t++) reached += values[i] >= thresholds[t];
        codes[i] = reached;
    }
}
