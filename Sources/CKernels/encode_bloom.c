// Hashing values for split-block bloom filters, and setting their bits.
#include "encode_kernels.h"
#include "decode_kernels.h"
#include <string.h>

#define ALWAYS_INLINE static inline __attribute__((always_inline))

static const uint64_t P1 = 0x9E3779B185EBCA87ull, P2 = 0xC2B2AE3D27D4EB4Full,
                      P3 = 0x165667B19E3779F9ull, P4 = 0x85EBCA77C2B2AE63ull,
                      P5 = 0x27D4EB2F165667C5ull;

ALWAYS_INLINE uint64_t turned(uint64_t v, unsigned bits) { return v << bits | v >> (64 - bits); }

ALWAYS_INLINE uint64_t finished(uint64_t hash) {
  hash = (hash ^ hash >> 33) * P2;
  hash = (hash ^ hash >> 29) * P3;
  return hash ^ hash >> 32;
}

// XXH64 of 4 and of 8 bytes, folded.
ALWAYS_INLINE uint64_t hash4(const uint8_t *p) {
  uint32_t v;
  memcpy(&v, p, 4);
  return finished(turned((P5 + 4) ^ v * P1, 23) * P2 + P3);
}

ALWAYS_INLINE uint64_t hash8(const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, 8);
  return finished(turned((P5 + 8) ^ turned(v * P2, 31) * P1, 27) * P1 + P4);
}

void tm_bloom_hash_fixed(const uint8_t *values, size_t width, size_t count, uint64_t *hashes) {
  if (width == 4) {
    for (size_t i = 0; i < count; i++) hashes[i] = hash4(values + i * 4);
  } else if (width == 8) {
    for (size_t i = 0; i < count; i++) hashes[i] = hash8(values + i * 8);
  } else {
    for (size_t i = 0; i < count; i++) hashes[i] = tm_xxhash64(values + i * width, width, 0);
  }
}

void tm_bloom_hash_views(const tm_view *views, size_t count, const uint8_t *buffer,
                         uint64_t *hashes) {
  for (size_t i = 0; i < count; i++) {
    hashes[i] = tm_xxhash64(buffer + views[i].offset, views[i].length, 0);
  }
}

int tm_bloom_hash_plain(const uint8_t *plain, size_t byte_count, size_t count,
                        uint64_t *hashes) {
  size_t at = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t length;
    if (byte_count - at < 4) return 0;
    memcpy(&length, plain + at, 4);
    at += 4;
    if (byte_count - at < length) return 0;
    hashes[i] = tm_xxhash64(plain + at, length, 0);
    at += length;
  }
  return at == byte_count;
}

void tm_bloom_insert(const uint64_t *hashes, size_t count, uint8_t *filter, size_t block_count) {
  static const uint32_t salts[8] = {0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d,
                                    0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31};
  for (size_t i = 0; i < count; i++) {
    uint64_t hash = hashes[i];
    uint8_t *block = filter + (size_t)((hash >> 32) * block_count >> 32) * 32;
    uint32_t words[8];
    memcpy(words, block, 32);
    for (int w = 0; w < 8; w++) words[w] |= 1u << ((uint32_t)hash * salts[w] >> 27);
    memcpy(block, words, 32);
  }
}
