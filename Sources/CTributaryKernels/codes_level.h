// Included by codes.c once for each instruction set.

#include "codes_sums.h"

#include "codes_packing.h"

#include "codes_hadamard.h"

static const struct codes_kernels AT_LEVEL(kernels) = {
    AT_LEVEL(summary), AT_LEVEL(dot),    AT_LEVEL(random_words), AT_LEVEL(round_levels), AT_LEVEL(count_thresholds),
    AT_LEVEL(pack),    AT_LEVEL(unpack), AT_LEVEL(flip_signs),   AT_LEVEL(hadamard),
};
