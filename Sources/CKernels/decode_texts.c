// Byte strings: where they lie, and whether they are text.
#include "decode_kernels.h"
#include <string.h>

size_t tm_plain_views(const uint8_t *source, size_t *position, size_t end, size_t count,
                      uint32_t buffer, uint32_t *views) {
  size_t at = *position;
  size_t done = 0;
  for (; done < count; done++) {
    if (end - at < 4) break;
    uint32_t length;
    memcpy(&length, source + at, 4);
    if (length > end - at - 4) break;
    views[3 * done] = buffer;
    views[3 * done + 1] = (uint32_t)(at + 4);
    views[3 * done + 2] = length;
    at += 4 + (size_t)length;
  }
  *position = at;
  return done;
}

bool tm_is_ascii(const uint8_t *bytes, size_t count) {
  uint64_t high = 0;
  size_t i = 0;
  for (; i + 64 <= count; i += 64) {
    uint64_t v[8];
    memcpy(v, bytes + i, 64);
    high |= v[0] | v[1] | v[2] | v[3] | v[4] | v[5] | v[6] | v[7];
    if (high & 0x8080808080808080ull) return false;
  }
  for (; i + 8 <= count; i += 8) {
    uint64_t v;
    memcpy(&v, bytes + i, 8);
    high |= v;
  }
  for (; i < count; i++) high |= bytes[i];
  return (high & 0x8080808080808080ull) == 0;
}

static inline bool is_continuation(uint8_t byte) { return (byte & 0xC0) == 0x80; }

bool tm_is_utf8(const uint8_t *bytes, size_t count) {
  size_t i = 0;
  while (i < count) {
    const uint8_t lead = bytes[i];
    if (lead < 0x80) {
      i++;
      while (count - i >= 8) {
        uint64_t v;
        memcpy(&v, bytes + i, 8);
        if (v & 0x8080808080808080ull) break;
        i += 8;
      }
      continue;
    }
    const size_t left = count - i;
    if (lead >= 0xC2 && lead <= 0xDF) {
      if (left < 2 || !is_continuation(bytes[i + 1])) return false;
      i += 2;
    } else if ((lead & 0xF0) == 0xE0) {
      if (left < 3 || !is_continuation(bytes[i + 1]) || !is_continuation(bytes[i + 2]))
        return false;
      if (lead == 0xE0 && bytes[i + 1] < 0xA0) return false;  // longer than needed
      if (lead == 0xED && bytes[i + 1] > 0x9F) return false;  // a surrogate
      i += 3;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      if (left < 4 || !is_continuation(bytes[i + 1]) || !is_continuation(bytes[i + 2]) ||
          !is_continuation(bytes[i + 3]))
        return false;
      if (lead == 0xF0 && bytes[i + 1] < 0x90) return false;
      if (lead == 0xF4 && bytes[i + 1] > 0x8F) return false;  // past U+10FFFF
      i += 4;
    } else {
      return false;
    }
  }
  return true;
}
