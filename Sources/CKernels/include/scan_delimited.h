#ifndef TIDEMARK_SCAN_DELIMITED_H
#define TIDEMARK_SCAN_DELIMITED_H

#include "parse_texts.h"
#include <stddef.h>
#include <stdint.h>

// How fields of a record are set apart. Behind all bytes, 16 more may be read.
typedef struct {
  uint8_t delimiter;
  // 0 where there are none.
  uint8_t quote;
  // Makes the next byte part of the text; 0 where only doubled quotes do so.
  uint8_t escape;
  // Whether spaces around fields and quotes do not count.
  uint8_t trims;
  // What a line begins with that is no record.
  uint8_t comment[8];
  uint8_t comment_count;
} tm_dialect;

typedef struct {
  uint32_t start, length;
  uint8_t is_quoted, has_escapes;
} tm_field;

enum {
  TM_RECORD_WHOLE,
  // A quote opens and does not close.
  TM_RECORD_UNCLOSED,
  // A quote closes, and neither a delimiter nor the end follows.
  TM_RECORD_MALFORMED
};

// Finds the fields of the record at `start`, which ends with a newline or at `end`.
// `fields` takes the first `capacity`; `count` becomes the number of all; `next` the place behind
// the record where it is whole, else of the quote that opened.
int tm_delimited_record(const uint8_t *bytes, size_t start, size_t end, const tm_dialect *dialect,
                        tm_field *fields, size_t capacity, size_t *count, size_t *next);

// What records need besides slots.
typedef struct {
  // Takes the texts that have doubled quotes; 32 more bytes may be written behind `capacity`.
  uint8_t *texts;
  size_t capacity;
  // Bytes of them that belong to the records returned.
  size_t count;
  // The offset in buffer 0 that texts[0] has.
  uint32_t first;
  // One for each record: the newlines in it.
  uint32_t *newlines;
} tm_delimited_room;

// Puts the fields of records into columns of slots: field f of the first record into
// slots[places[f] * stride + row], and so on, as long as records are ordinary: they have `columns`
// fields without escapes and spaces to trim, and are neither empty nor comments. Fields with
// doubled quotes are texts of buffer 0, which the room takes.
// Empty fields without quotes are nulls. Returns the number of records; `position` moves behind
// them. Slots of the row behind the last may have been written.
size_t tm_delimited_rows(const uint8_t *bytes, size_t *position, size_t end,
                         const tm_dialect *dialect, const uint32_t *places, size_t columns,
                         uint32_t buffer, tm_delimited_room *room, tm_text *slots, size_t stride,
                         size_t row, size_t row_end);

// The end of the last whole record in bytes that begin with one and end with a newline; 0 where
// the first may go on. A record at fault ends with its first line. Fields begin behind any of the
// delimiters.
size_t tm_delimited_last_end(const uint8_t *bytes, size_t count, const tm_dialect *dialect,
                             const uint8_t *delimiters, size_t delimiter_count);

#endif
