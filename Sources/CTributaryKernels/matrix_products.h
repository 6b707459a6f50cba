// Matrix products for one level: register tiles of up to TILE_ROWS rows by two (or, for few rows, four) vectors.
//
// A batch of ten rows times a weight matrix reads each weight once, straight from its row-major place: the tile's
// accumulators stay in registers, the batch's entries are broadcast, and nothing is packed.

#define tile_product AT_LEVEL(tile_product)
#define tile_outer AT_LEVEL(tile_outer)
#define tile_dots AT_LEVEL(tile_dots)
#define tile_short_dots AT_LEVEL(tile_short_dots)

// c[rows × width·VL] for one tile; with width 1 only `tail` columns exist.
INLINE void tile_product(
    const int rows, const int width, size_t tail, size_t k, const float *a, size_t lda, const int32_t *columns,
    const float *b, size_t ldb, const float *bias, int flags, float *c, size_t ldc) {
    vec total[TILE_ROWS][4];
    UNROLLED for (int w = 0; w < width; w++) {
        vec start = {0};
        if (bias) start = width == 1 ? load_part(bias, tail) : load(bias + w * VL);
        UNROLLED for (int r = 0; r < rows; r++) total[r][w] = start;
    }
    if (flags & TRIBUTARY_ACCUMULATE) {
        UNROLLED for (int r = 0; r < rows; r++) {
            UNROLLED for (int w = 0; w < width; w++) {
                total[r][w] = width == 1 ? load_part(c + r * ldc, tail) : load(c + r * ldc + w * VL);
            }
        }
    }
    for (size_t p = 0; p < k; p++) {
        size_t column = columns ? (size_t)columns[p] : p;
        const float *bRow = b + column * ldb;
        vec right[4];
        UNROLLED for (int w = 0; w < width; w++) {
            right[w] = width == 1 ? load_part(bRow, tail) : load(bRow + w * VL);
        }
        UNROLLED for (int r = 0; r < rows; r++) {
            vec left = splat(a[r * lda + column]);
            UNROLLED for (int w = 0; w < width; w++) total[r][w] = left * right[w] + total[r][w];
        }
    }
    UNROLLED for (int r = 0; r < rows; r++) {
        UNROLLED for (int w = 0; w < width; w++) {
            vec value = flags & TRIBUTARY_RELU ? positive_part(total[r][w]) : total[r][w];
            if (width == 1) store_part(c + r * ldc, value, tail);
            else store(c + r * ldc + w * VL, value);
        }
    }
}

// Up to OUTER_ROWS rows of w by width·VL columns: w += aᵀ·d over all `m` rows of a and d. The tile of w is read and
// written once; rows are visited side by side, so that neighbouring stores and loads do not wait for one another.
INLINE void tile_outer(
    const int width, size_t tail, size_t count, size_t m, const float *a, size_t lda, const int32_t *columns,
    const float *d, size_t ldd, float *w_, size_t ldw) {
    float *row[OUTER_ROWS];
    const float *left[OUTER_ROWS];
    vec total[OUTER_ROWS][OUTER_WIDTH];
    // Past the last row, the last row stands in: it is computed twice and stored twice, alike.
    UNROLLED for (size_t r = 0; r < OUTER_ROWS; r++) {
        size_t place = r < count ? r : count - 1, column = columns ? (size_t)columns[place] : place;
        row[r] = w_ + column * ldw;
        left[r] = a + column;
        UNROLLED for (int w = 0; w < width; w++) {
            total[r][w] = width == 1 ? load_part(row[r], tail) : load(row[r] + w * VL);
        }
    }
    for (size_t i = 0; i < m; i++) {
        vec right[OUTER_WIDTH];
        UNROLLED for (int w = 0; w < width; w++) {
            right[w] = width == 1 ? load_part(d + i * ldd, tail) : load(d + i * ldd + w * VL);
        }
        UNROLLED for (int r = 0; r < OUTER_ROWS; r++) {
            vec factor = splat(left[r][i * lda]);
            UNROLLED for (int w = 0; w < width; w++) total[r][w] = factor * right[w] + total[r][w];
        }
    }
    UNROLLED for (int r = 0; r < OUTER_ROWS; r++) {
        UNROLLED for (int w = 0; w < width; w++) {
            if (width == 1) store_part(row[r], total[r][w], tail);
            else store(row[r] + w * VL, total[r][w]);
        }
    }
}

// The lane sums of four vectors, as four floats: halves are interleaved before they are added, so that one addition
// serves two vectors.
INLINE four AT_LEVEL(lane_sums)(vec a, vec b, vec c, vec d) {
#if VL == 16
    vec ab = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
        + __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    vec cd = __builtin_shufflevector(c, d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
        + __builtin_shufflevector(c, d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    vec all = __builtin_shufflevector(ab, cd, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
        + __builtin_shufflevector(ab, cd, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
    all += __builtin_shufflevector(all, all, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
    all += __builtin_shufflevector(all, all, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
    return __builtin_shufflevector(all, all, 0, 4, 8, 12);
#elif VL == 8
    vec ab = __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
        + __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
    vec cd = __builtin_shufflevector(c, d, 0, 1, 2, 3, 8, 9, 10, 11)
        + __builtin_shufflevector(c, d, 4, 5, 6, 7, 12, 13, 14, 15);
    ab += __builtin_shufflevector(ab, ab, 2, 3, 0, 1, 6, 7, 4, 5);
    cd += __builtin_shufflevector(cd, cd, 2, 3, 0, 1, 6, 7, 4, 5);
    ab += __builtin_shufflevector(ab, ab, 1, 0, 3, 2, 5, 4, 7, 6);
    cd += __builtin_shufflevector(cd, cd, 1, 0, 3, 2, 5, 4, 7, 6);
    return __builtin_shufflevector(ab, cd, 0, 4, 8, 12);
#else
    vec ab = __builtin_shufflevector(a, b, 0, 1, 4, 5) + __builtin_shufflevector(a, b, 2, 3, 6, 7);
    vec cd = __builtin_shufflevector(c, d, 0, 1, 4, 5) + __builtin_shufflevector(c, d, 2, 3, 6, 7);
    return __builtin_shufflevector(ab, cd, 0, 2, 4, 6) + __builtin_shufflevector(ab, cd, 1, 3, 5, 7);
#endif
}

// Up to four columns of c for `rows` rows: dot products of rows of d with rows of w.
INLINE void tile_dots(
    const int rows, size_t count, size_t n, const float *d, size_t ldd, const float *w, size_t ldw, const float *gate,
    size_t ldg, float *c, size_t ldc) {
    const float *row[4];
    // Past the last row of w, the last row stands in; what it gives is not stored.
    UNROLLED for (size_t q = 0; q < 4; q++) row[q] = w + (q < count ? q : count - 1) * ldw;
    vec total[DOT_ROWS][4];
    UNROLLED for (int r = 0; r < rows; r++) {
        UNROLLED for (int q = 0; q < 4; q++) total[r][q] = (vec){0};
    }
    size_t j = 0;
    for (; j + VL <= n; j += VL) {
        vec right[4];
        UNROLLED for (int q = 0; q < 4; q++) right[q] = load(row[q] + j);
        UNROLLED for (int r = 0; r < rows; r++) {
            vec left = load(d + r * ldd + j);
            UNROLLED for (int q = 0; q < 4; q++) total[r][q] = left * right[q] + total[r][q];
        }
    }
    if (j < n) {
        vec right[4];
        UNROLLED for (int q = 0; q < 4; q++) right[q] = load_part(row[q] + j, n - j);
        UNROLLED for (int r = 0; r < rows; r++) {
            vec left = load_part(d + r * ldd + j, n - j);
            UNROLLED for (int q = 0; q < 4; q++) total[r][q] = left * right[q] + total[r][q];
        }
    }
    UNROLLED for (int r = 0; r < rows; r++) {
        four sums = AT_LEVEL(lane_sums)(total[r][0], total[r][1], total[r][2], total[r][3]);
        for (size_t q = 0; q < count; q++) {
            int isClosed = gate && gate[r * ldg + q] <= 0;
            c[r * ldc + q] = isClosed ? 0 : sums[q];
        }
    }
}

// The longest row of w that multiply_transposed turns on its side instead of summing across lanes.
#define SHORT_ROW 32

// Up to VL columns of c for `rows` rows, where w's rows are short: w's block stands on its side in `turned` [n×VL].
INLINE void tile_short_dots(
    const int rows, size_t count, size_t n, const float *d, size_t ldd, const float *turned, const float *gate,
    size_t ldg, float *c, size_t ldc) {
    vec total[TILE_ROWS];
    UNROLLED for (int r = 0; r < rows; r++) total[r] = (vec){0};
    for (size_t j = 0; j < n; j++) {
        vec right = load(turned + j * VL);
        UNROLLED for (int r = 0; r < rows; r++) total[r] = splat(d[r * ldd + j]) * right + total[r];
    }
    UNROLLED for (int r = 0; r < rows; r++) {
        vec value = total[r];
        if (gate) value = (vec)((ivec)value & ~(ivec)(load_part(gate + r * ldg, count) <= (vec){0}));
        store_part(c + r * ldc, value, count);
    }
}

// Calls `body` with the row count as a constant, so that its tile becomes registers.
#if TILE_ROWS == 10
#define WITH_ROWS(count, body) \
    switch (count) { \
    case 10: body(10); break; \
    case 9: body(9); break; \
    case 8: body(8); break; \
    case 7: body(7); break; \
    case 6: body(6); break; \
    case 5: body(5); break; \
    case 4: body(4); break; \
    case 3: body(3); break; \
    case 2: body(2); break; \
    default: body(1); break; \
    }
#else
#define WITH_ROWS(count, body) \
    switch (count) { \
    case 5: body(5); break; \
    case 4: body(4); break; \
    case 3: body(3); break; \
    case 2: body(2); break; \
    default: body(1); break; \
    }
#endif

// Rows are dealt to tiles evenly: 14 rows are 7 + 7, not 10 + 4, because a thin tile waits for its own sums.
#define FOR_ROW_TILES(m, limit, start, count) \
    for (size_t tiles_ = ((m) + (limit) - 1) / (limit), t_ = 0, start = 0, count = 0; \
         t_ < tiles_ && (count = (m) / tiles_ + (t_ < (m) % tiles_), 1); start += count, t_++)

static void AT_LEVEL(multiply)(
    size_t m, size_t n, size_t k, const float *a, size_t lda, const int32_t *columns, const float *b, size_t ldb,
    const float *bias, int flags, float *c, size_t ldc) {
    FOR_ROW_TILES(m, TILE_ROWS, i, rows) {
        size_t j = 0;
#define TILE_ARGUMENTS k, a + i * lda, lda, columns, b + j, ldb, bias ? bias + j : 0, flags, c + i * ldc + j, ldc
#define WIDE(r) tile_product(r, r <= WIDE_TILE_ROWS ? 4 : 2, 0, TILE_ARGUMENTS)
#define PLAIN(r) tile_product(r, 2, 0, TILE_ARGUMENTS)
#define NARROW(r) tile_product(r, 1, n - j < VL ? n - j : VL, TILE_ARGUMENTS)
        if (rows <= WIDE_TILE_ROWS) {
            for (; j + 4 * VL <= n; j += 4 * VL) WITH_ROWS(rows, WIDE)
        }
        for (; j + 2 * VL <= n; j += 2 * VL) WITH_ROWS(rows, PLAIN)
        for (; j < n; j += VL) WITH_ROWS(rows, NARROW)
#undef WIDE
#undef PLAIN
#undef NARROW
#undef TILE_ARGUMENTS
    }
}

static void AT_LEVEL(add_outer)(
    size_t m, size_t n, size_t k, const float *a, size_t lda, const int32_t *columns, const float *d, size_t ldd,
    float *w, size_t ldw) {
    for (size_t p = 0; p < k; p += OUTER_ROWS) {
        size_t count = k - p < OUTER_ROWS ? k - p : OUTER_ROWS;
        const int32_t *chosen = columns ? columns + p : 0;
        const float *aBlock = columns ? a : a + p;
        float *wBlock = columns ? w : w + p * ldw;
        size_t j = 0;
#define TILE_ARGUMENTS count, m, aBlock, lda, chosen, d + j, ldd, wBlock + j, ldw
#if OUTER_WIDTH == 3
        // Four vectors are two pairs, not three and one: a lone vector has too few sums under way.
        for (; n - j >= 3 * VL && n - j != 4 * VL; j += 3 * VL) tile_outer(3, 0, TILE_ARGUMENTS);
#endif
        for (; n - j >= 2 * VL; j += 2 * VL) tile_outer(2, 0, TILE_ARGUMENTS);
        for (; j < n; j += VL) tile_outer(1, n - j < VL ? n - j : VL, TILE_ARGUMENTS);
#undef TILE_ARGUMENTS
    }
}

static void AT_LEVEL(multiply_transposed_short)(
    size_t m, size_t n, size_t k, const float *d, size_t ldd, const float *w, size_t ldw, const float *gate, size_t ldg,
    float *c, size_t ldc) {
    float turned[SHORT_ROW * VL] = {0};
    for (size_t p = 0; p < k; p += VL) {
        size_t count = k - p < VL ? k - p : VL;
        for (size_t q = 0; q < count; q++) {
            for (size_t j = 0; j < n; j++) turned[j * VL + q] = w[(p + q) * ldw + j];
        }
        FOR_ROW_TILES(m, TILE_ROWS, i, rows) {
#define DOTS(r) \
    tile_short_dots( \
        r, count, n, d + i * ldd, ldd, turned, gate ? gate + i * ldg + p : 0, ldg, c + i * ldc + p, ldc)
            WITH_ROWS(rows, DOTS)
#undef DOTS
        }
    }
}

static void AT_LEVEL(multiply_transposed)(
    size_t m, size_t n, size_t k, const float *d, size_t ldd, const float *w, size_t ldw, const float *gate, size_t ldg,
    float *c, size_t ldc) {
    if (n <= SHORT_ROW) {
        AT_LEVEL(multiply_transposed_short)(m, n, k, d, ldd, w, ldw, gate, ldg, c, ldc);
        return;
    }
    for (size_t p = 0; p < k; p += 4) {
        size_t count = k - p < 4 ? k - p : 4;
        FOR_ROW_TILES(m, DOT_ROWS, i, rows) {
#define DOTS(r) \
    tile_dots( \
        r <= DOT_ROWS ? r : 1, count, n, d + i * ldd, ldd, w + p * ldw, ldw, gate ? gate + i * ldg + p : 0, ldg, \
        c + i * ldc + p, ldc)
            switch (rows) {
#if DOT_ROWS == 5
            case 5: DOTS(5); break;
            case 4: DOTS(4); break;
            case 3: DOTS(3); break;
#endif
            case 2: DOTS(2); break;
            default: DOTS(1); break;
            }
#undef DOTS
        }
    }
}

static void AT_LEVEL(add_rows)(size_t m, size_t n, const float *d, size_t ldd, float *total) {
    for (size_t j = 0; j < n; j += VL) {
        size_t count = n - j < VL ? n - j : VL;
        vec sum = load_part(total + j, count);
        for (size_t i = 0; i < m; i++) sum += load_part(d + i * ldd + j, count);
        store_part(total + j, sum, count);
    }
}
