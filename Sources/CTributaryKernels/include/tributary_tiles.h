#ifndef TRIBUTARY_TILES_H
#define TRIBUTARY_TILES_H

#include "tributary_kernels.h"

#include <stddef.h>
#include <stdint.h>

// What rules that look at every update do with a tile: a few hundred coordinates of each update, one update a row.
//
// Numbers are finite. Rows begin a multiple of TRIBUTARY_TILE_LANES apart, and from `width` up to the next such
// multiple they are zero and may be read; what a function writes has room for as many. Nothing needs to be aligned.
// Every function takes the instruction-set level to run at, which the processor must support; all levels give the same
// bits.

/// What widths are rounded up to.
#define TRIBUTARY_TILE_LANES 16

/// Sums over coordinates are made of blocks of this many, each added up by itself.
#define TRIBUTARY_TILE_BLOCK 512

/// Coordinates that pass through a sorting network together.
#define TRIBUTARY_NETWORK_WIDTH 64

/// `count` rows of `width` numbers; row r begins at values + r * stride.
struct tributary_tile {
    const float *values;
    size_t stride;
    size_t count;
    size_t width;
};

/// 1 if none of the numbers is NaN or infinite.
int tributary_is_finite(int level, const float *values, size_t count);

enum { TRIBUTARY_KEEP_LOW = 1, TRIBUTARY_KEEP_HIGH = 2 };

/// A step of a sorting network: of two rows, the smaller number goes to row `low`, the larger to row `high`, each
/// only if `keeps` has its bit; otherwise nothing is written there, because nobody will read it.
struct tributary_exchange {
    uint16_t low, high, keeps;
};

/// The `lowRank`th and `highRank`th smallest number (from 0) of each column, found by a network that puts them on the
/// rows of these numbers. `scratch` has room for count * TRIBUTARY_NETWORK_WIDTH numbers and begins with a cache line. No result is negative zero.
void tributary_network_ranks(
    int level, struct tributary_tile tile, const struct tributary_exchange *exchanges, size_t exchangeCount,
    size_t lowRank, size_t highRank, void *scratch, float *lows, float *highs);

/// The same for any number of rows, bit by bit: in time proportional to it, but slower for few. `scratch` has room for
/// count * TRIBUTARY_TILE_LANES numbers.
void tributary_bisected_ranks(
    int level, struct tributary_tile tile, size_t lowRank, size_t highRank, void *scratch, float *lows, float *highs);

/// The mean of each column without its `trimmed` smallest and largest numbers; `lows` and `highs` are the smallest and
/// largest that are left, of which there are at least three.
///
/// Numbers are rounded to multiples of the smallest power of two with which a sum of `count` of them is exact, so the
/// order of the rows does not matter; that is off by less than 2^-52 * count of the largest magnitude.
void tributary_kept_means(
    int level, struct tributary_tile tile, size_t trimmed, const float *lows, const float *highs, double *means);

/// deviations = |row - centres|, rounded to single precision, in rows that are `stride` apart.
void tributary_deviations(
    int level, struct tributary_tile tile, const double *centres, float *deviations, size_t stride);

/// The mean, in the rows' order, of the `kept` numbers of each column whose deviations are smallest, the first rows' of
/// equal ones. `farthest` is the `kept`th smallest deviation; the rows of `deviations` are as far apart as the tile's.
void tributary_closest_means(
    int level, struct tributary_tile tile, const float *deviations, const float *farthest, size_t kept,
    double *means);

/// Adds to `distances` the squared distance of every two rows: of rows i > j at i * (i - 1) / 2 + j.
///
/// The width must be a multiple of TRIBUTARY_TILE_BLOCK except in the last tile of a vector. Differences are rounded to
/// single precision, their squares are exact, and they are added in double precision.
void tributary_add_pair_distances(int level, struct tributary_tile tile, double *distances);

/// result += the sum of the rows times their weights, row after row.
void tributary_add_rows_scaled(int level, struct tributary_tile tile, const double *weights, double *result);

/// Adds to distances[r] the squared distance of row r from `centre`, in double precision. The width is as for
/// tributary_add_pair_distances, and `centre` is zero where the rows are beyond it.
void tributary_add_distances(int level, struct tributary_tile tile, const double *centre, double *distances);

#endif
