// DELTA_BINARY_PACKED, the delta encodings of byte strings, and BYTE_STREAM_SPLIT.
#include "encode_kernels.h"
#include <string.h>

#define ALWAYS_INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__) && defined(__linux__)
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDE
#endif

enum { BLOCK_VALUES = 128, MINIBLOCKS = 4, MINIBLOCK_VALUES = 32 };

static uint8_t *write_varint(uint8_t *output, uint64_t value) {
  while (value >= 0x80) {
    *output++ = (uint8_t)value | 0x80;
    value >>= 7;
  }
  *output++ = (uint8_t)value;
  return output;
}

static uint8_t *write_zigzag(uint8_t *output, int64_t value) {
  return write_varint(output, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

// 32 values of more than 32 bits.
static uint8_t *pack_wide(const uint64_t *values, unsigned width, uint8_t *output) {
  unsigned __int128 bits = 0;
  unsigned filled = 0;
  for (int i = 0; i < MINIBLOCK_VALUES; i++) {
    bits |= (unsigned __int128)values[i] << filled;
    filled += width;
    if (filled >= 64) {
      uint64_t word = (uint64_t)bits;
      memcpy(output, &word, 8);
      output += 8;
      bits >>= 64;
      filled -= 64;
    }
  }
  // 32 values of any width end on a whole number of 32 bits.
  uint32_t rest = (uint32_t)bits;
  memcpy(output, &rest, 4);
  return output + filled / 8;
}

static uint8_t *pack_miniblock32(const uint32_t *values, unsigned width, uint8_t *output) {
  if (width == 0) return output;
  return output + tm_pack32(values, MINIBLOCK_VALUES, width, output);
}

static uint8_t *pack_miniblock64(const uint64_t *values, unsigned width, uint8_t *output) {
  if (width > 32) return pack_wide(values, width, output);
  uint32_t narrow[MINIBLOCK_VALUES];
  for (int i = 0; i < MINIBLOCK_VALUES; i++) narrow[i] = (uint32_t)values[i];
  return pack_miniblock32(narrow, width, output);
}

// The deltas of a whole block less the smallest of them, and the bits that each miniblock needs.
// Sums wrap at the width of the type, as they will when they are undone.
#define DELTAS(BITS, SIGNED, UNSIGNED) \
  WIDE static SIGNED deltas##BITS(const UNSIGNED *values, UNSIGNED *deltas, UNSIGNED *needs) { \
    SIGNED least = INT##BITS##_MAX; \
    for (int i = 0; i < BLOCK_VALUES; i++) { \
      UNSIGNED delta = values[i + 1] - values[i]; \
      deltas[i] = delta; \
      least = (SIGNED)delta < least ? (SIGNED)delta : least; \
    } \
    for (int m = 0; m < MINIBLOCKS; m++) { \
      UNSIGNED bits = 0; \
      for (int i = 0; i < MINIBLOCK_VALUES; i++) { \
        UNSIGNED above = deltas[m * MINIBLOCK_VALUES + i] - (UNSIGNED)least; \
        deltas[m * MINIBLOCK_VALUES + i] = above; \
        bits |= above; \
      } \
      needs[m] = bits; \
    } \
    return least; \
  } \
  static SIGNED deltas_rest##BITS(const UNSIGNED *values, size_t count, UNSIGNED *deltas, \
                                  UNSIGNED *needs) { \
    SIGNED least = INT##BITS##_MAX; \
    for (size_t i = 0; i < count; i++) { \
      deltas[i] = values[i + 1] - values[i]; \
      least = (SIGNED)deltas[i] < least ? (SIGNED)deltas[i] : least; \
    } \
    memset(needs, 0, MINIBLOCKS * sizeof *needs); \
    for (size_t i = 0; i < count; i++) { \
      deltas[i] -= (UNSIGNED)least; \
      needs[i / MINIBLOCK_VALUES] |= deltas[i]; \
    } \
    for (size_t i = count; i < BLOCK_VALUES; i++) deltas[i] = 0; \
    return least; \
  } \
  size_t tm_delta_encode##BITS(const UNSIGNED *values, size_t count, uint8_t *output) { \
    uint8_t *start = output; \
    output = write_varint(output, BLOCK_VALUES); \
    output = write_varint(output, MINIBLOCKS); \
    output = write_varint(output, count); \
    output = write_zigzag(output, count > 0 ? (int64_t)(SIGNED)values[0] : 0); \
    UNSIGNED deltas[BLOCK_VALUES], needs[MINIBLOCKS]; \
    for (size_t i = 0; i + 1 < count; i += BLOCK_VALUES) { \
      size_t left = count - 1 - i; \
      int is_whole = left >= BLOCK_VALUES; \
      SIGNED least = is_whole ? deltas##BITS(values + i, deltas, needs) \
                              : deltas_rest##BITS(values + i, left, deltas, needs); \
      size_t miniblocks = \
          is_whole ? MINIBLOCKS : (left + MINIBLOCK_VALUES - 1) / MINIBLOCK_VALUES; \
      output = write_zigzag(output, (int64_t)least); \
      uint8_t *widths = output; \
      output += MINIBLOCKS; \
      for (size_t m = 0; m < MINIBLOCKS; m++) { \
        widths[m] = needs[m] == 0 ? 0 : (uint8_t)(64 - __builtin_clzll((uint64_t)needs[m])); \
      } \
      for (size_t m = 0; m < miniblocks; m++) { \
        unsigned width = widths[m]; \
        output = pack_miniblock##BITS(deltas + m * MINIBLOCK_VALUES, width, output); \
      } \
    } \
    return (size_t)(output - start); \
  }

DELTAS(32, int32_t, uint32_t)
DELTAS(64, int64_t, uint64_t)

// --- byte strings ----------------------------------------------------------------------------

ALWAYS_INLINE uint32_t load32(const uint8_t *p) {
  uint32_t v;
  memcpy(&v, p, 4);
  return v;
}

ALWAYS_INLINE size_t shared_prefix(const uint8_t *a, const uint8_t *b, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    uint64_t x, y;
    memcpy(&x, a + i, 8);
    memcpy(&y, b + i, 8);
    if (x != y) return i + (size_t)__builtin_ctzll(x ^ y) / 8;
  }
  while (i < count && a[i] == b[i]) i++;
  return i;
}

int tm_plain_lengths(const uint8_t *plain, size_t byte_count, size_t count, uint32_t *lengths) {
  size_t at = 0;
  for (size_t i = 0; i < count; i++) {
    if (byte_count - at < 4) return 0;
    uint32_t length = load32(plain + at);
    at += 4;
    if (byte_count - at < length) return 0;
    at += length;
    lengths[i] = length;
  }
  return at == byte_count;
}

void tm_plain_prefixes(const uint8_t *plain, size_t count, uint32_t *lengths,
                       uint32_t *prefixes) {
  const uint8_t *last = plain, *bytes = plain + 4;
  size_t last_length = 0;
  for (size_t i = 0; i < count; i++) {
    size_t length = lengths[i];
    size_t prefix = shared_prefix(last, bytes, length < last_length ? length : last_length);
    prefixes[i] = (uint32_t)prefix;
    lengths[i] = (uint32_t)(length - prefix);
    last = bytes;
    last_length = length;
    bytes += length + 4;
  }
}

void tm_fixed_prefixes(const uint8_t *values, size_t width, size_t count, uint32_t *lengths,
                       uint32_t *prefixes) {
  for (size_t i = 0; i < count; i++) {
    const uint8_t *value = values + i * width;
    size_t prefix = i == 0 ? 0 : shared_prefix(value - width, value, width);
    prefixes[i] = (uint32_t)prefix;
    lengths[i] = (uint32_t)(width - prefix);
  }
}

size_t tm_suffixes(const uint8_t *values, size_t byte_count, size_t lead, size_t count,
                   const uint32_t *lengths, const uint32_t *prefixes, uint8_t *output) {
  uint8_t *start = output;
  const uint8_t *end = values + byte_count;
  for (size_t i = 0; i < count; i++) {
    size_t length = lengths[i];
    values += lead + (prefixes == NULL ? 0 : prefixes[i]);
    // 32 bytes at once, over-written by the next value, cost less than a call for the few.
    if (length <= 32 && end - values >= 32) {
      memcpy(output, values, 32);
    } else {
      memcpy(output, values, length);
    }
    values += length;
    output += length;
  }
  return (size_t)(output - start);
}

// --- BYTE_STREAM_SPLIT -----------------------------------------------------------------------

typedef uint8_t bytes16 __attribute__((vector_size(16)));

ALWAYS_INLINE bytes16 interleave_low(bytes16 a, bytes16 b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

ALWAYS_INLINE bytes16 interleave_high(bytes16 a, bytes16 b) {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15,
                                 31);
}

// 16 values at a time: 16 rows of `width` bytes become `width` rows of 16. Interleaving the
// halves of a block turns the bits of every byte's place by one; four times turn rows to columns.
ALWAYS_INLINE size_t split_blocks(const uint8_t *values, const size_t width, size_t count,
                                  uint8_t *output) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    bytes16 rows[16], next[16];
    memcpy(rows, values + i * width, 16 * width);
    for (int round = 0; round < 4; round++) {
      for (size_t k = 0; k < width / 2; k++) {
        next[2 * k] = interleave_low(rows[k], rows[k + width / 2]);
        next[2 * k + 1] = interleave_high(rows[k], rows[k + width / 2]);
      }
      memcpy(rows, next, 16 * width);
    }
    for (size_t k = 0; k < width; k++) memcpy(output + k * count + i, &rows[k], 16);
  }
  return i;
}

void tm_split_encode(const uint8_t *values, size_t width, size_t count, uint8_t *output) {
  size_t done = 0;
  switch (width) {
    case 2: done = split_blocks(values, 2, count, output); break;
    case 4: done = split_blocks(values, 4, count, output); break;
    case 8: done = split_blocks(values, 8, count, output); break;
    case 16: done = split_blocks(values, 16, count, output); break;
    default: break;
  }
  // A part at a time, so that it is still in the cache for the next stream.
  while (done < count) {
    size_t end = count - done < 512 ? count : done + 512;
    for (size_t k = 0; k < width; k++) {
      for (size_t i = done; i < end; i++) output[k * count + i] = values[i * width + k];
    }
    done = end;
  }
}
