#ifndef TIDEMARK_SCAN_FILE_H
#define TIDEMARK_SCAN_FILE_H

#include <stdint.h>

// What the system says about a file; times in nanoseconds since 1970-01-01T00:00:00Z.
typedef struct {
  uint32_t mode;
  uint64_t device;
  uint64_t inode;
  uint64_t size;
  int64_t modified;
  int64_t changed;
  int64_t born;  // 0 where the file system does not say
} tm_file_status;

// Opens a folder, which need not be readable, to look at what is in it. -1 where errno says why not.
int tm_folder_open(const char *path);

// Of an open file where path is NULL, else of the path from an open folder on (AT_FDCWD: from the
// working folder), following links.
// Returns 0, or the system's error number.
int tm_file_status_read(int descriptor, const char *path, tm_file_status *status);

#endif
