// The loops that want C: wide instructions chosen at run time, byte shuffles, tight pointers.
#ifndef TIDEMARK_CKERNELS_H
#define TIDEMARK_CKERNELS_H

#include "decode_kernels.h"
#include "encode_kernels.h"
#include "memory_tuning.h"
#include "parse_texts.h"
#include "scan_delimited.h"
#include "scan_file.h"
#include "scan_lines.h"
#include "write_behind.h"

#endif
