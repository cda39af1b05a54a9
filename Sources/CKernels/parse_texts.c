// Columns of texts to columns of values.
#include "include/parse_texts.h"
#include <math.h>
#include <string.h>

static inline const uint8_t *start(tm_text text, const uint8_t *own, const uint8_t *block) {
  return (text.buffer == 0 ? own : block) + text.offset;
}

static inline int is_empty(tm_text text) { return text.buffer == TM_TEXT_NULL || text.length == 0; }

// --- booleans -----------------------------------------------------------------------------------

size_t tm_texts_boolean(const tm_text *texts, size_t count, const uint8_t *own,
                        const uint8_t *block, uint8_t *output) {
  for (size_t i = 0; i < count; i++) {
    output[i] = 0;
    if (is_empty(texts[i])) continue;
    const uint8_t *p = start(texts[i], own, block);
    uint32_t word;
    if (texts[i].length != 4 && texts[i].length != 5) return i;
    memcpy(&word, p, 4);
    word |= 0x20202020;
    if (texts[i].length == 4 && memcmp(&word, "true", 4) == 0) output[i] = 1;
    else if (texts[i].length != 5 || memcmp(&word, "fals", 4) != 0 || (p[4] | 0x20) != 'e') return i;
  }
  return count;
}

// --- integers -----------------------------------------------------------------------------------

// Eight digits, the first in the lowest byte. Returns 0 where a byte is none.
static inline int eight_digits(uint64_t word, uint64_t *value) {
  uint64_t shifted = word + 0x0606060606060606;
  if (((word & 0xF0F0F0F0F0F0F0F0) | ((shifted & 0xF0F0F0F0F0F0F0F0) >> 4)) != 0x3333333333333333)
    return 0;
  word &= 0x0F0F0F0F0F0F0F0F;
  word = (word * 10 + (word >> 8)) & 0x00FF00FF00FF00FF;
  word = (word * 100 + (word >> 16)) & 0x0000FFFF0000FFFF;
  *value = (word * 10000 + (word >> 32)) & 0xFFFFFFFF;
  return 1;
}

static const uint64_t powers_of_ten[9] = {1,      10,      100,      1000,     10000,
                                          100000, 1000000, 10000000, 100000000};

// 1 … 19 digits. Returns 0 where a byte is none.
static inline int digits(const uint8_t *p, size_t count, uint64_t *value) {
  uint64_t total = 0, part;
  while (count > 0) {
    size_t step = count < 8 ? count : 8;
    uint64_t word;
    memcpy(&word, p, 8);
    // Moved to the high end, with zeros as digits before it.
    if (step < 8) word = (word << (8 * (8 - step))) | (0x3030303030303030 >> (8 * step));
    if (!eight_digits(word, &part)) return 0;
    total = total * powers_of_ten[step] + part;
    p += step;
    count -= step;
  }
  *value = total;
  return 1;
}

size_t tm_texts_int64(const tm_text *texts, size_t count, const uint8_t *own, const uint8_t *block,
                      int64_t *output) {
  for (size_t i = 0; i < count; i++) {
    output[i] = 0;
    if (is_empty(texts[i])) continue;
    const uint8_t *p = start(texts[i], own, block);
    size_t length = texts[i].length;
    int negative = *p == '-';
    p += negative;
    length -= negative;
    uint64_t value;
    if (length == 0 || length > 19 || (*p == '0' && length > 1)) return i;
    if (!digits(p, length, &value)) return i;
    if (value > (uint64_t)INT64_MAX + negative) return i;
    output[i] = (int64_t)(negative ? 0 - value : value);
  }
  return count;
}

// --- doubles ------------------------------------------------------------------------------------

static const double exact_powers_of_ten[23] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static int is_word(const uint8_t *p, size_t length, const char *word) {
  return strlen(word) == length && memcmp(p, word, length) == 0;
}

static int named_double(const uint8_t *p, size_t length, double *output) {
  if (is_word(p, length, "nan") || is_word(p, length, "NaN")) *output = NAN;
  else if (is_word(p, length, "inf") || is_word(p, length, "Infinity")) *output = INFINITY;
  else if (is_word(p, length, "-inf") || is_word(p, length, "-Infinity")) *output = -INFINITY;
  else return 0;
  return 1;
}

static int text_double(const uint8_t *p, size_t length, double *output) {
  const uint8_t *first = p, *end = p + length;
  if (length > 4000) return 0;
  int negative = *p == '-';
  p += negative;
  if (p == end) return 0;
  if (*p == '0' && end - p > 1 && (uint8_t)(p[1] - '0') <= 9) return 0;
  // The digits as one number; what 64 bits do not hold goes the slow way.
  uint64_t mantissa = 0;
  int whole = 0, fraction = 0, has_point = 0, has_exponent = 0;
  for (; p < end && (uint8_t)(*p - '0') <= 9; p++, whole++) mantissa = mantissa * 10 + (*p - '0');
  if (p < end && *p == '.') {
    has_point = 1;
    for (p++; p < end && (uint8_t)(*p - '0') <= 9; p++, fraction++)
      mantissa = mantissa * 10 + (*p - '0');
  }
  if (whole + fraction == 0) return named_double(first, length, output);
  int exponent = 0;
  if (p < end && (*p | 0x20) == 'e') {
    has_exponent = 1;
    p++;
    int minus = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+')) p++;
    if (p == end || end - p > 4) return 0;
    for (; p < end && (uint8_t)(*p - '0') <= 9; p++) exponent = exponent * 10 + (*p - '0');
    if (minus) exponent = -exponent;
  }
  if (p != end) return 0;
  if (!has_point && !has_exponent && whole > 38) return 0;
  exponent -= fraction;
  if (whole + fraction <= 19 && mantissa <= (1ULL << 53) && exponent >= -22 && exponent <= 22) {
    // Both are exact, so one rounding gives the nearest.
    double value = (double)mantissa;
    value = exponent < 0 ? value / exact_powers_of_ten[-exponent]
                         : value * exact_powers_of_ten[exponent];
    *output = negative ? -value : value;
    return 1;
  }
  return tm_parse_double((const char *)first, length, output);
}

size_t tm_texts_double(const tm_text *texts, size_t count, const uint8_t *own,
                       const uint8_t *block, double *output) {
  for (size_t i = 0; i < count; i++) {
    output[i] = 0;
    if (is_empty(texts[i])) continue;
    if (!text_double(start(texts[i], own, block), texts[i].length, output + i)) return i;
  }
  return count;
}

// --- presence -----------------------------------------------------------------------------------

size_t tm_texts_bytes(const tm_text *texts, size_t count) {
  size_t total = 0;
  for (size_t i = 0; i < count; i++) total += texts[i].buffer == TM_TEXT_NULL ? 0 : texts[i].length;
  return total;
}

size_t tm_texts_bits(tm_text *texts, size_t count, int empty, uint64_t *words) {
  size_t present = 0;
  for (size_t i = 0; i < count; i++) {
    uint64_t bit = texts[i].buffer != TM_TEXT_NULL && (empty || texts[i].length > 0);
    words[i >> 6] |= bit << (i & 63);
    present += bit;
    if (!bit) memset(texts + i, 0, sizeof *texts);
  }
  return present;
}
