// Bit unpacking and bitmaps.
#include "decode_kernels.h"
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

static inline uint64_t load64(const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, 8);
  return v;
}

// Up to 8 bytes, fewer where the input ends; what lies past it counts as zero.
static inline uint64_t load_up_to_8(const uint8_t *p, size_t left) {
  uint64_t v = 0;
  memcpy(&v, p, left < 8 ? left : 8);
  return v;
}

static inline uint64_t one_value(const uint8_t *source, size_t available, size_t bit,
                                 unsigned width) {
  size_t byte = bit >> 3;
  unsigned shift = bit & 7;
  uint64_t v = load_up_to_8(source + byte, available - byte) >> shift;
  if (shift + width > 64) v |= (uint64_t)source[byte + 8] << (64 - shift);
  return width == 64 ? v : v & ((1ull << width) - 1);
}

// --- groups of 8 values, which begin at a byte; 8 bytes past the group may be read -------------

#define VALUE32(w, k) \
  output[k] = (uint32_t)((load64(source + (((k) * (w)) >> 3)) >> (((k) * (w)) & 7)) & \
                         ((1ull << (w)) - 1))

#define GROUPS32(w) \
  case w: \
    for (; groups > 0; groups--, source += (w), output += 8) { \
      VALUE32(w, 0); VALUE32(w, 1); VALUE32(w, 2); VALUE32(w, 3); \
      VALUE32(w, 4); VALUE32(w, 5); VALUE32(w, 6); VALUE32(w, 7); \
    } \
    break

static void groups32_portable(const uint8_t *source, uint32_t *output, size_t groups,
                              unsigned width) {
  switch (width) {
    GROUPS32(1); GROUPS32(2); GROUPS32(3); GROUPS32(4); GROUPS32(5); GROUPS32(6); GROUPS32(7);
    GROUPS32(8); GROUPS32(9); GROUPS32(10); GROUPS32(11); GROUPS32(12); GROUPS32(13);
    GROUPS32(14); GROUPS32(15); GROUPS32(16); GROUPS32(17); GROUPS32(18); GROUPS32(19);
    GROUPS32(20); GROUPS32(21); GROUPS32(22); GROUPS32(23); GROUPS32(24); GROUPS32(25);
    GROUPS32(26); GROUPS32(27); GROUPS32(28); GROUPS32(29); GROUPS32(30); GROUPS32(31);
    GROUPS32(32);
  }
}

static inline uint64_t wide_value(const uint8_t *source, unsigned bit, unsigned width) {
  unsigned shift = bit & 7;
  uint64_t v = load64(source + (bit >> 3)) >> shift;
  // A shift by 64 is undefined; two shifts are not, and give 0 where nothing is missing.
  if (shift + width > 64) v |= ((uint64_t)source[(bit >> 3) + 8] << 1) << (63 - shift);
  return width == 64 ? v : v & ((1ull << width) - 1);
}

#define GROUPS64(w) \
  case w: \
    for (; groups > 0; groups--, source += (w), output += 8) { \
      for (unsigned k = 0; k < 8; k++) output[k] = wide_value(source, k * (w), w); \
    } \
    break

static void groups64(const uint8_t *source, uint64_t *output, size_t groups, unsigned width) {
  switch (width) {
    GROUPS64(1); GROUPS64(2); GROUPS64(3); GROUPS64(4); GROUPS64(5); GROUPS64(6); GROUPS64(7);
    GROUPS64(8); GROUPS64(9); GROUPS64(10); GROUPS64(11); GROUPS64(12); GROUPS64(13);
    GROUPS64(14); GROUPS64(15); GROUPS64(16); GROUPS64(17); GROUPS64(18); GROUPS64(19);
    GROUPS64(20); GROUPS64(21); GROUPS64(22); GROUPS64(23); GROUPS64(24); GROUPS64(25);
    GROUPS64(26); GROUPS64(27); GROUPS64(28); GROUPS64(29); GROUPS64(30); GROUPS64(31);
    GROUPS64(32); GROUPS64(33); GROUPS64(34); GROUPS64(35); GROUPS64(36); GROUPS64(37);
    GROUPS64(38); GROUPS64(39); GROUPS64(40); GROUPS64(41); GROUPS64(42); GROUPS64(43);
    GROUPS64(44); GROUPS64(45); GROUPS64(46); GROUPS64(47); GROUPS64(48); GROUPS64(49);
    GROUPS64(50); GROUPS64(51); GROUPS64(52); GROUPS64(53); GROUPS64(54); GROUPS64(55);
    GROUPS64(56); GROUPS64(57); GROUPS64(58); GROUPS64(59); GROUPS64(60); GROUPS64(61);
    GROUPS64(62); GROUPS64(63); GROUPS64(64);
  }
}

#if defined(__x86_64__)
// Eight values of up to 25 bits in one step: two 16-byte loads (values 0–3 and 4–7), a byte
// shuffle that brings each value's four bytes into its lane, a shift a lane, a mask.
#define BYTES(w, base, k) \
  (((base) + (k) * (w)) >> 3) + 0, (((base) + (k) * (w)) >> 3) + 1, \
  (((base) + (k) * (w)) >> 3) + 2, (((base) + (k) * (w)) >> 3) + 3
#define SHUFFLE(w) \
  { BYTES(w, 0, 0), BYTES(w, 0, 1), BYTES(w, 0, 2), BYTES(w, 0, 3), \
    BYTES(w, (4 * (w)) & 7, 0), BYTES(w, (4 * (w)) & 7, 1), BYTES(w, (4 * (w)) & 7, 2), \
    BYTES(w, (4 * (w)) & 7, 3) }
static const uint8_t shuffles[26][32] __attribute__((aligned(32))) = {
  SHUFFLE(0), SHUFFLE(1), SHUFFLE(2), SHUFFLE(3), SHUFFLE(4), SHUFFLE(5), SHUFFLE(6), SHUFFLE(7),
  SHUFFLE(8), SHUFFLE(9), SHUFFLE(10), SHUFFLE(11), SHUFFLE(12), SHUFFLE(13), SHUFFLE(14),
  SHUFFLE(15), SHUFFLE(16), SHUFFLE(17), SHUFFLE(18), SHUFFLE(19), SHUFFLE(20), SHUFFLE(21),
  SHUFFLE(22), SHUFFLE(23), SHUFFLE(24), SHUFFLE(25)};

__attribute__((target("avx2"))) static void groups32_avx2(const uint8_t *source, uint32_t *output,
                                                          size_t groups, unsigned width) {
  const __m256i shuffle = _mm256_load_si256((const __m256i *)shuffles[width]);
  const int w = (int)width;
  const __m256i shift = _mm256_and_si256(
      _mm256_setr_epi32(0, w, 2 * w, 3 * w, 4 * w, 5 * w, 6 * w, 7 * w), _mm256_set1_epi32(7));
  const __m256i mask = _mm256_set1_epi32((int)((1u << width) - 1));
  const size_t half = width / 2;
  for (; groups > 0; groups--, source += width, output += 8) {
    __m256i v = _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)source)),
        _mm_loadu_si128((const __m128i *)(source + half)), 1);
    v = _mm256_srlv_epi32(_mm256_shuffle_epi8(v, shuffle), shift);
    _mm256_storeu_si256((__m256i *)output, _mm256_and_si256(v, mask));
  }
}
#endif

// Bytes past the start of a group that any of the group loops may touch.
#define GROUP_REACH 80

static void groups32(const uint8_t *source, uint32_t *output, size_t groups, unsigned width) {
#if defined(__x86_64__)
  if (width <= 25 && __builtin_cpu_supports("avx2")) {
    groups32_avx2(source, output, groups, width);
    return;
  }
#endif
  groups32_portable(source, output, groups, width);
}

#define UNPACK(name, type, group_loop) \
  void name(const uint8_t *source, size_t available, size_t bit, size_t count, unsigned width, \
            type *output) { \
    if (width == 0) { \
      memset(output, 0, count * sizeof(type)); \
      return; \
    } \
    while (count > 0 && (bit & 7) != 0) { \
      *output++ = (type)one_value(source, available, bit, width); \
      bit += width; \
      count--; \
    } \
    const size_t byte = bit >> 3; \
    const size_t groups = count / 8; \
    size_t direct = 0; \
    if (available - byte >= GROUP_REACH) { \
      direct = (available - byte - GROUP_REACH) / width + 1; \
      if (direct > groups) direct = groups; \
      group_loop(source + byte, output, direct, width); \
      output += direct * 8; \
      count -= direct * 8; \
      bit += direct * 8 * width; \
    } \
    /* The end of the input: its last bytes are copied to where reading past them is harmless. */ \
    while (count > 0) { \
      uint8_t padded[2 * GROUP_REACH + 64] = {0}; \
      const size_t from = bit >> 3; \
      size_t step = GROUP_REACH / width; \
      if (step == 0) step = 1; \
      if (step * 8 > count) step = (count + 7) / 8; \
      const size_t values = step * 8 < count ? step * 8 : count; \
      const size_t bytes = (values * width + 7) / 8; \
      memcpy(padded, source + from, bytes); \
      type unpacked[GROUP_REACH * 8]; \
      group_loop(padded, unpacked, step, width); \
      memcpy(output, unpacked, values * sizeof(type)); \
      output += values; \
      count -= values; \
      bit += values * width; \
    } \
  }

UNPACK(tm_unpack32, uint32_t, groups32)
UNPACK(tm_unpack64, uint64_t, groups64)

// --- bitmaps ------------------------------------------------------------------------------------

// Writes the low `count` (1…64) bits of `value` at bit `target` and zeros to the end of the word.
static inline void put_bits(uint64_t *words, size_t target, uint64_t value, size_t count) {
  if (count < 64) value &= (1ull << count) - 1;
  const size_t word = target >> 6;
  const unsigned shift = target & 63;
  if (shift == 0) {
    words[word] = value;
    return;
  }
  words[word] = (words[word] & ((1ull << shift) - 1)) | value << shift;
  if (shift + count > 64) words[word + 1] = value >> (64 - shift);
}

size_t tm_copy_bits(uint64_t *words, size_t target_bit, const uint8_t *source, size_t available,
                    size_t source_bit, size_t count) {
  size_t ones = 0;
  while (count > 0) {
    const size_t step = count < 56 ? count : 56;
    const size_t byte = source_bit >> 3;
    uint64_t v = available - byte >= 8 ? load64(source + byte)
                                       : load_up_to_8(source + byte, available - byte);
    v = (v >> (source_bit & 7)) & ((1ull << step) - 1);
    ones += (size_t)__builtin_popcountll(v);
    put_bits(words, target_bit, v, step);
    target_bit += step;
    source_bit += step;
    count -= step;
  }
  return ones;
}

void tm_fill_bits(uint64_t *words, size_t target_bit, size_t count, bool bit) {
  const uint64_t value = bit ? ~0ull : 0;
  while (count > 0) {
    const size_t room = 64 - (target_bit & 63);
    const size_t step = count < room ? count : room;
    put_bits(words, target_bit, value, step);
    target_bit += step;
    count -= step;
  }
}

size_t tm_validity_runs(const uint8_t *bytes, size_t *position, size_t end, uint64_t *words,
                        size_t target_bit, size_t count, size_t *ones) {
  size_t done = 0, at = *position;
  while (done < count && end - at >= 2) {
    size_t header = bytes[at], size = 1;
    if (header & 0x80) {
      if (bytes[at + 1] & 0x80) break;
      header = (header & 0x7F) | (size_t)bytes[at + 1] << 7;
      size = 2;
    }
    const size_t length = header >> 1, left = end - at - size;
    if (header & 1) {
      if (length == 0 || length > left || length * 8 > count - done) break;
      *ones += tm_copy_bits(words, target_bit + done, bytes, end, (at + size) * 8, length * 8);
      done += length * 8;
      at += size + length;
    } else {
      if (length == 0 || left == 0 || length > count - done || bytes[at + size] > 1) break;
      const bool bit = bytes[at + size];
      tm_fill_bits(words, target_bit + done, length, bit);
      *ones += bit ? length : 0;
      done += length;
      at += size + 1;
    }
  }
  *position = at;
  return done;
}

size_t tm_levels_to_bits(uint64_t *words, size_t target_bit, const uint8_t *levels, size_t count,
                         uint8_t threshold) {
  size_t ones = 0;
  while (count > 0) {
    const size_t step = count < 64 ? count : 64;
    uint64_t v = 0;
#if defined(__SSE2__)
    if (step == 64) {
      const __m128i limit = _mm_set1_epi8((char)threshold);
      for (int k = 0; k < 4; k++) {
        const __m128i x = _mm_loadu_si128((const __m128i *)(levels + 16 * k));
        const int mask = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(x, limit), x));
        v |= (uint64_t)(uint32_t)mask << (16 * k);
      }
    } else
#endif
      for (size_t k = 0; k < step; k++) v |= (uint64_t)(levels[k] >= threshold) << k;
    ones += (size_t)__builtin_popcountll(v);
    put_bits(words, target_bit, v, step);
    target_bit += step;
    levels += step;
    count -= step;
  }
  return ones;
}

size_t tm_count_levels(const uint8_t *levels, size_t count, uint8_t threshold) {
  size_t total = 0;
  while (count > 0) {
    // Sums of bytes in a byte, so that a step of up to 255 is one vector loop.
    const size_t step = count < 240 ? count : 240;
    uint8_t found = 0;
    for (size_t i = 0; i < step; i++) found += levels[i] >= threshold;
    total += found;
    levels += step;
    count -= step;
  }
  return total;
}
