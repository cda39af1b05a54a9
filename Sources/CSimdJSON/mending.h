// What can be mended in a line of JSON that simdjson refuses.

#ifndef TIDEMARK_MENDING_H
#define TIDEMARK_MENDING_H

#include <cstdint>
#include <cstring>

namespace mending {

inline bool is_digit(uint8_t byte) { return byte >= '0' && byte <= '9'; }

inline bool fits_64_bits(const uint8_t *digits, size_t count, bool is_negative) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; i++) {
    uint64_t digit = uint64_t(digits[i] - '0');
    if (__builtin_mul_overflow(value, uint64_t(10), &value)) return false;
    if (__builtin_add_overflow(value, digit, &value)) return false;
  }
  return !is_negative || value <= uint64_t(1) << 63;
}

// Copies a line with an exponent behind every integer beyond 64 bits, which makes it a double.
// - to: room for twice the count (an integer of 19 digits or more gets 2). Returns the bytes.
inline size_t copy_with_doubles(const uint8_t *from, size_t count, uint8_t *to) {
  size_t written = 0;
  bool in_string = false;
  for (size_t i = 0; i < count;) {
    uint8_t byte = from[i];
    if (in_string) {
      to[written++] = byte;
      i++;
      if (byte == '\\' && i < count) to[written++] = from[i++];
      else if (byte == '"') in_string = false;
    } else if (is_digit(byte)) {
      size_t end = i;
      while (end < count && is_digit(from[end])) end++;
      memcpy(to + written, from + i, end - i);
      written += end - i;
      bool follows_fraction = i > 0 && (from[i - 1] == '.' || from[i - 1] == 'e' ||
                                        from[i - 1] == 'E' || from[i - 1] == '+');
      bool has_fraction = end < count && (from[end] == '.' || (from[end] | 0x20) == 'e');
      bool is_negative = i > 0 && from[i - 1] == '-';
      if (end - i >= 19 && !follows_fraction && !has_fraction &&
          !fits_64_bits(from + i, end - i, is_negative)) {
        to[written++] = 'e';
        to[written++] = '0';
      }
      i = end;
    } else {
      in_string = byte == '"';
      to[written++] = byte;
      i++;
    }
  }
  return written;
}

// The length of the UTF-8 character at the start, 0 where there is none.
inline size_t character_length(const uint8_t *bytes, size_t count) {
  uint8_t first = bytes[0];
  if (first < 0x80) return 1;
  size_t length = first >= 0xC2 && first <= 0xDF ? 2 : first >= 0xE0 && first <= 0xEF ? 3
                  : first >= 0xF0 && first <= 0xF4 ? 4 : 0;
  if (length == 0 || length > count) return 0;
  for (size_t i = 1; i < length; i++)
    if ((bytes[i] & 0xC0) != 0x80) return 0;
  if (first == 0xE0 && bytes[1] < 0xA0) return 0;
  if (first == 0xED && bytes[1] > 0x9F) return 0;
  if (first == 0xF0 && bytes[1] < 0x90) return 0;
  if (first == 0xF4 && bytes[1] > 0x8F) return 0;
  return length;
}

// Copies a line with U+FFFD for every byte that is part of no character.
// - to: room for three times the count.
inline size_t copy_with_replacements(const uint8_t *from, size_t count, uint8_t *to) {
  size_t written = 0;
  for (size_t i = 0; i < count;) {
    size_t length = character_length(from + i, count - i);
    if (length == 0) {
      memcpy(to + written, "\xEF\xBF\xBD", 3);
      written += 3;
      i++;
    } else {
      memcpy(to + written, from + i, length);
      written += length;
      i += length;
    }
  }
  return written;
}

} // namespace mending

#endif
