// Squared distances. Included by tiles_level.h.
//
// A distance is a sum of blocks, a block a sum of eight lanes. Lane l holds what coordinates l, l + 8, l + 16 ... of
// the block give, so that neither the width of tiles nor that of registers shows in a distance.

#define LANE_SUM(v) ((((v)[0] + (v)[4]) + ((v)[2] + (v)[6])) + (((v)[1] + (v)[5]) + ((v)[3] + (v)[7])))

// One block of the distances of PAIR_ROWS rows from PAIR_COLUMNS others. Rows beyond the last are the last once more,
// and only pairs of i > j are written.
static void AT_LEVEL(add_block_pairs)(
    struct tributary_tile tile, size_t start, size_t length, size_t row, size_t column, double *distances) {
    const float *rows[PAIR_ROWS], *columns[PAIR_COLUMNS];
    const size_t last = tile.count - 1;
    for (size_t i = 0; i < PAIR_ROWS; i++)
        rows[i] = tile.values + (row + i < last ? row + i : last) * tile.stride + start;
    for (size_t j = 0; j < PAIR_COLUMNS; j++)
        columns[j] = tile.values + (column + j < last ? column + j : last) * tile.stride + start;
    doubles8 sums[PAIR_ROWS][PAIR_COLUMNS];
    memset(sums, 0, sizeof sums);
    for (size_t c = 0; c < length; c += 8) {
        floats8 left[PAIR_ROWS];
        UNROLLED for (size_t i = 0; i < PAIR_ROWS; i++) left[i] = *(const floats8 *)(rows[i] + c);
        UNROLLED for (size_t j = 0; j < PAIR_COLUMNS; j++) {
            floats8 right = *(const floats8 *)(columns[j] + c);
            UNROLLED for (size_t i = 0; i < PAIR_ROWS; i++) {
                // The square of a single is exact in double precision, so fusing it with the sum changes nothing.
                #pragma clang fp contract(fast)
                doubles8 difference = __builtin_convertvector(left[i] - right, doubles8);
                sums[i][j] += difference * difference;
            }
        }
    }
    for (size_t i = 0; i < PAIR_ROWS && row + i <= last; i++)
        for (size_t j = 0; j < PAIR_COLUMNS && column + j < row + i; j++)
            distances[(row + i) * (row + i - 1) / 2 + column + j] += LANE_SUM(sums[i][j]);
}

static void AT_LEVEL(add_pair_distances)(struct tributary_tile tile, double *distances) {
    size_t width = padded(tile.width);
    for (size_t start = 0; start < width; start += block_length) {
        size_t length = width - start < block_length ? width - start : block_length;
        for (size_t row = 0; row < tile.count; row += PAIR_ROWS)
            for (size_t column = 0; column < row + PAIR_ROWS && column < tile.count; column += PAIR_COLUMNS)
                AT_LEVEL(add_block_pairs)(tile, start, length, row, column, distances);
    }
}

static void AT_LEVEL(add_distances)(struct tributary_tile tile, const double *centre, double *distances) {
    size_t width = padded(tile.width);
    for (size_t row = 0; row < tile.count; row++) {
        const float *values = tile.values + row * tile.stride;
        for (size_t start = 0; start < width; start += block_length) {
            size_t end = width - start < block_length ? width : start + block_length;
            doubles8 sum = 0;
            for (size_t c = start; c < end; c += 8) {
                doubles8 value = __builtin_convertvector(*(const floats8 *)(values + c), doubles8);
                doubles8 difference = value - *(const doubles8 *)(centre + c);
                sum += difference * difference;
            }
            distances[row] += LANE_SUM(sum);
        }
    }
}

#undef LANE_SUM
