// Records of delimited fields.
#define _GNU_SOURCE
#include "include/scan_delimited.h"
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// The first place in [p, end) of one of three bytes, or end. 16 bytes behind end may be read.
static inline size_t find3(const uint8_t *bytes, size_t p, size_t end, uint8_t a, uint8_t b,
                           uint8_t c) {
#if defined(__SSE2__)
  const __m128i va = _mm_set1_epi8((char)a), vb = _mm_set1_epi8((char)b),
                vc = _mm_set1_epi8((char)c);
  for (; p < end; p += 16) {
    __m128i x = _mm_loadu_si128((const __m128i *)(bytes + p));
    __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(x, va), _mm_cmpeq_epi8(x, vb)),
                               _mm_cmpeq_epi8(x, vc));
    unsigned mask = (unsigned)_mm_movemask_epi8(hit);
    if (mask != 0) {
      p += (unsigned)__builtin_ctz(mask);
      return p < end ? p : end;
    }
  }
  return end;
#else
  while (p < end && bytes[p] != a && bytes[p] != b && bytes[p] != c) p++;
  return p;
#endif
}

static inline int is_space(uint8_t byte, const tm_dialect *d) {
  return byte == ' ' || (byte == '\t' && d->delimiter != '\t');
}

// Whether the place is the end of a record, also before a carriage return.
static inline int is_end(const uint8_t *bytes, size_t p, size_t end) {
  if (p == end || bytes[p] == '\n') return 1;
  return bytes[p] == '\r' && (p + 1 == end || bytes[p + 1] == '\n');
}

// Behind the newline at or behind the place.
static inline size_t behind_line(const uint8_t *bytes, size_t p, size_t end) {
  const uint8_t *newline = memchr(bytes + p, '\n', end - p);
  return newline == NULL ? end : (size_t)(newline - bytes) + 1;
}

static inline int is_comment(const uint8_t *bytes, size_t p, size_t end, const tm_dialect *d) {
  return d->comment_count > 0 && end - p >= d->comment_count &&
         memcmp(bytes + p, d->comment, d->comment_count) == 0;
}

// The quote that closes the field opened before `p`, or `end` where none does.
static inline size_t closing_quote(const uint8_t *bytes, size_t p, size_t end, const tm_dialect *d,
                                   int *has_escapes) {
  uint8_t escape = d->escape ? d->escape : d->quote;
  while (1) {
    p = find3(bytes, p, end, d->quote, escape, d->quote);
    if (p >= end) return end;
    if (bytes[p] != d->quote || (p + 1 < end && bytes[p + 1] == d->quote)) {
      *has_escapes = 1;
      p += 2;
    } else {
      return p;
    }
  }
}

int tm_delimited_record(const uint8_t *bytes, size_t start, size_t end, const tm_dialect *d,
                        tm_field *fields, size_t capacity, size_t *count, size_t *next) {
  size_t p = start, found = 0;
  while (1) {
    tm_field field = {0, 0, 0, 0};
    if (d->trims)
      while (p < end && is_space(bytes[p], d)) p++;
    if (d->quote != 0 && p < end && bytes[p] == d->quote) {
      int has_escapes = 0;
      size_t open = p, close = closing_quote(bytes, p + 1, end, d, &has_escapes);
      if (close >= end) {
        *next = open;
        return TM_RECORD_UNCLOSED;
      }
      field = (tm_field){(uint32_t)(p + 1), (uint32_t)(close - p - 1), 1, (uint8_t)has_escapes};
      p = close + 1;
      if (d->trims)
        while (p < end && is_space(bytes[p], d)) p++;
      if (!is_end(bytes, p, end) && bytes[p] != d->delimiter) {
        *next = open;
        return TM_RECORD_MALFORMED;
      }
      if (p < end && bytes[p] == '\r' && bytes[p] != d->delimiter) p++;
    } else {
      size_t first = p;
      while (1) {
        p = find3(bytes, p, end, d->delimiter, '\n', d->escape ? d->escape : '\n');
        if (p >= end || d->escape == 0 || bytes[p] != d->escape) break;
        field.has_escapes = 1;
        p += 2;
      }
      if (p > end) p = end;
      size_t last = p;
      if ((p == end || bytes[p] == '\n') && last > first && bytes[last - 1] == '\r') last--;
      if (d->trims)
        while (last > first && is_space(bytes[last - 1], d)) last--;
      field.start = (uint32_t)first;
      field.length = (uint32_t)(last - first);
    }
    if (found < capacity) fields[found] = field;
    found++;
    if (p >= end || bytes[p] == '\n') break;
    p++;
  }
  *count = found;
  *next = p < end ? p + 1 : end;
  return TM_RECORD_WHOLE;
}

// Copies what stands from `p` up to the quote that closes it, with doubled quotes as one, and counts
// the newlines. Returns that quote's place; `end` where there is none, or no room.
static size_t unquote(const uint8_t *bytes, size_t p, size_t end, uint8_t quote,
                      tm_delimited_room *room, size_t *used, uint32_t *newlines) {
  uint8_t *output = room->texts;
  size_t n = *used;
#if defined(__SSE2__)
  const __m128i quotes = _mm_set1_epi8((char)quote), lines = _mm_set1_epi8('\n');
  while (p < end && n <= room->capacity) {
    __m128i x = _mm_loadu_si128((const __m128i *)(bytes + p));
    _mm_storeu_si128((__m128i *)(output + n), x);
    unsigned hits = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, quotes));
    unsigned ends = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, lines));
    unsigned before = hits == 0 ? 16 : (unsigned)__builtin_ctz(hits);
    *newlines += (uint32_t)__builtin_popcount(ends & ((1u << before) - 1));
    p += before;
    n += before;
    if (hits == 0) continue;
    if (p >= end) return end;
    if (p + 1 >= end || bytes[p + 1] != quote) {
      *used = n;
      return p;
    }
    // The first of the two was copied with what stands before it.
    n++;
    p += 2;
  }
#else
  while (p < end && n <= room->capacity) {
    if (bytes[p] == quote) {
      if (p + 1 >= end || bytes[p + 1] != quote) {
        *used = n;
        return p;
      }
      p++;
    }
    *newlines += bytes[p] == '\n';
    output[n++] = bytes[p++];
  }
#endif
  return end;
}

size_t tm_delimited_rows(const uint8_t *bytes, size_t *position, size_t end, const tm_dialect *d,
                         const uint32_t *places, size_t columns, uint32_t buffer,
                         tm_delimited_room *room, tm_text *slots, size_t stride, size_t row,
                         size_t row_end) {
  size_t p = *position, first_row = row;
  room->count = 0;
  const uint8_t delimiter = d->delimiter, quote = d->quote;
  if (d->trims || d->escape) return 0;
  while (row < row_end && p < end) {
    if (bytes[p] == '\n' || bytes[p] == '\r' || bytes[p] == 0 || is_comment(bytes, p, end, d)) break;
    size_t used = room->count;
    uint32_t newlines = 0;
    for (size_t field = 0;; field++) {
      if (field == columns) goto done;
      tm_text text = {TM_TEXT_NULL, 0, 0};
      size_t stop;
      if (quote != 0 && bytes[p] == quote && p < end) {
        uint32_t inside = 0;
        stop = find3(bytes, p + 1, end, quote, '\n', quote);
        while (stop < end && bytes[stop] == '\n') {
          inside++;
          stop = find3(bytes, stop + 1, end, quote, '\n', quote);
        }
        if (stop >= end) goto done;
        if (stop + 1 < end && bytes[stop + 1] == quote) {
          size_t first = used;
          inside = 0;
          stop = unquote(bytes, p + 1, end, quote, room, &used, &inside);
          if (stop >= end) goto done;
          text = (tm_text){0, room->first + (uint32_t)first, (uint32_t)(used - first)};
        } else {
          text = (tm_text){buffer, (uint32_t)(p + 1), (uint32_t)(stop - p - 1)};
        }
        newlines += inside;
        stop++;
        if (stop < end && bytes[stop] == '\r' && is_end(bytes, stop, end)) stop++;
        if (stop < end && bytes[stop] != delimiter && bytes[stop] != '\n') goto done;
      } else {
        stop = find3(bytes, p, end, delimiter, '\n', '\n');
        size_t last = stop;
        if ((stop == end || bytes[stop] == '\n') && last > p && bytes[last - 1] == '\r') last--;
        if (last > p) text = (tm_text){buffer, (uint32_t)p, (uint32_t)(last - p)};
      }
      slots[places[field] * stride + row] = text;
      p = stop + 1;
      if (stop >= end || bytes[stop] == '\n') {
        if (field + 1 != columns) goto done;
        break;
      }
    }
    *position = p < end ? p : end;
    room->newlines[row - first_row] = newlines;
    room->count = used;
    row++;
  }
done:
  return row - first_row;
}

// Whether a quote at `p` opens a field of the record that began at `start`.
static int opens(const uint8_t *bytes, size_t start, size_t p, const tm_dialect *d,
                 const uint8_t *delimiters, size_t delimiter_count) {
  if (d->trims)
    while (p > start && is_space(bytes[p - 1], d)) p--;
  // Zeros are a gap that a writer left.
  if (p == start || bytes[p - 1] == '\n' || bytes[p - 1] == 0) return 1;
  return memchr(delimiters, bytes[p - 1], delimiter_count) != NULL;
}

size_t tm_delimited_last_end(const uint8_t *bytes, size_t count, const tm_dialect *d,
                             const uint8_t *delimiters, size_t delimiter_count) {
  const uint8_t quote = d->quote ? d->quote : '\n', escape = d->escape ? d->escape : '\n';
  // `start` is where a record begins, `p` a place in it that is not quoted.
  size_t start = 0, p = 0;
  while (start < count) {
    if (p == start && is_comment(bytes, p, count, d)) {
      start = p = behind_line(bytes, p, count);
      continue;
    }
    if (d->comment_count == 0 && d->escape == 0) {
      // Lines without quotes are passed over at once.
      const uint8_t *next = d->quote ? memchr(bytes + p, d->quote, count - p) : NULL;
      size_t stop = next == NULL ? count : (size_t)(next - bytes);
      const uint8_t *newline = memrchr(bytes + p, '\n', stop - p);
      if (newline != NULL) start = (size_t)(newline - bytes) + 1;
      if (next == NULL) break;
      p = stop;
    } else {
      p = find3(bytes, p, count, quote, '\n', escape);
    }
    if (p >= count) break;
    if (d->escape && bytes[p] == d->escape) {
      p += 2;
    } else if (bytes[p] == '\n') {
      start = ++p;
    } else if (!opens(bytes, start, p, d, delimiters, delimiter_count)) {
      p++;
    } else {
      int has_escapes = 0;
      size_t close = closing_quote(bytes, p + 1, count, d, &has_escapes);
      if (close >= count) break;
      size_t after = close + 1;
      if (d->trims)
        while (after < count && is_space(bytes[after], d)) after++;
      if (is_end(bytes, after, count) || memchr(delimiters, bytes[after], delimiter_count) != NULL)
        p = after;
      else
        start = p = behind_line(bytes, start, count);
    }
  }
  return start;
}
