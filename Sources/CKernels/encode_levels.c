// Taking nested columns apart into levels.
#include "encode_kernels.h"
#include <string.h>

#define ALWAYS_INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__) && defined(__linux__)
#define WIDE __attribute__((target_clones("avx512bw", "avx2", "default")))
#else
#define WIDE
#endif

int tm_offsets_are_sound(const int32_t *offsets, size_t count, size_t child_count) {
  int32_t falls = offsets[0] < 0;
  for (size_t i = 0; i < count; i++) falls |= offsets[i + 1] < offsets[i];
  return !falls && (size_t)offsets[count] <= child_count;
}

size_t tm_levels_nulls(int32_t *rows, uint8_t *levels, size_t count, const uint64_t *validity) {
  size_t nulls = 0;
  if (validity == NULL) {
    for (size_t i = 0; i < count; i++) levels[i] += rows[i] >= 0;
    return 0;
  }
  for (size_t i = 0; i < count; i++) {
    int32_t row = rows[i], gone = row >> 31;
    uint32_t at = (uint32_t)(row & ~gone);
    uint32_t valid = (uint32_t)(validity[at >> 6] >> (at & 63) & 1) & (uint32_t)~gone;
    nulls += (size_t)(1 + gone) - valid;
    levels[i] += (uint8_t)valid;
    rows[i] = row | ((int32_t)valid - 1);
  }
  return nulls;
}

size_t tm_levels_expanded(const int32_t *rows, size_t count, const int32_t *offsets) {
  size_t total = 0;
  for (size_t i = 0; i < count; i++) {
    int32_t row = rows[i];
    int32_t length = row < 0 ? 0 : offsets[row + 1] - offsets[row];
    total += length == 0 ? 1 : (size_t)length;
  }
  return total;
}

// The numbers from `first` on in eight places, whatever of them counts.
ALWAYS_INLINE void store_rows(int32_t *rows, int32_t first) {
  for (int k = 0; k < 8; k++) rows[k] = first + k;
}

ALWAYS_INLINE void store_levels(uint8_t *levels, uint8_t level) {
  uint64_t eight = level * 0x0101010101010101ull;
  memcpy(levels, &eight, 8);
}

void tm_levels_expand(const int32_t *rows, const uint8_t *definition, const uint8_t *repetition,
                      size_t count, const int32_t *offsets, uint8_t repeated, int32_t *rows_out,
                      uint8_t *definition_out, uint8_t *repetition_out) {
  size_t at = 0;
  for (size_t i = 0; i < count; i++) {
    int32_t row = rows[i];
    int32_t start = row < 0 ? 0 : offsets[row], end = row < 0 ? 0 : offsets[row + 1];
    int32_t length = end - start, is_empty = length == 0;
    uint8_t level = definition[i] + (uint8_t)!is_empty;
    // Lists are mostly short: eight elements are written at once, over what comes next, so that
    // their number makes no branch.
    store_rows(rows_out + at, is_empty ? -1 : start);
    store_levels(definition_out + at, level);
    store_levels(repetition_out + at, repeated);
    for (int32_t done = 8; done < length; done += 8) {
      store_rows(rows_out + at + done, start + done);
      store_levels(definition_out + at + done, level);
      store_levels(repetition_out + at + done, repeated);
    }
    repetition_out[at] = repetition[i];
    at += (size_t)(length + is_empty);
  }
}

size_t tm_rows_present(const int32_t *rows, size_t count, int32_t *output) {
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    output[kept] = rows[i];
    kept += rows[i] >= 0;
  }
  return kept;
}

void tm_histogram8(const uint8_t *levels, size_t count, int64_t *counts) {
  // Four tables, so that equal levels in a row do not wait for each other.
  uint32_t tables[4][256];
  while (count > 0) {
    size_t part = count < (1u << 30) ? count : (1u << 30), i = 0;
    memset(tables, 0, sizeof tables);
    for (; i + 4 <= part; i += 4) {
      tables[0][levels[i]]++;
      tables[1][levels[i + 1]]++;
      tables[2][levels[i + 2]]++;
      tables[3][levels[i + 3]]++;
    }
    for (; i < part; i++) tables[0][levels[i]]++;
    for (int level = 0; level < 256; level++) {
      for (int table = 0; table < 4; table++) counts[level] += tables[table][level];
    }
    levels += part;
    count -= part;
  }
}

// How many of 128 levels are `level`.
WIDE static size_t count_level(const uint8_t *levels, uint8_t level) {
  uint8_t found = 0;
  for (int k = 0; k < 128; k++) found += levels[k] == level;
  return found;
}

size_t tm_levels_cut(const uint8_t *definition, const uint8_t *repetition, size_t count,
                     uint8_t max_definition, size_t rows_max, size_t entries_max, size_t *rows,
                     size_t *values) {
  size_t end = 0, found_rows = 0, found_values = 0;
  if (repetition == NULL) {
    size_t most = rows_max < entries_max ? rows_max : entries_max;
    end = count < most ? count : most;
    for (size_t i = 0; i < end; i++) found_values += definition[i] == max_definition;
    found_rows = end;
  } else {
    // All of 128 entries go in where even their last row may begin.
    while (end + 128 <= count && end + 128 <= entries_max) {
      size_t starts = count_level(repetition + end, 0);
      if (starts > rows_max - found_rows) break;
      found_rows += starts;
      found_values += count_level(definition + end, max_definition);
      end += 128;
    }
    for (; end < count; end++) {
      if (repetition[end] == 0) {
        if (found_rows > 0 && (found_rows >= rows_max || end >= entries_max)) break;
        found_rows++;
      }
      found_values += definition[end] == max_definition;
    }
  }
  *rows = found_rows;
  *values = found_values;
  return end;
}
