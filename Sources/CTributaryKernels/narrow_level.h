// Included by narrow.c once for each instruction set.

static void NARROW_NAME(plain_halves_decode)(const uint8_t *restrict bytes, float *restrict values, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] = value_of_half(load16(bytes + 2 * i));
}

static void NARROW_NAME(plain_halves_encode)(const float *restrict values, uint8_t *restrict bytes, size_t count) {
    for (size_t i = 0; i < count; i++) store16(bytes + 2 * i, half_nearest(values[i]));
}

static void NARROW_NAME(brains_decode)(const uint8_t *restrict bytes, float *restrict values, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] = float_of(load16(bytes + 2 * i) << 16);
}

static void NARROW_NAME(brains_encode)(const float *restrict values, uint8_t *restrict bytes, size_t count) {
    for (size_t i = 0; i < count; i++) store16(bytes + 2 * i, brain_nearest(values[i]));
}
