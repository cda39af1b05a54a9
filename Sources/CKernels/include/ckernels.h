#ifndef TIDEMARK_CKERNELS_H
#define TIDEMARK_CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#endif
