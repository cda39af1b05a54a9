// Minima and maxima, PLAIN encoding of views, compaction of nulls.
#include "encode_kernels.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define ALWAYS_INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__) && defined(__linux__)
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDE
#endif

// --- minima and maxima -----------------------------------------------------------------------

// Lanes of their own, so that the compiler need not reorder anything, floats included; a NaN
// compares false and changes nothing.
#define RANGE(NAME, TYPE, LANES, LEAST, MOST) \
  WIDE void NAME(const TYPE *values, size_t count, TYPE *least, TYPE *most) { \
    TYPE low[LANES], high[LANES]; \
    for (int k = 0; k < LANES; k++) { \
      low[k] = MOST; \
      high[k] = LEAST; \
    } \
    size_t i = 0; \
    for (; i + LANES <= count; i += LANES) { \
      for (int k = 0; k < LANES; k++) { \
        TYPE v = values[i + k]; \
        low[k] = v < low[k] ? v : low[k]; \
        high[k] = v > high[k] ? v : high[k]; \
      } \
    } \
    for (; i < count; i++) { \
      TYPE v = values[i]; \
      low[0] = v < low[0] ? v : low[0]; \
      high[0] = v > high[0] ? v : high[0]; \
    } \
    for (int k = 1; k < LANES; k++) { \
      low[0] = low[k] < low[0] ? low[k] : low[0]; \
      high[0] = high[k] > high[0] ? high[k] : high[0]; \
    } \
    *least = low[0]; \
    *most = high[0]; \
  }

RANGE(tm_range_i32, int32_t, 32, INT32_MIN, INT32_MAX)
RANGE(tm_range_u32, uint32_t, 32, 0, UINT32_MAX)
RANGE(tm_range_i64, int64_t, 16, INT64_MIN, INT64_MAX)
RANGE(tm_range_u64, uint64_t, 16, 0, UINT64_MAX)
RANGE(tm_range_f32, float, 32, -INFINITY, INFINITY)
RANGE(tm_range_f64, double, 16, -INFINITY, INFINITY)

// Half floats order as 16-bit numbers once those below zero are turned around.
ALWAYS_INLINE int16_t half_key(uint16_t v) {
  return (int16_t)(v ^ (uint16_t)(((int16_t)v >> 15) & 0x7FFF));
}

WIDE int tm_range_f16(const uint16_t *values, size_t count, uint16_t *least, uint16_t *most) {
  int16_t low = INT16_MAX, high = INT16_MIN;
  for (size_t i = 0; i < count; i++) {
    int16_t key = half_key(values[i]);
    int is_nan = (values[i] & 0x7FFF) > 0x7C00;
    int16_t down = is_nan ? INT16_MAX : key, up = is_nan ? INT16_MIN : key;
    low = down < low ? down : low;
    high = up > high ? up : high;
  }
  // The way back is the same.
  *least = (uint16_t)half_key((uint16_t)low);
  *most = (uint16_t)half_key((uint16_t)high);
  return low <= high;
}

ALWAYS_INLINE uint64_t load64(const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, 8);
  return v;
}

// The first 8 bytes as a big-endian number, zeros where there are fewer.
ALWAYS_INLINE uint64_t prefix_of(const uint8_t *p, size_t n, const uint8_t *end) {
  uint64_t v;
  if (n >= 8) {
    v = load64(p);
  } else if (n == 0) {
    return 0;
  } else if (end - p >= 8) {
    v = load64(p) & ((1ull << (n * 8)) - 1);
  } else {
    v = 0;
    memcpy(&v, p, n);
  }
  return __builtin_bswap64(v);
}

// Whether a is before b, given that their prefixes are the same.
static int is_before(const uint8_t *a, size_t a_count, const uint8_t *b, size_t b_count) {
  size_t shared = a_count < b_count ? a_count : b_count;
  if (shared > 8) {
    int order = memcmp(a + 8, b + 8, shared - 8);
    if (order != 0) return order < 0;
  }
  return a_count < b_count;
}

void tm_range_views(const tm_view *views, size_t count, const uint8_t *buffer,
                    size_t buffer_count, size_t *least_at, size_t *most_at) {
  const uint8_t *end = buffer + buffer_count;
  size_t low = 0, high = 0;
  uint64_t low_prefix = prefix_of(buffer + views[0].offset, views[0].length, end);
  uint64_t high_prefix = low_prefix;
  for (size_t i = 1; i < count; i++) {
    // The same text again: names of files and the like.
    if (views[i].offset == views[i - 1].offset && views[i].length == views[i - 1].length) continue;
    const uint8_t *bytes = buffer + views[i].offset;
    size_t length = views[i].length;
    uint64_t prefix = prefix_of(bytes, length, end);
    if (__builtin_expect(prefix <= low_prefix, 0)) {
      if (prefix < low_prefix ||
          is_before(bytes, length, buffer + views[low].offset, views[low].length)) {
        low = i;
        low_prefix = prefix;
      }
    }
    if (__builtin_expect(prefix >= high_prefix, 0)) {
      if (prefix > high_prefix ||
          is_before(buffer + views[high].offset, views[high].length, bytes, length)) {
        high = i;
        high_prefix = prefix;
      }
    }
  }
  *least_at = low;
  *most_at = high;
}

void tm_range_fixed(const uint8_t *values, size_t width, size_t count, int is_signed,
                    size_t *least_at, size_t *most_at) {
  // Two's complement orders as unsigned once the sign bit is turned.
  uint8_t turn = is_signed ? 0x80 : 0;
  size_t low = 0, high = 0;
  for (size_t i = 1; i < count; i++) {
    const uint8_t *v = values + i * width;
    const uint8_t *l = values + low * width, *h = values + high * width;
    uint8_t first = v[0] ^ turn, least = l[0] ^ turn, most = h[0] ^ turn;
    if (first < least || (first == least && memcmp(v + 1, l + 1, width - 1) < 0)) low = i;
    if (first > most || (first == most && memcmp(v + 1, h + 1, width - 1) > 0)) high = i;
  }
  *least_at = low;
  *most_at = high;
}

// --- views -----------------------------------------------------------------------------------

size_t tm_views_run(const tm_view *views, size_t count) {
  size_t i = 1;
  while (i < count && views[i].buffer == views[0].buffer) i++;
  return i;
}

uint64_t tm_views_bytes(const tm_view *views, size_t count) {
  uint64_t sum = 0;
  for (size_t i = 0; i < count; i++) sum += views[i].length;
  return sum;
}

size_t tm_views_fitting(const tm_view *views, size_t count, uint64_t room) {
  // Mostly all of them do, and adding up alone is several values a cycle.
  if (tm_views_bytes(views, count) + 4 * (uint64_t)count <= room) return count;
  uint64_t sum = 0;
  size_t i = 0;
  for (; i < count; i++) {
    sum += 4 + (uint64_t)views[i].length;
    if (sum > room) break;
  }
  return i;
}

size_t tm_views_plain(const tm_view *views, size_t count, const uint8_t *buffer,
                      size_t buffer_count, uint8_t *output) {
  uint8_t *start = output;
  for (size_t i = 0; i < count; i++) {
    // Texts of a column lie apart, between those of other columns.
    if (i + 16 < count) __builtin_prefetch(buffer + views[i + 16].offset);
    uint32_t length = views[i].length;
    size_t offset = views[i].offset;
    const uint8_t *bytes = buffer + offset;
    memcpy(output, &length, 4);
    output += 4;
    // 32 bytes at once, over-written by the next value, cost less than a call for the few.
    if (length <= 32 && offset + 32 <= buffer_count) {
      memcpy(output, bytes, 32);
    } else {
      memcpy(output, bytes, length);
    }
    output += length;
  }
  return (size_t)(output - start);
}

// --- nulls -----------------------------------------------------------------------------------

// Up to 64 bits from `bit` on; those past `count` are zero.
ALWAYS_INLINE uint64_t bits_at(const uint64_t *words, size_t bit, size_t count) {
  size_t word = bit >> 6;
  unsigned shift = bit & 63;
  uint64_t v = words[word] >> shift;
  if (shift != 0 && shift + count > 64) v |= words[word + 1] << (64 - shift);
  return count >= 64 ? v : v & ((1ull << count) - 1);
}

ALWAYS_INLINE size_t compact(const uint8_t *values, const size_t width, const uint64_t *words,
                             size_t bit, size_t count, uint8_t *output) {
  uint8_t *start = output;
  for (size_t i = 0; i < count; i += 64) {
    size_t left = count - i < 64 ? count - i : 64;
    uint64_t bits = bits_at(words, bit + i, left);
    const uint8_t *from = values + i * width;
    if (left == 64 && bits == ~0ull) {
      memcpy(output, from, 64 * width);
      output += 64 * width;
    } else if (__builtin_popcountll(bits) > 24) {
      // Dense: a store for each and a step for the kept ones, without branches.
      for (size_t k = 0; k < left; k++) {
        memcpy(output, from + k * width, width);
        output += (bits >> k & 1) * width;
      }
    } else {
      for (; bits != 0; bits &= bits - 1) {
        memcpy(output, from + (size_t)__builtin_ctzll(bits) * width, width);
        output += width;
      }
    }
  }
  return (size_t)(output - start) / width;
}

size_t tm_compact(const uint8_t *values, size_t width, const uint64_t *words, size_t bit,
                  size_t count, uint8_t *output) {
  switch (width) {
    case 4: return compact(values, 4, words, bit, count, output);
    case 8: return compact(values, 8, words, bit, count, output);
    case 12: return compact(values, 12, words, bit, count, output);
    case 16: return compact(values, 16, words, bit, count, output);
    default: break;
  }
  uint8_t *start = output;
  for (size_t i = 0; i < count; i++) {
    if (words[(bit + i) >> 6] >> ((bit + i) & 63) & 1) {
      memcpy(output, values + i * width, width);
      output += width;
    }
  }
  return (size_t)(output - start) / width;
}

size_t tm_compact_bits(const uint64_t *values, size_t value_bit, const uint64_t *words, size_t bit,
                       size_t count, uint64_t *output, size_t target_bit) {
  size_t kept = 0;
  for (size_t i = 0; i < count; i += 64) {
    size_t left = count - i < 64 ? count - i : 64;
    uint64_t keep = bits_at(words, bit + i, left);
    uint64_t from = bits_at(values, value_bit + i, left);
    for (; keep != 0; keep &= keep - 1) {
      size_t at = target_bit + kept++;
      output[at >> 6] |= (from >> __builtin_ctzll(keep) & 1) << (at & 63);
    }
  }
  return kept;
}

size_t tm_count_bits(const uint64_t *words, size_t bit, size_t count) {
  size_t ones = 0;
  for (size_t i = 0; i < count; i += 64) {
    ones += (size_t)__builtin_popcountll(bits_at(words, bit + i, count - i));
  }
  return ones;
}

void tm_int128_fixed(const uint8_t *values, size_t count, size_t width, uint8_t *output) {
  for (size_t i = 0; i < count; i++, values += 16, output += width) {
    uint64_t low = __builtin_bswap64(load64(values)), high = __builtin_bswap64(load64(values + 8));
    uint8_t bytes[16];
    memcpy(bytes, &high, 8);
    memcpy(bytes + 8, &low, 8);
    memcpy(output, bytes + 16 - width, width);
  }
}
