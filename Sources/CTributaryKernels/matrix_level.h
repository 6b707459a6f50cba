// All kernels of one level, and their table. Included by matrix.c with LEVEL, VL and the tile sizes defined.

#include "matrix_vector.h"

#include "matrix_products.h"

#include "matrix_elements.h"

static const struct matrix_kernels AT_LEVEL(kernels) = {
    AT_LEVEL(multiply),     AT_LEVEL(add_outer),    AT_LEVEL(multiply_transposed), AT_LEVEL(add_rows),
    AT_LEVEL(gather_bytes), AT_LEVEL(softmax_loss), AT_LEVEL(max_pool),            AT_LEVEL(max_pool_backward),
    AT_LEVEL(lstm_forward), AT_LEVEL(lstm_backward),
};

#undef AT_LEVEL
#undef INLINE
#undef UNROLLED
#undef vec
#undef ivec
#undef load
#undef store
#undef load_part
#undef store_part
#undef splat
#undef positive_part
#undef lane_sum
#undef tile_product
#undef tile_outer
#undef tile_dots
#undef tile_short_dots
#undef SHORT_ROW
#undef exponential
#undef sigmoid
#undef hyperbolic_tangent
#undef WITH_ROWS
#undef FOR_ROW_TILES
#undef TRIBUTARY_PASTE
#undef TRIBUTARY_PASTE_
#undef LEVEL
#undef VL
#undef TILE_ROWS
#undef WIDE_TILE_ROWS
#undef DOT_ROWS
#undef OUTER_ROWS
#undef OUTER_WIDTH
