// Vectors of VL floats for one instruction-set level. Included once per level by matrix.c, which defines LEVEL and VL.
// No include guard on purpose.

#define TRIBUTARY_PASTE_(a, b) a##_##b
#define TRIBUTARY_PASTE(a, b) TRIBUTARY_PASTE_(a, b)
#define AT_LEVEL(name) TRIBUTARY_PASTE(name, LEVEL)
#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")

typedef float AT_LEVEL(vec) __attribute__((vector_size(4 * VL)));
typedef int32_t AT_LEVEL(ivec) __attribute__((vector_size(4 * VL)));
typedef float AT_LEVEL(unaligned) __attribute__((vector_size(4 * VL), aligned(4)));
#define vec AT_LEVEL(vec)
#define ivec AT_LEVEL(ivec)
#define load AT_LEVEL(load)
#define store AT_LEVEL(store)
#define load_part AT_LEVEL(load_part)
#define store_part AT_LEVEL(store_part)
#define splat AT_LEVEL(splat)
#define positive_part AT_LEVEL(positive_part)
#define lane_sum AT_LEVEL(lane_sum)

INLINE vec load(const float *p) { return *(const AT_LEVEL(unaligned) *)p; }
INLINE void store(float *p, vec v) { *(AT_LEVEL(unaligned) *)p = v; }
INLINE vec splat(float x) {
    vec v;
    UNROLLED for (int i = 0; i < VL; i++) v[i] = x;
    return v;
}

// The first `count` lanes (1 … VL); the others are zero on load and left alone in memory on store.
#if VL == 16
INLINE vec load_part(const float *p, size_t count) {
    return (vec)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), p);
}
INLINE void store_part(float *p, vec v, size_t count) {
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << count) - 1), (__m512)v);
}
#elif VL == 8
INLINE __m256i AT_LEVEL(part_mask)(size_t count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
INLINE vec load_part(const float *p, size_t count) { return (vec)_mm256_maskload_ps(p, AT_LEVEL(part_mask)(count)); }
INLINE void store_part(float *p, vec v, size_t count) { _mm256_maskstore_ps(p, AT_LEVEL(part_mask)(count), (__m256)v); }
#else
INLINE vec load_part(const float *p, size_t count) {
    if (count == VL) return load(p);
    vec v = {p[0], 0, 0, 0};
    if (count > 1) v[1] = p[1];
    if (count > 2) v[2] = p[2];
    return v;
}
INLINE void store_part(float *p, vec v, size_t count) {
    if (count == VL) {
        store(p, v);
        return;
    }
    p[0] = v[0];
    if (count > 1) p[1] = v[1];
    if (count > 2) p[2] = v[2];
}
#endif

// Written with a comparison that is false for NaN, so that a model that has exploded shows it.
INLINE vec positive_part(vec v) { return (vec)((ivec)v & ~(ivec)(v < (vec){0})); }

INLINE float lane_sum(vec v) {
    float lanes[VL];
    store(lanes, v);
    UNROLLED for (int half = VL / 2; half > 0; half /= 2) {
        UNROLLED for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
    }
    return lanes[0];
}
