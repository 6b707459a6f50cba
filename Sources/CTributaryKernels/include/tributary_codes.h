#ifndef TRIBUTARY_CODES_H
#define TRIBUTARY_CODES_H

#include <stddef.h>
#include <stdint.h>

// The passes of compressed updates: looking a vector over, rounding it to levels, packing codes, rotating it.
//
// Every function takes the instruction-set level to run at (TRIBUTARY_LEVEL_…), which the processor must support. All
// levels give the same bits: sums have a fixed number of lanes, products are exact, and nothing is fused.

/// What `tributary_summary` saw.
struct tributary_summary_result {
    /// The smallest and the largest number; zero is never negative. Both are zero for no numbers.
    float least, greatest;
    /// The sum of the squares; not finite exactly if a number is not.
    double squares;
    /// The sum of the magnitudes.
    double magnitudes;
};

/// Looks a vector over in one pass.
struct tributary_summary_result tributary_summary(int level, const float *values, size_t length);

/// The inner product of two vectors.
double tributary_dot(int level, const float *a, const float *b, size_t length);

/// Fills `out` with `length` random words (a multiple of 16) from eight generators side by side, xoshiro256**
/// (Blackman and Vigna 2021), whose 32 state words are moved on: word w of generator g is state[8w + g].
void tributary_random_words(int level, uint64_t *state, uint32_t *out, size_t length);

/// Rounds each number to one of the neighbouring levels at random, so that the expected level is the number: its code is
/// ⌊(value − origin) · inverse_step + u⌋ within 0 … top, with u uniform in (0, 1) from the random word of its place.
void tributary_round_levels(
    int level, const float *values, size_t length, double origin, double inverse_step, uint32_t top,
    const uint32_t *random, uint8_t *codes);

/// The number of thresholds (ascending) that each value reaches.
void tributary_count_thresholds(
    int level, const float *values, size_t length, const float *thresholds, size_t count, uint8_t *codes);

/// Packs codes of `bits` bits (1 … 8), lowest bit first, into ⌈length · bits / 8⌉ bytes; left-over bits are zero.
void tributary_pack(int level, const uint8_t *codes, size_t length, unsigned bits, uint8_t *bytes);

/// The reverse, as numbers out of a table with an entry for every code of that many bits. Returns the largest code.
/// `bytes` has at least ⌈length · bits / 8⌉ bytes; left-over bits are not looked at.
uint8_t tributary_unpack(
    int level, const uint8_t *bytes, size_t length, unsigned bits, const float *table, float *values);

/// values[i] *= scale, and the sign of values[i] is flipped where bit i % 64 of signs[i / 64] is set.
void tributary_flip_signs(int level, float *values, size_t length, const uint64_t *signs, float scale);

/// The Walsh–Hadamard transform in place, without a factor: butterflies (x, y) → (x + y, x − y) at distances 1, 2, 4, …
/// `length` is a power of two.
void tributary_hadamard(int level, float *values, size_t length);

#endif
