// All kernels of one level, and their table. Included by tiles.c with LEVEL and the number of pairs defined.
// No include guard on purpose.

#define TILES_PASTE_(a, b) a##_##b
#define TILES_PASTE(a, b) TILES_PASTE_(a, b)
#define AT_LEVEL(name) TILES_PASTE(name, LEVEL)
#define UNROLLED _Pragma("clang loop unroll(full)")

static inline size_t AT_LEVEL(padded)(size_t width) { return (width + lane_count - 1) / lane_count * lane_count; }
#define padded AT_LEVEL(padded)

#include "tiles_ranks.h"

#include "tiles_means.h"

#include "tiles_distances.h"

static const struct tile_kernels AT_LEVEL(kernels) = {
    AT_LEVEL(is_finite),    AT_LEVEL(network_ranks),      AT_LEVEL(bisected_ranks),
    AT_LEVEL(kept_means),   AT_LEVEL(deviations),         AT_LEVEL(closest_means),
    AT_LEVEL(add_pair_distances), AT_LEVEL(add_rows_scaled), AT_LEVEL(add_distances),
};

#undef padded
#undef UNROLLED
#undef AT_LEVEL
#undef TILES_PASTE
#undef TILES_PASTE_
#undef LEVEL
#undef PAIR_ROWS
#undef PAIR_COLUMNS
