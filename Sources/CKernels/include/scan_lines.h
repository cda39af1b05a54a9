#ifndef TIDEMARK_SCAN_LINES_H
#define TIDEMARK_SCAN_LINES_H

#include <stddef.h>
#include <stdint.h>

// How often a byte occurs.
size_t tm_count_byte(const uint8_t *bytes, size_t count, uint8_t byte);

#endif
