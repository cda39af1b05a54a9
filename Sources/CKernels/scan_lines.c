#include "include/scan_lines.h"

size_t tm_count_byte(const uint8_t *bytes, size_t count, uint8_t byte) {
  size_t total = 0;
  // Counters of one byte, so that the compiler uses whole vectors; 255 of them cannot overflow.
  while (count >= 32) {
    size_t rounds = count / 32 < 255 ? count / 32 : 255;
    uint8_t counters[32] = {0};
    for (size_t i = 0; i < rounds; i++, bytes += 32)
      for (int lane = 0; lane < 32; lane++) counters[lane] += bytes[lane] == byte;
    for (int lane = 0; lane < 32; lane++) total += counters[lane];
    count -= 32 * rounds;
  }
  for (; count > 0; count--) total += *bytes++ == byte;
  return total;
}
