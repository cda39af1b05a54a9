#include "decode_kernels.h"
#include <string.h>

static const uint64_t prime1 = 0x9E3779B185EBCA87ull;
static const uint64_t prime2 = 0xC2B2AE3D27D4EB4Full;
static const uint64_t prime3 = 0x165667B19E3779F9ull;
static const uint64_t prime4 = 0x85EBCA77C2B2AE63ull;
static const uint64_t prime5 = 0x27D4EB2F165667C5ull;

static inline uint64_t rotate(uint64_t x, int bits) { return x << bits | x >> (64 - bits); }

static inline uint64_t read64(const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, 8);
  return v;
}

static inline uint32_t read32(const uint8_t *p) {
  uint32_t v;
  memcpy(&v, p, 4);
  return v;
}

static inline uint64_t round64(uint64_t lane, uint64_t input) {
  return rotate(lane + input * prime2, 31) * prime1;
}

static inline uint64_t merge(uint64_t hash, uint64_t lane) {
  return (hash ^ round64(0, lane)) * prime1 + prime4;
}

uint64_t tm_xxhash64(const uint8_t *bytes, size_t count, uint64_t seed) {
  const uint8_t *p = bytes;
  size_t left = count;
  uint64_t hash;
  if (left >= 32) {
    uint64_t a = seed + prime1 + prime2, b = seed + prime2, c = seed, d = seed - prime1;
    for (; left >= 32; left -= 32, p += 32) {
      a = round64(a, read64(p));
      b = round64(b, read64(p + 8));
      c = round64(c, read64(p + 16));
      d = round64(d, read64(p + 24));
    }
    hash = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18);
    hash = merge(merge(merge(merge(hash, a), b), c), d);
  } else {
    hash = seed + prime5;
  }
  hash += count;
  for (; left >= 8; left -= 8, p += 8)
    hash = rotate(hash ^ round64(0, read64(p)), 27) * prime1 + prime4;
  if (left >= 4) {
    hash = rotate(hash ^ (uint64_t)read32(p) * prime1, 23) * prime2 + prime3;
    left -= 4;
    p += 4;
  }
  for (; left > 0; left--, p++) hash = rotate(hash ^ *p * prime5, 11) * prime1;
  hash = (hash ^ hash >> 33) * prime2;
  hash = (hash ^ hash >> 29) * prime3;
  return hash ^ hash >> 32;
}
