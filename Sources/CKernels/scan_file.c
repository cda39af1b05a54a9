#define _GNU_SOURCE

#include "include/scan_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static int64_t nanoseconds(struct statx_timestamp time) {
  int64_t scaled;
  if (__builtin_mul_overflow(time.tv_sec, (int64_t)1000000000, &scaled))
    return time.tv_sec < 0 ? INT64_MIN : INT64_MAX;
  return scaled + (int64_t)time.tv_nsec;
}

int tm_folder_open(const char *path) { return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC); }

int tm_file_status_read(int descriptor, const char *path, tm_file_status *status) {
  struct statx result;
  int code = statx(descriptor, path ? path : "", path ? 0 : AT_EMPTY_PATH,
                   STATX_BASIC_STATS | STATX_BTIME, &result);
  if (code != 0) return errno;
  status->mode = result.stx_mode;
  status->device = (uint64_t)result.stx_dev_major << 32 | result.stx_dev_minor;
  status->inode = result.stx_ino;
  status->size = result.stx_size;
  status->modified = nanoseconds(result.stx_mtime);
  status->changed = nanoseconds(result.stx_ctime);
  status->born = result.stx_mask & STATX_BTIME ? nanoseconds(result.stx_btime) : 0;
  return 0;
}
