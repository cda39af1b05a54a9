// Gathers, conversions, spreading over nulls, byte streams, deltas.
#include "decode_kernels.h"
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef struct { uint32_t a, b, c; } three_words;
typedef struct { uint64_t a, b; } two_longs;

// --- reductions ---------------------------------------------------------------------------------

static inline __attribute__((always_inline)) uint32_t max32(const uint32_t *values, size_t count) {
  uint32_t largest = 0;
  for (size_t i = 0; i < count; i++) largest = values[i] > largest ? values[i] : largest;
  return largest;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static uint32_t max32_avx2(const uint32_t *values, size_t count) {
  return max32(values, count);
}
#endif

uint32_t tm_max32(const uint32_t *values, size_t count) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return max32_avx2(values, count);
#endif
  return max32(values, count);
}

uint8_t tm_max8(const uint8_t *values, size_t count) {
  uint8_t largest = 0;
  for (size_t i = 0; i < count; i++) largest = values[i] > largest ? values[i] : largest;
  return largest;
}

void tm_narrow8(const uint32_t *values, size_t count, uint8_t *output) {
  for (size_t i = 0; i < count; i++) output[i] = (uint8_t)values[i];
}

// --- gather -------------------------------------------------------------------------------------

#define GATHER(type) \
  do { \
    const type *from = dictionary; \
    type *to = output; \
    for (size_t i = 0; i < count; i++) to[i] = from[indices[i]]; \
  } while (0)

void tm_gather(const void *dictionary, const uint32_t *indices, size_t count, size_t size,
               void *output) {
  switch (size) {
    case 1: GATHER(uint8_t); return;
    case 2: GATHER(uint16_t); return;
    case 4: GATHER(uint32_t); return;
    case 8: GATHER(uint64_t); return;
    case 12: GATHER(three_words); return;
    case 16: GATHER(two_longs); return;
    default:
      for (size_t i = 0; i < count; i++)
        memcpy((uint8_t *)output + i * size, (const uint8_t *)dictionary + indices[i] * size, size);
  }
}

#define REPEAT(type) \
  do { \
    type value; \
    memcpy(&value, element, sizeof(type)); \
    type *to = output; \
    for (size_t i = 0; i < count; i++) to[i] = value; \
  } while (0)

void tm_repeat(const void *element, size_t size, size_t count, void *output) {
  switch (size) {
    case 4: REPEAT(uint32_t); return;
    case 8: REPEAT(uint64_t); return;
    case 12: REPEAT(three_words); return;
    case 16: REPEAT(two_longs); return;
    default:
      for (size_t i = 0; i < count; i++) memcpy((uint8_t *)output + i * size, element, size);
  }
}

// --- integers -----------------------------------------------------------------------------------

typedef __int128 int128;

// One integer of any width; false where it does not fit 128 bits.
static bool big_endian_one(const uint8_t *source, size_t width, int128 *output) {
  const uint8_t sign = source[0] & 0x80 ? 0xFF : 0;
  size_t i = 0;
  for (; width - i > 16; i++)
    if (source[i] != sign) return false;
  if (i > 0 && ((source[i] ^ sign) & 0x80)) return false;
  unsigned __int128 value = sign ? ~(unsigned __int128)0 : 0;
  for (; i < width; i++) value = value << 8 | source[i];
  *output = (int128)value;
  return true;
}

#define DECODE_BIG_ENDIAN(type) \
  do { \
    type *to = output; \
    size_t i = 0; \
    if (width <= 8 && width <= sizeof(type)) { \
      /* Eight bytes in one load, as long as that many are there. */ \
      const unsigned shift = 64 - 8 * (unsigned)width; \
      for (; i < count && i * width + 8 <= available; i++) { \
        uint64_t word; \
        memcpy(&word, source + i * width, 8); \
        to[i] = (type)((int64_t)__builtin_bswap64(word) >> shift); \
      } \
    } else if (width <= sizeof(type)) { \
      const unsigned shift = 128 - 8 * (unsigned)width; \
      for (; i < count && i * width + 16 <= available; i++) { \
        uint64_t high, low; \
        memcpy(&high, source + i * width, 8); \
        memcpy(&low, source + i * width + 8, 8); \
        const unsigned __int128 word = \
            (unsigned __int128)__builtin_bswap64(high) << 64 | __builtin_bswap64(low); \
        to[i] = (type)((int128)word >> shift); \
      } \
    } \
    for (; i < count; i++) { \
      int128 value; \
      if (!big_endian_one(source + i * width, width, &value) || (int128)(type)value != value) \
        break; \
      to[i] = (type)value; \
    } \
    return i; \
  } while (0)

size_t tm_big_endian(const uint8_t *source, size_t available, size_t width, size_t count,
                     size_t size, void *output) {
  switch (size) {
    case 4: DECODE_BIG_ENDIAN(int32_t);
    case 8: DECODE_BIG_ENDIAN(int64_t);
    case 16: DECODE_BIG_ENDIAN(int128);
    default: return 0;
  }
}

#define CONVERT(from_type, to_type) \
  do { \
    const from_type *from = source; \
    to_type *to = output; \
    for (size_t i = 0; i < count; i++) { \
      if ((from_type)(to_type)from[i] != from[i]) return i; \
      to[i] = (to_type)from[i]; \
    } \
    return count; \
  } while (0)

size_t tm_convert_integers(const void *source, size_t source_size, size_t count, void *output,
                           size_t target_size) {
  switch (source_size << 8 | target_size) {
    case 4 << 8 | 4: CONVERT(int32_t, int32_t);
    case 4 << 8 | 8: CONVERT(int32_t, int64_t);
    case 4 << 8 | 16: CONVERT(int32_t, int128);
    case 8 << 8 | 4: CONVERT(int64_t, int32_t);
    case 8 << 8 | 8: CONVERT(int64_t, int64_t);
    case 8 << 8 | 16: CONVERT(int64_t, int128);
    case 16 << 8 | 4: CONVERT(int128, int32_t);
    case 16 << 8 | 8: CONVERT(int128, int64_t);
    case 16 << 8 | 16: CONVERT(int128, int128);
    default: return 0;
  }
}

// --- spread -------------------------------------------------------------------------------------

static inline uint64_t bits_at(const uint64_t *words, size_t bit, size_t count) {
  const size_t word = bit >> 6;
  const unsigned shift = bit & 63;
  uint64_t v = words[word] >> shift;
  if (shift + count > 64) v |= words[word + 1] << (64 - shift);
  return count == 64 ? v : v & ((1ull << count) - 1);
}

// From the back, 64 slots at a time: a slot lies at or behind the value that goes there, so
// nothing is overwritten before it has moved.
//
// A block of few values is cleared and the values put in; they are copied first, because they may
// lie in the block.
enum { SPARSE_MAX = 12 };

#define SPREAD_SPARSE(type, ones, bits, step) \
  do { \
    type block[SPARSE_MAX]; \
    dense -= (ones); \
    memcpy(block, slots + dense, (ones) * sizeof(type)); \
    memset(slots + count, 0, (step) * sizeof(type)); \
    uint64_t left = (bits); \
    for (size_t next = 0; left != 0; left &= left - 1) \
      slots[count + (size_t)__builtin_ctzll(left)] = block[next++]; \
  } while (0)

#define SPREAD(type) \
  do { \
    type *slots = values; \
    const type zero = {0}; \
    while (count > 0 && dense < count) { \
      const size_t step = (count & 63) ? (count & 63) : 64; \
      count -= step; \
      const uint64_t bits = bits_at(words, first_bit + count, step); \
      const size_t ones = (size_t)__builtin_popcountll(bits); \
      if (ones <= SPARSE_MAX) { \
        SPREAD_SPARSE(type, ones, bits, step); \
        continue; \
      } \
      for (size_t k = step; k-- > 0;) { \
        if (bits >> k & 1) slots[count + k] = slots[--dense]; \
        else slots[count + k] = zero; \
      } \
    } \
  } while (0)

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static void spread4_avx512(uint32_t *slots, size_t dense,
                                                              const uint64_t *words,
                                                              size_t first_bit, size_t count) {
  while (count > 0 && dense < count) {
    if ((count & 63) == 0) {
      const uint64_t all = bits_at(words, first_bit + count - 64, 64);
      const size_t few = (size_t)__builtin_popcountll(all);
      if (few <= SPARSE_MAX) {
        count -= 64;
        SPREAD_SPARSE(uint32_t, few, all, 64);
        continue;
      }
    }
    const size_t step = (count & 15) ? (count & 15) : 16;
    count -= step;
    const uint64_t bits = bits_at(words, first_bit + count, step);
    const size_t ones = (size_t)__builtin_popcountll(bits);
    dense -= ones;
    const __m512i v = _mm512_maskz_loadu_epi32((__mmask16)((1u << ones) - 1), slots + dense);
    _mm512_mask_storeu_epi32(slots + count, (__mmask16)((1u << step) - 1),
                             _mm512_maskz_expand_epi32((__mmask16)bits, v));
  }
}

__attribute__((target("avx512f"))) static void spread8_avx512(uint64_t *slots, size_t dense,
                                                              const uint64_t *words,
                                                              size_t first_bit, size_t count) {
  while (count > 0 && dense < count) {
    if ((count & 63) == 0) {
      const uint64_t all = bits_at(words, first_bit + count - 64, 64);
      const size_t few = (size_t)__builtin_popcountll(all);
      if (few <= SPARSE_MAX) {
        count -= 64;
        SPREAD_SPARSE(uint64_t, few, all, 64);
        continue;
      }
    }
    const size_t step = (count & 7) ? (count & 7) : 8;
    count -= step;
    const uint64_t bits = bits_at(words, first_bit + count, step);
    const size_t ones = (size_t)__builtin_popcountll(bits);
    dense -= ones;
    const __m512i v = _mm512_maskz_loadu_epi64((__mmask8)((1u << ones) - 1), slots + dense);
    _mm512_mask_storeu_epi64(slots + count, (__mmask8)((1u << step) - 1),
                             _mm512_maskz_expand_epi64((__mmask8)bits, v));
  }
}
#endif

void tm_spread(void *values, size_t size, size_t dense, const uint64_t *words, size_t first_bit,
               size_t count) {
#if defined(__x86_64__)
  if ((size == 4 || size == 8) && __builtin_cpu_supports("avx512f")) {
    if (size == 4) spread4_avx512(values, dense, words, first_bit, count);
    else spread8_avx512(values, dense, words, first_bit, count);
    return;
  }
#endif
  switch (size) {
    case 4: SPREAD(uint32_t); return;
    case 8: SPREAD(uint64_t); return;
    case 12: SPREAD(three_words); return;
    case 16: SPREAD(two_longs); return;
    default:
      while (count > 0 && dense < count) {
        count--;
        uint8_t *slot = (uint8_t *)values + count * size;
        if (bits_at(words, first_bit + count, 1)) {
          memmove(slot, (uint8_t *)values + --dense * size, size);
        } else {
          memset(slot, 0, size);
        }
      }
  }
}

// --- byte streams -------------------------------------------------------------------------------

#if defined(__SSE2__)
// 16 elements of 4 bytes: interleave the four streams twice.
static size_t join4_sse2(const uint8_t *source, size_t total, size_t first, size_t count,
                         uint8_t *output) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const uint8_t *p = source + first + i;
    const __m128i a = _mm_loadu_si128((const __m128i *)p);
    const __m128i b = _mm_loadu_si128((const __m128i *)(p + total));
    const __m128i c = _mm_loadu_si128((const __m128i *)(p + 2 * total));
    const __m128i d = _mm_loadu_si128((const __m128i *)(p + 3 * total));
    const __m128i ab0 = _mm_unpacklo_epi8(a, b), ab1 = _mm_unpackhi_epi8(a, b);
    const __m128i cd0 = _mm_unpacklo_epi8(c, d), cd1 = _mm_unpackhi_epi8(c, d);
    __m128i *to = (__m128i *)(output + i * 4);
    _mm_storeu_si128(to, _mm_unpacklo_epi16(ab0, cd0));
    _mm_storeu_si128(to + 1, _mm_unpackhi_epi16(ab0, cd0));
    _mm_storeu_si128(to + 2, _mm_unpacklo_epi16(ab1, cd1));
    _mm_storeu_si128(to + 3, _mm_unpackhi_epi16(ab1, cd1));
  }
  return i;
}

// 16 elements of 8 bytes: interleave the eight streams three times.
static size_t join8_sse2(const uint8_t *source, size_t total, size_t first, size_t count,
                         uint8_t *output) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    __m128i s[8], t[8];
    for (int k = 0; k < 8; k++)
      s[k] = _mm_loadu_si128((const __m128i *)(source + first + i + (size_t)k * total));
    for (int k = 0; k < 4; k++) {
      t[2 * k] = _mm_unpacklo_epi8(s[2 * k], s[2 * k + 1]);
      t[2 * k + 1] = _mm_unpackhi_epi8(s[2 * k], s[2 * k + 1]);
    }
    for (int k = 0; k < 2; k++) {
      s[4 * k] = _mm_unpacklo_epi16(t[4 * k], t[4 * k + 2]);
      s[4 * k + 1] = _mm_unpackhi_epi16(t[4 * k], t[4 * k + 2]);
      s[4 * k + 2] = _mm_unpacklo_epi16(t[4 * k + 1], t[4 * k + 3]);
      s[4 * k + 3] = _mm_unpackhi_epi16(t[4 * k + 1], t[4 * k + 3]);
    }
    __m128i *to = (__m128i *)(output + i * 8);
    for (int k = 0; k < 4; k++) {
      _mm_storeu_si128(to + 2 * k, _mm_unpacklo_epi32(s[k], s[k + 4]));
      _mm_storeu_si128(to + 2 * k + 1, _mm_unpackhi_epi32(s[k], s[k + 4]));
    }
  }
  return i;
}
#endif

void tm_join_streams(const uint8_t *source, size_t total, size_t size, size_t first, size_t count,
                     uint8_t *output) {
  size_t done = 0;
#if defined(__SSE2__)
  if (size == 4) done = join4_sse2(source, total, first, count, output);
  if (size == 8) done = join8_sse2(source, total, first, count, output);
#endif
  for (size_t k = 0; k < size; k++) {
    const uint8_t *stream = source + k * total + first;
    for (size_t i = done; i < count; i++) output[i * size + k] = stream[i];
  }
}

// --- deltas -------------------------------------------------------------------------------------

uint32_t tm_sum_deltas32(const uint32_t *deltas, size_t count, uint32_t minimum, uint32_t last,
                         uint32_t *output) {
  for (size_t i = 0; i < count; i++) output[i] = last += minimum + deltas[i];
  return last;
}

uint64_t tm_sum_deltas64(const uint64_t *deltas, size_t count, uint64_t minimum, uint64_t last,
                         uint64_t *output) {
  for (size_t i = 0; i < count; i++) output[i] = last += minimum + deltas[i];
  return last;
}

uint64_t tm_sum_deltas32to64(const uint32_t *deltas, size_t count, uint64_t minimum, uint64_t last,
                             uint64_t *output) {
  for (size_t i = 0; i < count; i++) output[i] = last += minimum + deltas[i];
  return last;
}
