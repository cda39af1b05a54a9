#include "include/parse_texts.h"

#include <charconv>

int tm_parse_double(const char *text, size_t count, double *output) {
  auto result = std::from_chars(text, text + count, *output);
  return result.ec == std::errc() && result.ptr == text + count;
}
