#ifndef TIDEMARK_CSIMDJSON_H
#define TIDEMARK_CSIMDJSON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Bytes that must be readable, and zero, behind every input.
enum { TIDEMARK_JSON_PADDING = 64 };

// Codes beside those of simdjson (which are below 100).
enum {
  TIDEMARK_JSON_OK = 0,
  TIDEMARK_JSON_NOT_AN_OBJECT = 100,
  TIDEMARK_JSON_MORE_THAN_ONE = 101,
  TIDEMARK_JSON_NO_ROOM = 102,
};

// One object of a block of lines, or a line that is none.
typedef struct {
  uint32_t line;          // lines of the block before this one
  uint32_t byte_start;    // the line in the block, without its newline
  uint32_t byte_end;
  uint32_t tape_start;    // where the document's tape begins; the indices in it count from here
  uint32_t string_start;  // where its strings begin, likewise; also in the tape's closing root
  int32_t error;
  int32_t was_repaired;   // bytes that are not UTF-8 were replaced by U+FFFD
} tidemark_json_record;

typedef struct tidemark_json_parser tidemark_json_parser;

// NULL where memory or the processor does not allow it.
tidemark_json_parser *tidemark_json_parser_create(uint32_t depth_max);
void tidemark_json_parser_free(tidemark_json_parser *parser);

// What an input of `count` bytes may need at most: words of tape, bytes of strings.
size_t tidemark_json_tape_words(size_t count);
size_t tidemark_json_string_bytes(size_t count);

// Parses one document of any kind. The tape is simdjson's (doc/tape.md).
int32_t tidemark_json_parse(tidemark_json_parser *parser, const uint8_t *bytes, size_t count,
                            uint64_t *tape, size_t tape_capacity, uint8_t *strings,
                            size_t strings_capacity, size_t *tape_used, size_t *strings_used);

// Begins a block of lines. The memory must stay until the block is through.
// Lines are parsed one by one, slower, where the block as a whole has a fault.
int32_t tidemark_json_lines_begin(tidemark_json_parser *parser, const uint8_t *bytes, size_t count,
                                  uint64_t *tape, size_t tape_capacity, uint8_t *strings,
                                  size_t strings_capacity);

// The next objects and faulty lines; blank lines are passed over. 0 at the end of the block.
size_t tidemark_json_lines_next(tidemark_json_parser *parser, tidemark_json_record *records,
                                size_t capacity);

// Bytes of the strings so far.
size_t tidemark_json_strings_used(const tidemark_json_parser *parser);

// simdjson's words for a code.
const char *tidemark_json_message(int32_t code);

// Kinds of values, one bit each, so that the kinds in a column are the union of its tags.
enum {
  TIDEMARK_TAG_NULL = 1,
  TIDEMARK_TAG_BOOLEAN = 2,   // value: 0 or 1
  TIDEMARK_TAG_INTEGER = 4,   // value: int64
  TIDEMARK_TAG_UNSIGNED = 8,  // value: uint64 beyond int64
  TIDEMARK_TAG_DOUBLE = 16,   // value: the bits of a double
  TIDEMARK_TAG_STRING = 32,   // value: offset in the strings << 32 | length
  TIDEMARK_TAG_OBJECT = 64,   // value: record's tape_start << 32 | index of '{' from there
  TIDEMARK_TAG_ARRAY = 128,   // likewise
};

// Sorts the members of objects into columns: one node for every key of every object that is
// entered, with a slot of a tag and a value for each row. Arrays that are entered have a node for
// their elements, with keys below it in turn, whose slots are those of elements.
typedef struct tidemark_json_shredder tidemark_json_shredder;

enum { TIDEMARK_NODE_NONE = 0xFFFFFFFFu };

// What becomes of the arrays in a node.
typedef enum {
  TIDEMARK_ARRAYS_ASKED,    // shredding stops at the first one
  TIDEMARK_ARRAYS_SKIPPED,
  TIDEMARK_ARRAYS_ENTERED,
} tidemark_json_arrays;

typedef enum {
  TIDEMARK_STOP_NONE,
  TIDEMARK_STOP_KEY,     // a key of the node has no node yet
  TIDEMARK_STOP_ARRAY,   // the node has an array, and nobody has said what becomes of those
  TIDEMARK_STOP_LARGE,   // the elements of the row need more slots than a row may
  TIDEMARK_STOP_FULL,    // the elements of the rows need as many slots as rows may
  TIDEMARK_STOP_MEMORY,
} tidemark_json_stop_reason;

// Where and why shredding stopped.
typedef struct {
  tidemark_json_stop_reason reason;
  uint32_t node;
  uint32_t key_offset;  // in the strings
  uint32_t key_length;
} tidemark_json_stop;

// - rows_max: rows that the slots hold. Node 0 is the root.
// - row_slots_max: slots that the elements of one row may need.
tidemark_json_shredder *tidemark_json_shredder_create(uint32_t rows_max, uint64_t row_slots_max);
void tidemark_json_shredder_free(tidemark_json_shredder *shredder);

// Adds the node of a key; TIDEMARK_NODE_NONE where memory is out.
uint32_t tidemark_json_shredder_add(tidemark_json_shredder *shredder, uint32_t parent,
                                    const uint8_t *key, size_t key_length);
// Adds the node for the elements of a node's arrays, which are entered from now on.
uint32_t tidemark_json_shredder_add_element(tidemark_json_shredder *shredder, uint32_t parent);
// Lets a second key of the same parent fill a node.
int32_t tidemark_json_shredder_alias(tidemark_json_shredder *shredder, uint32_t parent,
                                     const uint8_t *key, size_t key_length, uint32_t node);
// Objects and arrays in the node are not entered, or not any more.
void tidemark_json_shredder_skip(tidemark_json_shredder *shredder, uint32_t node);
void tidemark_json_shredder_skip_arrays(tidemark_json_shredder *shredder, uint32_t node);

uint8_t *tidemark_json_shredder_tags(tidemark_json_shredder *shredder, uint32_t node);
uint64_t *tidemark_json_shredder_values(tidemark_json_shredder *shredder, uint32_t node);

// Makes the first slots null, of the node and of all below it that have the same rows: of node 0,
// or of the elements of arrays.
void tidemark_json_shredder_clear(tidemark_json_shredder *shredder, uint32_t node, uint32_t rows);
// Slots that the elements of the rows need, since node 0 was cleared.
uint64_t tidemark_json_shredder_pending_slots(const tidemark_json_shredder *shredder);

// Sorts the object at `index` of a document's tape into a row.
// - goes_on: whether this is the object that shredding stopped at last.
// Returns 1; or 0, with the row's slots null again.
int32_t tidemark_json_shredder_object(tidemark_json_shredder *shredder, const uint64_t *tape,
                                      const uint8_t *strings, uint32_t tape_start,
                                      uint32_t string_start, uint32_t index, uint32_t row,
                                      int32_t goes_on, tidemark_json_stop *where);

// Sorts records without an error into rows, from `*row` on. Returns the records gone through, each
// of which became a row; there are more where it stopped, or at a record with an error.
// - slots_max: stops behind a row with which the elements need as many.
size_t tidemark_json_shredder_records(tidemark_json_shredder *shredder, const uint64_t *tape,
                                      const uint8_t *strings, const tidemark_json_record *records,
                                      size_t count, uint64_t slots_max, int32_t goes_on,
                                      uint32_t *row, tidemark_json_stop *where);

// How far the arrays of a node are sorted; begins as zeros.
typedef struct {
  uint32_t row;
  uint32_t index;  // of the next element in the row's array; 0 before it
  uint32_t count;  // elements so far
} tidemark_json_elements;

// Sorts elements of the arrays in a node's slots into the slots of its elements, as many as there
// is room for. Returns how many; 0 at the end.
// - ends: [rows]: the elements up to the end of each row, set as the rows end.
uint32_t tidemark_json_shredder_elements(tidemark_json_shredder *shredder, uint32_t node,
                                         const uint64_t *tape, const uint8_t *strings,
                                         uint32_t rows, tidemark_json_elements *position,
                                         int32_t *ends);

// Makes the row's slots null.
void tidemark_json_shredder_clear_row(tidemark_json_shredder *shredder, uint32_t row);
// Drops the row; those behind it move up.
void tidemark_json_shredder_drop_row(tidemark_json_shredder *shredder, uint32_t row,
                                     uint32_t rows);

// The union of the tags.
uint8_t tidemark_json_tags_union(const uint8_t *tags, size_t count);
// Sets bit `first + i` of words that are zero there where tags[i] is in the mask.
void tidemark_json_tags_bits(const uint8_t *tags, size_t count, uint8_t mask, uint64_t *words,
                             size_t first);

#ifdef __cplusplus
}
#endif

#endif
