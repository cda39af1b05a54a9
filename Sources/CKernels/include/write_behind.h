#ifndef TIDEMARK_WRITE_BEHIND_H
#define TIDEMARK_WRITE_BEHIND_H

#include <stdint.h>

// Has the system begin to put a part of a file on its disk, and waits for nothing. A hint: where
// it cannot be, nothing happens.
void tm_write_behind(int descriptor, int64_t offset, int64_t count);

#endif
