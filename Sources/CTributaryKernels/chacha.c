// ChaCha20 (RFC 8439) for noise: eight blocks side by side, one in each lane, compiled for several instruction sets.
// All of them give the same bits. Nothing depends on the key but the values: no branch and no address.

#include "tributary_chacha.h"
#include "tributary_kernels.h"

#include <string.h>

typedef uint32_t chacha_words __attribute__((vector_size(4 * TRIBUTARY_CHACHA_BLOCKS)));
typedef uint64_t chacha_numbers __attribute__((vector_size(8 * TRIBUTARY_CHACHA_BLOCKS)));

#define ROTATE(x, count) (((x) << (count)) | ((x) >> (32 - (count))))

#define QUARTER_ROUND(a, b, c, d)      \
    do {                               \
        x[a] += x[b];                  \
        x[d] = ROTATE(x[d] ^ x[a], 16); \
        x[c] += x[d];                  \
        x[b] = ROTATE(x[b] ^ x[c], 12); \
        x[a] += x[b];                  \
        x[d] = ROTATE(x[d] ^ x[a], 8);  \
        x[c] += x[d];                  \
        x[b] = ROTATE(x[b] ^ x[c], 7);  \
    } while (0)

static inline __attribute__((always_inline)) void blocks(uint64_t *numbers, const uint32_t *state) {
    const chacha_words lanes = {0, 1, 2, 3, 4, 5, 6, 7};
    chacha_words start[16], x[16];
    for (int i = 0; i < 16; i++) start[i] = (chacha_words){0} + state[i];
    start[12] += lanes;
    for (int i = 0; i < 16; i++) x[i] = start[i];
    for (int round = 0; round < 10; round++) {
        QUARTER_ROUND(0, 4, 8, 12);
        QUARTER_ROUND(1, 5, 9, 13);
        QUARTER_ROUND(2, 6, 10, 14);
        QUARTER_ROUND(3, 7, 11, 15);
        QUARTER_ROUND(0, 5, 10, 15);
        QUARTER_ROUND(1, 6, 11, 12);
        QUARTER_ROUND(2, 7, 8, 13);
        QUARTER_ROUND(3, 4, 9, 14);
    }
    for (int i = 0; i < 16; i += 2) {
        chacha_numbers low = __builtin_convertvector(x[i] + start[i], chacha_numbers);
        chacha_numbers high = __builtin_convertvector(x[i + 1] + start[i + 1], chacha_numbers);
        low |= high << 32;
        memcpy(numbers + i / 2 * TRIBUTARY_CHACHA_BLOCKS, &low, sizeof low);
    }
}

static void blocks_portable(uint64_t *numbers, const uint32_t *state) { blocks(numbers, state); }

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void blocks_avx2(uint64_t *numbers, const uint32_t *state) {
    blocks(numbers, state);
}

__attribute__((target("avx512f,avx512vl"))) static void blocks_avx512(uint64_t *numbers, const uint32_t *state) {
    blocks(numbers, state);
}
#endif

void tributary_chacha(uint64_t *numbers, const uint32_t *key, const uint32_t *nonce, uint32_t counter) {
    // "expand 32-byte k"
    uint32_t state[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, [12] = counter};
    memcpy(state + 4, key, 8 * sizeof *key);
    memcpy(state + 13, nonce, 3 * sizeof *nonce);
#if defined(__x86_64__)
    const char *level = tributary_kernels_level();
    if (level[0] == 'a') {
        if (level[3] == '5') blocks_avx512(numbers, state);
        else blocks_avx2(numbers, state);
        return;
    }
#endif
    blocks_portable(numbers, state);
}
