#include "memory_tuning.h"
#if defined(__GLIBC__) || defined(__linux__)
#include <malloc.h>
#endif

void tm_use_one_arena(void) {
#if defined(M_ARENA_MAX) && defined(M_MMAP_THRESHOLD)
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

void tm_keep_freed_memory(int kept_bytes) {
#if defined(M_TRIM_THRESHOLD) && defined(M_MMAP_THRESHOLD)
  mallopt(M_TRIM_THRESHOLD, kept_bytes);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
#else
  (void)kept_bytes;
#endif
}

void tm_give_back_freed_memory(void) {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}
