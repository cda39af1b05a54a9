#ifndef TIDEMARK_MEMORY_TUNING_H
#define TIDEMARK_MEMORY_TUNING_H

// Keeps up to `kept_bytes` of freed memory for the next batch instead of giving it back to the
// system, which costs a page fault for each 4 KiB when it is needed again.
void tm_keep_freed_memory(int kept_bytes);

// Gives all freed memory back to the system, now.
void tm_give_back_freed_memory(void);

// Lets all threads share one heap, and keeps allocations from 1 MiB out of it. To be called before the second thread starts.
void tm_use_one_arena(void);

#endif
