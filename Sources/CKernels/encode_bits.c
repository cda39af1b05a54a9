// The RLE / bit-packing hybrid: runs found a group of 8 at a time, the rest packed 32 a call.
#include "encode_kernels.h"
#include <string.h>

#define ALWAYS_INLINE static inline __attribute__((always_inline))

// 32 values into `width` words; unrolled and folded for each constant width.
ALWAYS_INLINE void pack_block(const uint32_t *in, uint8_t *out, const unsigned width) {
  uint64_t bits = 0;
  unsigned filled = 0;
#pragma clang loop unroll(full)
  for (unsigned k = 0; k < 32; k++) {
    bits |= (uint64_t)in[k] << filled;
    filled += width;
    if (filled >= 32) {
      uint32_t word = (uint32_t)bits;
      memcpy(out, &word, 4);
      out += 4;
      bits >>= 32;
      filled -= 32;
    }
  }
}

#define PACK_CASE(w) \
  case w: \
    for (; blocks > 0; blocks--, values += 32, output += 4 * (w)) pack_block(values, output, w); \
    break

static void pack_blocks(const uint32_t *values, uint8_t *output, size_t blocks, unsigned width) {
  switch (width) {
    PACK_CASE(1); PACK_CASE(2); PACK_CASE(3); PACK_CASE(4); PACK_CASE(5); PACK_CASE(6);
    PACK_CASE(7); PACK_CASE(8); PACK_CASE(9); PACK_CASE(10); PACK_CASE(11); PACK_CASE(12);
    PACK_CASE(13); PACK_CASE(14); PACK_CASE(15); PACK_CASE(16); PACK_CASE(17); PACK_CASE(18);
    PACK_CASE(19); PACK_CASE(20); PACK_CASE(21); PACK_CASE(22); PACK_CASE(23); PACK_CASE(24);
    PACK_CASE(25); PACK_CASE(26); PACK_CASE(27); PACK_CASE(28); PACK_CASE(29); PACK_CASE(30);
    PACK_CASE(31); PACK_CASE(32);
  }
}

size_t tm_pack32(const uint32_t *values, size_t count, unsigned width, uint8_t *output) {
  size_t blocks = count / 32;
  pack_blocks(values, output, blocks, width);
  size_t done = blocks * 32, written = blocks * 4 * width;
  if (done < count) {
    uint32_t rest[32] = {0};
    uint8_t packed[32 * 4];
    size_t left = count - done;
    memcpy(rest, values + done, left * 4);
    pack_blocks(rest, packed, 1, width);
    size_t bytes = (left + 7) / 8 * width;
    memcpy(output + written, packed, bytes);
    written += bytes;
  }
  return written;
}

static size_t pack8(const uint8_t *values, size_t count, unsigned width, uint8_t *output) {
  uint8_t *start = output;
  for (size_t i = 0; i < count; i += 8) {
    uint64_t bits = 0;
    size_t end = count - i < 8 ? count - i : 8;
    for (size_t k = 0; k < end; k++) bits |= (uint64_t)values[i + k] << (k * width);
    memcpy(output, &bits, 8);
    output += width;
  }
  return (size_t)(output - start);
}

static uint8_t *write_varint(uint8_t *output, uint64_t value) {
  while (value >= 0x80) {
    *output++ = (uint8_t)value | 0x80;
    value >>= 7;
  }
  *output++ = (uint8_t)value;
  return output;
}

static uint8_t *write_run(uint8_t *output, uint32_t value, size_t count, unsigned width) {
  output = write_varint(output, (uint64_t)count << 1);
  for (unsigned bits = 0; bits < width; bits += 8) *output++ = (uint8_t)(value >> bits);
  return output;
}

static uint8_t *packed_header(uint8_t *output, size_t count) {
  return write_varint(output, (uint64_t)((count + 7) / 8) << 1 | 1);
}

// A run is worth leaving a packed group for when it takes less than the packed values and the
// two headers around it: at least so many values.
static size_t run_least(unsigned width) {
  size_t bytes = 4 + (width + 7) / 8;
  size_t values = (bytes * 8 + width - 1) / width;
  return (values + 7) / 8 * 8;
}

#define HYBRID(NAME, TYPE, PACK) \
  ALWAYS_INLINE int NAME##_group_is(const TYPE *v, TYPE x) { \
    TYPE d = 0; \
    for (int k = 0; k < 8; k++) d |= v[k] ^ x; \
    return d == 0; \
  } \
  size_t NAME(const TYPE *values, size_t count, unsigned width, uint8_t *output) { \
    uint8_t *start = output; \
    size_t least = run_least(width), i = 0, packed = 0; \
    while (i + 8 <= count) { \
      TYPE x = values[i]; \
      if (values[i + 7] != x || !NAME##_group_is(values + i, x)) { \
        i += 8; \
        continue; \
      } \
      size_t end = i + 8; \
      while (end + 8 <= count && NAME##_group_is(values + end, x)) end += 8; \
      while (end < count && values[end] == x) end++; \
      if (end - i < least) { \
        i += (end - i) / 8 * 8; \
        continue; \
      } \
      if (packed < i) { \
        output = packed_header(output, i - packed); \
        output += PACK(values + packed, i - packed, width, output); \
      } \
      output = write_run(output, x, end - i, width); \
      i = packed = end; \
    } \
    if (packed < count) { \
      output = packed_header(output, count - packed); \
      output += PACK(values + packed, count - packed, width, output); \
    } \
    return (size_t)(output - start); \
  }

HYBRID(tm_hybrid_encode32, uint32_t, tm_pack32)
HYBRID(tm_hybrid_encode8, uint8_t, pack8)

size_t tm_hybrid_encode_bits(const uint64_t *words, size_t count, uint8_t *output) {
  const uint8_t *bytes = (const uint8_t *)words;
  uint8_t *start = output;
  size_t whole = count / 8, i = 0, packed = 0;
  unsigned rest = count % 8;
  while (i < whole) {
    uint8_t x = bytes[i];
    if (x != 0 && x != 0xFF) {
      i++;
      continue;
    }
    uint64_t pattern = x ? ~0ull : 0, word;
    size_t end = i + 1;
    while (end + 8 <= whole && (memcpy(&word, bytes + end, 8), word == pattern)) end += 8;
    while (end < whole && bytes[end] == x) end++;
    size_t run = (end - i) * 8;
    int takes_rest = end == whole && rest > 0 &&
                     (bytes[whole] & ((1u << rest) - 1)) == (x & ((1u << rest) - 1));
    if (takes_rest) run += rest;
    if (run < 64) {
      i = end;
      continue;
    }
    if (packed < i) {
      output = packed_header(output, (i - packed) * 8);
      memcpy(output, bytes + packed, i - packed);
      output += i - packed;
    }
    output = write_run(output, x & 1, run, 1);
    if (takes_rest) return (size_t)(output - start);
    i = packed = end;
  }
  if (packed * 8 < count) {
    size_t size = (count + 7) / 8 - packed;
    output = packed_header(output, count - packed * 8);
    memcpy(output, bytes + packed, size);
    if (rest > 0) output[size - 1] &= (uint8_t)((1u << rest) - 1);
    output += size;
  }
  return (size_t)(output - start);
}
