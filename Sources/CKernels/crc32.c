// CRC-32 of the polynomial 0x04C11DB7, reflected, as gzip and Parquet pages have it.
//
// With carry-less multiplication 64 bytes are folded a step, after V. Gopal and others, "Fast CRC
// Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Intel, 2009); without it, a
// table for each of 8 bytes.
#include "encode_kernels.h"
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

static uint32_t tables[8][256];

__attribute__((constructor)) static void make_tables(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    tables[0][byte] = crc;
  }
  for (int table = 1; table < 8; table++) {
    for (int byte = 0; byte < 256; byte++) {
      uint32_t crc = tables[table - 1][byte];
      tables[table][byte] = crc >> 8 ^ tables[0][crc & 0xFF];
    }
  }
}

// Takes and gives the register as it is, not inverted.
static uint32_t update(uint32_t crc, const uint8_t *bytes, size_t count) {
  for (; count >= 8; bytes += 8, count -= 8) {
    uint32_t low, high;
    memcpy(&low, bytes, 4);
    memcpy(&high, bytes + 4, 4);
    low ^= crc;
    crc = tables[7][low & 0xFF] ^ tables[6][low >> 8 & 0xFF] ^ tables[5][low >> 16 & 0xFF] ^
          tables[4][low >> 24] ^ tables[3][high & 0xFF] ^ tables[2][high >> 8 & 0xFF] ^
          tables[1][high >> 16 & 0xFF] ^ tables[0][high >> 24];
  }
  for (; count > 0; bytes++, count--) crc = crc >> 8 ^ tables[0][(crc ^ *bytes) & 0xFF];
  return crc;
}

uint32_t tm_crc32_portable(uint32_t crc, const uint8_t *bytes, size_t count) {
  return ~update(~crc, bytes, count);
}

#if defined(__x86_64__)
__attribute__((target("pclmul,sse4.1"))) static inline __m128i fold(__m128i x, __m128i k,
                                                                     __m128i next) {
  __m128i low = _mm_clmulepi64_si128(x, k, 0x00);
  __m128i high = _mm_clmulepi64_si128(x, k, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

// Precondition: count is a multiple of 16 and at least 64.
__attribute__((target("pclmul,sse4.1"))) static uint32_t update_folding(uint32_t crc,
                                                                         const uint8_t *bytes,
                                                                         size_t count) {
  const __m128i k1k2 = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4);
  const __m128i k3k4 = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
  const __m128i k5 = _mm_set_epi64x(0, 0x0163cd6124);
  const __m128i polynomial = _mm_set_epi64x(0x01f7011641, 0x01db710641);
  const __m128i mask = _mm_setr_epi32(~0, 0, ~0, 0);
  const __m128i *p = (const __m128i *)bytes;

  __m128i a = _mm_xor_si128(_mm_loadu_si128(p), _mm_cvtsi32_si128((int)crc));
  __m128i b = _mm_loadu_si128(p + 1), c = _mm_loadu_si128(p + 2), d = _mm_loadu_si128(p + 3);
  p += 4;
  count -= 64;
  for (; count >= 64; p += 4, count -= 64) {
    a = fold(a, k1k2, _mm_loadu_si128(p));
    b = fold(b, k1k2, _mm_loadu_si128(p + 1));
    c = fold(c, k1k2, _mm_loadu_si128(p + 2));
    d = fold(d, k1k2, _mm_loadu_si128(p + 3));
  }
  a = fold(a, k3k4, b);
  a = fold(a, k3k4, c);
  a = fold(a, k3k4, d);
  for (; count >= 16; p++, count -= 16) a = fold(a, k3k4, _mm_loadu_si128(p));

  // 128 bits to 64, then Barrett's reduction to 32.
  b = _mm_clmulepi64_si128(a, k3k4, 0x10);
  a = _mm_xor_si128(_mm_srli_si128(a, 8), b);
  b = _mm_srli_si128(a, 4);
  a = _mm_xor_si128(_mm_clmulepi64_si128(_mm_and_si128(a, mask), k5, 0x00), b);
  b = _mm_clmulepi64_si128(_mm_and_si128(a, mask), polynomial, 0x10);
  b = _mm_clmulepi64_si128(_mm_and_si128(b, mask), polynomial, 0x00);
  return (uint32_t)_mm_extract_epi32(_mm_xor_si128(a, b), 1);
}
#endif

uint32_t tm_crc32(uint32_t crc, const uint8_t *bytes, size_t count) {
  crc = ~crc;
#if defined(__x86_64__)
  if (count >= 64 && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1")) {
    size_t folded = count & ~(size_t)15;
    crc = update_folding(crc, bytes, folded);
    bytes += folded;
    count -= folded;
  }
#endif
  return ~update(crc, bytes, count);
}
