// The formats of 16 bits, at every instruction-set level, and the choice between them.
//
// The plain loops have no branches, so that they become vectors of whatever the level has. From AVX2 on halves are
// converted by hardware, which differs from the plain loops in NaN alone: it sets the quiet bit. Groups with a NaN
// among them, of which honest models have none, are done again by the plain loop.

#include "tributary_narrow.h"
#include "tributary_kernels.h"

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define NARROW_CONCAT2(name, level) name##_##level
#define NARROW_CONCAT(name, level) NARROW_CONCAT2(name, level)
#define NARROW_NAME(name) NARROW_CONCAT(name, NARROW_LEVEL)

static inline uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t load16(const uint8_t *bytes) {
    uint16_t number;
    memcpy(&number, bytes, sizeof number);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    number = __builtin_bswap16(number);
#endif
    return number;
}

static inline void store16(uint8_t *bytes, uint32_t bits) {
    uint16_t number = (uint16_t)bits;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    number = __builtin_bswap16(number);
#endif
    memcpy(bytes, &number, sizeof number);
}

static inline float value_of_half(uint32_t half) {
    const uint32_t shifted = (half & 0x7FFF) << 13;
    const uint32_t normal = shifted + (112u << 23);
    const uint32_t not_finite = shifted + (224u << 23);
    // 2^-14 with the significand behind it, less 2^-14.
    const uint32_t smallest = 113u << 23;
    const uint32_t subnormal = bits_of(float_of(smallest | shifted) - float_of(smallest));
    const uint32_t finite = shifted < 0x00800000 ? subnormal : normal;
    const uint32_t magnitude = shifted >= 0x0F800000 ? not_finite : finite;
    return float_of(magnitude | (half & 0x8000) << 16);
}

static inline uint32_t half_nearest(float value) {
    const uint32_t bits = bits_of(value);
    const uint32_t magnitude = bits & 0x7FFFFFFF;
    // The exponent's bias goes from 127 to 15 and 13 bits of the significand go; a carry runs into the exponent, which
    // is the next power of two, or infinity, as it should be.
    const uint32_t rebiased = magnitude - (112u << 23);
    const uint32_t normal = (rebiased + 0xFFF + (rebiased >> 13 & 1)) >> 13;
    // Below 2^-14 halves are 2^-24 apart, as floats are at 0.5: adding that makes the hardware round there.
    const uint32_t subnormal = bits_of(float_of(magnitude) + 0.5f) - bits_of(0.5f);
    const uint32_t payload = magnitude >> 13 & 0x3FF;
    const uint32_t nan = 0x7C00 | (payload == 0 ? 0x200 : payload);
    const uint32_t finite = magnitude < 0x38800000 ? subnormal : normal;
    const uint32_t or_infinite = magnitude >= 0x47800000 ? 0x7C00 : finite;
    return (magnitude > 0x7F800000 ? nan : or_infinite) | (bits >> 16 & 0x8000);
}

static inline uint32_t brain_nearest(float value) {
    const uint32_t bits = bits_of(value);
    const uint32_t rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
    const uint32_t top = bits >> 16;
    const uint32_t nan = (top & 0x7F) == 0 ? top | 0x40 : top;
    return (bits & 0x7FFFFFFF) > 0x7F800000 ? nan : rounded;
}

#define NARROW_LEVEL portable
#include "narrow_level.h"
#undef NARROW_LEVEL

// Where there is no hardware for it, the plain loops do.
#define halves_decode_portable plain_halves_decode_portable
#define halves_encode_portable plain_halves_encode_portable

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define NARROW_LEVEL avx2
#include "narrow_level.h"
#undef NARROW_LEVEL

static void halves_decode_avx2(const uint8_t *restrict bytes, float *restrict values, size_t count) {
    enum { group = 16 };
    size_t i = 0;
    for (; i + group <= count; i += group) {
        const __m128i *source = (const __m128i *)(bytes + 2 * i);
        const __m256 low = _mm256_cvtph_ps(_mm_loadu_si128(source));
        const __m256 high = _mm256_cvtph_ps(_mm_loadu_si128(source + 1));
        _mm256_storeu_ps(values + i, low);
        _mm256_storeu_ps(values + i + 8, high);
        if (_mm256_movemask_ps(_mm256_cmp_ps(low, high, _CMP_UNORD_Q)))
            plain_halves_decode_avx2(bytes + 2 * i, values + i, group);
    }
    plain_halves_decode_avx2(bytes + 2 * i, values + i, count - i);
}

static void halves_encode_avx2(const float *restrict values, uint8_t *restrict bytes, size_t count) {
    enum { group = 16 };
    size_t i = 0;
    for (; i + group <= count; i += group) {
        const __m256 low = _mm256_loadu_ps(values + i), high = _mm256_loadu_ps(values + i + 8);
        __m128i *target = (__m128i *)(bytes + 2 * i);
        _mm_storeu_si128(target, _mm256_cvtps_ph(low, _MM_FROUND_TO_NEAREST_INT));
        _mm_storeu_si128(target + 1, _mm256_cvtps_ph(high, _MM_FROUND_TO_NEAREST_INT));
        if (_mm256_movemask_ps(_mm256_cmp_ps(low, high, _CMP_UNORD_Q)))
            plain_halves_encode_avx2(values + i, bytes + 2 * i, group);
    }
    plain_halves_encode_avx2(values + i, bytes + 2 * i, count - i);
}
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx2,fma,f16c"))), apply_to = function)
#define NARROW_LEVEL avx512
#include "narrow_level.h"
#undef NARROW_LEVEL

static void halves_decode_avx512(const uint8_t *restrict bytes, float *restrict values, size_t count) {
    enum { group = 32 };
    size_t i = 0;
    for (; i + group <= count; i += group) {
        const __m256i *source = (const __m256i *)(bytes + 2 * i);
        const __m512 low = _mm512_cvtph_ps(_mm256_loadu_si256(source));
        const __m512 high = _mm512_cvtph_ps(_mm256_loadu_si256(source + 1));
        _mm512_storeu_ps(values + i, low);
        _mm512_storeu_ps(values + i + 16, high);
        if (_mm512_cmp_ps_mask(low, high, _CMP_UNORD_Q))
            plain_halves_decode_avx512(bytes + 2 * i, values + i, group);
    }
    plain_halves_decode_avx512(bytes + 2 * i, values + i, count - i);
}

static void halves_encode_avx512(const float *restrict values, uint8_t *restrict bytes, size_t count) {
    enum { group = 32 };
    size_t i = 0;
    for (; i + group <= count; i += group) {
        const __m512 low = _mm512_loadu_ps(values + i), high = _mm512_loadu_ps(values + i + 16);
        __m256i *target = (__m256i *)(bytes + 2 * i);
        _mm256_storeu_si256(target, _mm512_cvtps_ph(low, _MM_FROUND_TO_NEAREST_INT));
        _mm256_storeu_si256(target + 1, _mm512_cvtps_ph(high, _MM_FROUND_TO_NEAREST_INT));
        if (_mm512_cmp_ps_mask(low, high, _CMP_UNORD_Q))
            plain_halves_encode_avx512(values + i, bytes + 2 * i, group);
    }
    plain_halves_encode_avx512(values + i, bytes + 2 * i, count - i);
}
#pragma clang attribute pop

#define NARROW_AT(level, name, ...)                                                                                    \
    (level == TRIBUTARY_LEVEL_AVX512 ? name##_avx512(__VA_ARGS__)                                                      \
     : level == TRIBUTARY_LEVEL_AVX2 ? name##_avx2(__VA_ARGS__)                                                        \
                                     : name##_portable(__VA_ARGS__))
#else
#define NARROW_AT(level, name, ...) ((void)(level), name##_portable(__VA_ARGS__))
#endif

void tributary_halves_decode(int level, const void *bytes, float *values, size_t count) {
    NARROW_AT(level, halves_decode, bytes, values, count);
}

void tributary_halves_encode(int level, const float *values, void *bytes, size_t count) {
    NARROW_AT(level, halves_encode, values, bytes, count);
}

void tributary_brains_decode(int level, const void *bytes, float *values, size_t count) {
    NARROW_AT(level, brains_decode, bytes, values, count);
}

void tributary_brains_encode(int level, const float *values, void *bytes, size_t count) {
    NARROW_AT(level, brains_encode, values, bytes, count);
}
