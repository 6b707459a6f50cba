// Packing codes into bits and back for one level. Eight codes of b bits are b bytes, so eight at a time are one word.

// Eight codes, a byte each, pushed together: pairs, pairs of pairs, halves.
static inline uint64_t AT_LEVEL(pushed_together)(uint64_t word, unsigned bits) {
    word = (word & 0x00FF00FF00FF00FF) | (word >> 8 & 0x00FF00FF00FF00FF) << bits;
    word = (word & 0x0000FFFF0000FFFF) | (word >> 16 & 0x0000FFFF0000FFFF) << 2 * bits;
    return (word & 0x00000000FFFFFFFF) | word >> 32 << 4 * bits;
}

static inline uint64_t AT_LEVEL(pulled_apart)(uint64_t word, unsigned bits) {
    uint64_t half = (1ull << 4 * bits) - 1;
    uint64_t pair = ((1ull << 2 * bits) - 1) * 0x0000000100000001;
    uint64_t one = ((1ull << bits) - 1) * 0x0001000100010001;
    word = (word & half) | (word >> 4 * bits & half) << 32;
    word = (word & pair) | (word >> 2 * bits & pair) << 16;
    return (word & one) | (word >> bits & one) << 8;
}

static void AT_LEVEL(pack)(const uint8_t *codes, size_t length, unsigned bits, uint8_t *bytes) {
    size_t size = (length * bits + 7) / 8;
    size_t i = 0, at = 0;
    uint64_t word;
    // A word at a time: beyond the group's bytes there are only zeros, which the next group overwrites.
    for (; i + 8 <= length && at + 8 <= size; i += 8, at += bits) {
        memcpy(&word, codes + i, 8);
        word = little_endian(AT_LEVEL(pushed_together)(little_endian(word), bits));
        memcpy(bytes + at, &word, 8);
    }
    for (; i < length; i += 8, at += bits) {
        word = 0;
        memcpy(&word, codes + i, length - i < 8 ? length - i : 8);
        word = little_endian(AT_LEVEL(pushed_together)(little_endian(word), bits));
        memcpy(bytes + at, &word, size - at < 8 ? size - at : 8);
    }
}

static uint8_t AT_LEVEL(unpack)(const uint8_t *bytes, size_t length, unsigned bits, const float *table,
                                float *values) {
    size_t size = (length * bits + 7) / 8;
    uint8_t codes[512];
    codes_bytes16 largest = {0};
    for (size_t start = 0; start < length; start += sizeof codes) {
        size_t count = length - start < sizeof codes ? length - start : sizeof codes;
        size_t i = 0, at = start / 8 * bits;
        uint64_t word;
        for (; i < count && at + 8 <= size; i += 8, at += bits) {
            memcpy(&word, bytes + at, 8);
            word = little_endian(AT_LEVEL(pulled_apart)(little_endian(word), bits));
            memcpy(codes + i, &word, 8);
        }
        for (; i < count; i += 8, at += bits) {
            word = 0;
            memcpy(&word, bytes + at, size - at);
            word = little_endian(AT_LEVEL(pulled_apart)(little_endian(word), bits));
            memcpy(codes + i, &word, 8);
        }
        // Bits left over behind the last code are none.
        for (i = count; i % 16 != 0; i++) codes[i] = 0;
        for (i = 0; i < count; i += 16) {
            codes_bytes16 group;
            memcpy(&group, codes + i, sizeof group);
            largest = __builtin_elementwise_max(largest, group);
        }
        for (i = 0; i < count; i++) values[start + i] = table[codes[i]];
    }
    uint8_t result = 0;
    for (size_t lane = 0; lane < 16; lane++) result = largest[lane] > result ? largest[lane] : result;
    return result;
}
