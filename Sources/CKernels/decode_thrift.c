// Passing over values of Thrift's compact protocol.
#include "decode_kernels.h"

#define FAILED SIZE_MAX
enum { DEPTH_MAX = 32 };

static size_t skip_varint(const uint8_t *bytes, size_t at, size_t end) {
  size_t last = end - at > 10 ? at + 10 : end;
  while (at < last)
    if (bytes[at++] < 0x80) return at;
  return FAILED;
}

static size_t read_varint(const uint8_t *bytes, size_t at, size_t end, uint64_t *value) {
  size_t last = end - at > 9 ? at + 9 : end;
  unsigned shift = 0;
  *value = 0;
  while (at < last) {
    uint8_t byte = bytes[at++];
    *value |= (uint64_t)(byte & 0x7F) << shift;
    if (byte < 0x80) return at;
    shift += 7;
  }
  return FAILED;
}

static size_t skip_bytes(size_t at, size_t end, uint64_t count) {
  return count <= end - at ? at + (size_t)count : FAILED;
}

static size_t skip_structure(const uint8_t *bytes, size_t at, size_t end, int depth);

static size_t skip_value(const uint8_t *bytes, size_t at, size_t end, unsigned type, int depth) {
  uint64_t count;
  switch (type) {
  case 1: case 2: case 3: return skip_bytes(at, end, 1);
  case 4: case 5: case 6: return skip_varint(bytes, at, end);
  case 7: return skip_bytes(at, end, 8);
  case 8:
    at = read_varint(bytes, at, end, &count);
    return at == FAILED ? FAILED : skip_bytes(at, end, count);
  case 9: case 10: {
    if (at >= end) return FAILED;
    uint8_t header = bytes[at++];
    count = header >> 4;
    if (count == 15) {
      at = read_varint(bytes, at, end, &count);
      if (at == FAILED) return FAILED;
    }
    // Every element takes a byte at least.
    if (count > end - at || depth >= DEPTH_MAX) return FAILED;
    for (uint64_t i = 0; i < count; i++) {
      at = skip_value(bytes, at, end, header & 15, depth + 1);
      if (at == FAILED) return FAILED;
    }
    return at;
  }
  case 12: return skip_structure(bytes, at, end, depth);
  case 13: return skip_bytes(at, end, 16);
  // No structure of the format has maps.
  default: return FAILED;
  }
}

static size_t skip_structure(const uint8_t *bytes, size_t at, size_t end, int depth) {
  if (depth >= DEPTH_MAX) return FAILED;
  while (at < end) {
    uint8_t header = bytes[at++];
    if (header == 0) return at;
    if (header >> 4 == 0) {
      at = skip_varint(bytes, at, end);
      if (at == FAILED) return FAILED;
    }
    unsigned type = header & 15;
    // Values of these two are in the header.
    if (type == 1 || type == 2) continue;
    at = skip_value(bytes, at, end, type, depth + 1);
    if (at == FAILED) return FAILED;
  }
  return FAILED;
}

size_t tm_thrift_locate(const uint8_t *bytes, size_t start, size_t end, size_t count,
                        uint32_t *offsets) {
  size_t at = start;
  for (size_t i = 0; i < count; i++) {
    offsets[i] = (uint32_t)(at - start);
    at = skip_structure(bytes, at, end, 0);
    if (at == FAILED) return FAILED;
  }
  return at;
}
