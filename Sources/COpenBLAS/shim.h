#ifndef TRIBUTARY_COPENBLAS_SHIM_H
#define TRIBUTARY_COPENBLAS_SHIM_H

// Debian's libopenblas-dev puts the header on pkg-config's include path; other layouts use the plain name too.
#include <cblas.h>

#endif
