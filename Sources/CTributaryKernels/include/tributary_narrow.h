#ifndef TRIBUTARY_NARROW_H
#define TRIBUTARY_NARROW_H

#include <stddef.h>

// Single precision to and from two formats of 16 bits: halves (IEEE 754 binary16) and brain floats (the upper half of
// single precision), both little-endian.
//
// Reading is exact. Writing gives the nearest number, ties to even, and beyond the largest an infinity. NaN keeps its
// sign and the top of its payload, either way; a payload of which nothing is left becomes the quiet bit. Nothing needs
// to be aligned, and no two arguments may overlap. Every function takes the instruction-set level to run at, which the
// processor must support; all levels give the same bits.

/// Reads `count` halves.
void tributary_halves_decode(int level, const void *bytes, float *values, size_t count);

/// Writes `count` halves.
void tributary_halves_encode(int level, const float *values, void *bytes, size_t count);

/// Reads `count` brain floats.
void tributary_brains_decode(int level, const void *bytes, float *values, size_t count);

/// Writes `count` brain floats.
void tributary_brains_encode(int level, const float *values, void *bytes, size_t count);

#endif
