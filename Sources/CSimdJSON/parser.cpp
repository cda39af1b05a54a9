// Parses documents and blocks of lines with simdjson's two stages and leaves the tapes behind one
// another in memory that the caller owns.
//
// Stage 1 indexes the structure of a whole block at once; stage 2 then walks one document after
// the other. A line is taken only where its document begins and ends within it, so a document
// over two lines, or two in one, is a fault of that line and no other.

#include "include/CSimdJSON.h"
#include "mending.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <simdjson.h>

static_assert(simdjson::SIMDJSON_VERSION_MAJOR == 3,
              "stage1 and stage2_next are those of simdjson 3");

using simdjson::internal::dom_parser_implementation;

namespace {

// A document whose tape and strings lie in the caller's memory.
class BorrowedDocument {
public:
  BorrowedDocument(uint64_t *tape, uint8_t *strings) {
    document.tape.reset(tape);
    document.string_buf.reset(strings);
  }
  ~BorrowedDocument() {
    (void)document.tape.release();
    (void)document.string_buf.release();
  }
  simdjson::dom::document document;
};

// The words of the tape at hand, from its closing root.
size_t tape_length(const uint64_t *tape) { return size_t(tape[0] & 0x00FFFFFFFFFFFFFFull); }

size_t string_end(uint64_t word, const uint8_t *strings) {
  size_t offset = size_t(word & 0x00FFFFFFFFFFFFFFull);
  uint32_t count;
  memcpy(&count, strings + offset, 4);
  return offset + 4 + count + 1;
}

bool is_number(uint64_t word) {
  uint8_t kind = uint8_t(word >> 56);
  return kind == 'l' || kind == 'u' || kind == 'd';
}

// Where the last string on the tape ends; strings are written in the order of the tape.
size_t strings_length(const uint64_t *tape, const uint8_t *strings) {
  size_t length = tape_length(tape);
  for (size_t i = length - 1; i > 0; i--) {
    if (tape[i] >> 56 != '"') continue;
    if (!is_number(tape[i - 1])) return string_end(tape[i], strings);
    // Either a string or the second word of a number that looks like one: only going forwards
    // can tell.
    size_t end = 0;
    for (size_t j = 1; j < length; j++) {
      if (tape[j] >> 56 == '"') end = string_end(tape[j], strings);
      else if (is_number(tape[j])) j++;
    }
    return end;
  }
  return 0;
}

bool is_space(uint8_t byte) {
  return byte == ' ' || byte == '\t' || byte == '\r' || byte == 0;
}

} // namespace

struct tidemark_json_parser {
  std::unique_ptr<dom_parser_implementation> block;
  std::unique_ptr<dom_parser_implementation> single;
  size_t depth_max = 0;
  uint8_t *scratch = nullptr;
  size_t scratch_capacity = 0;

  const uint8_t *bytes = nullptr;
  size_t count = 0;
  size_t position = 0;
  uint32_t line = 0;
  bool goes_line_by_line = false;

  uint64_t *tape = nullptr;
  size_t tape_used = 0;
  size_t tape_capacity = 0;
  uint8_t *strings = nullptr;
  size_t strings_used = 0;
  size_t strings_capacity = 0;

  ~tidemark_json_parser() { free(scratch); }

  int32_t reserve(std::unique_ptr<dom_parser_implementation> &which, size_t bytes_count) {
    size_t wanted = bytes_count < 4096 ? 4096 : bytes_count;
    if (!which) {
      return simdjson::get_active_implementation()->create_dom_parser_implementation(
          wanted, depth_max, which);
    }
    return which->capacity() >= wanted ? simdjson::SUCCESS : which->allocate(wanted, depth_max);
  }

  uint8_t *reserve_scratch(size_t capacity) {
    if (scratch_capacity < capacity) {
      free(scratch);
      scratch = static_cast<uint8_t *>(malloc(capacity));
      scratch_capacity = scratch ? capacity : 0;
    }
    return scratch;
  }

  bool has_room(size_t input_count) const {
    return tape_capacity - tape_used >= tidemark_json_tape_words(input_count) &&
           strings_capacity - strings_used >= tidemark_json_string_bytes(input_count);
  }

  // Parses one line by itself; on success the tape and the strings are the record's.
  // - room: bytes of the line in the block, which its tape and strings are bounded by.
  int32_t parse_single(const uint8_t *from, size_t length, size_t room) {
    if (from[0] != '{') return TIDEMARK_JSON_NOT_AN_OBJECT;
    if (!has_room(room)) return TIDEMARK_JSON_NO_ROOM;
    if (int32_t error = reserve(single, length)) return error;
    if (int32_t error = single->stage1(from, length, simdjson::stage1_mode::regular)) return error;
    BorrowedDocument borrowed(tape + tape_used, strings + strings_used);
    if (int32_t error = single->stage2_next(borrowed.document)) return error;
    if (single->next_structural_index != single->n_structural_indexes)
      return TIDEMARK_JSON_MORE_THAN_ONE;
    return simdjson::SUCCESS;
  }

  // A line that failed, with what can be mended mended: integers beyond 64 bits, wrong UTF-8.
  int32_t parse_mended(const uint8_t *from, size_t length, int32_t error, int32_t *was_repaired) {
    // The repaired text, at most three times as long, and behind it that with longer numbers.
    uint8_t *repaired = reserve_scratch(9 * length + 2 * TIDEMARK_JSON_PADDING);
    if (!repaired) return simdjson::MEMALLOC;
    const uint8_t *source = from;
    size_t source_length = length;
    if (error == simdjson::UTF8_ERROR) {
      source_length = mending::copy_with_replacements(from, length, repaired);
      memset(repaired + source_length, 0, TIDEMARK_JSON_PADDING);
      source = repaired;
      *was_repaired = 1;
      error = parse_single(source, source_length, length);
    }
    if (error != simdjson::NUMBER_ERROR) return error;
    uint8_t *doubles = repaired + 3 * length + TIDEMARK_JSON_PADDING;
    size_t doubles_length = mending::copy_with_doubles(source, source_length, doubles);
    memset(doubles + doubles_length, 0, TIDEMARK_JSON_PADDING);
    return parse_single(doubles, doubles_length, length);
  }

  void finish(tidemark_json_record *record) {
    record->tape_start = uint32_t(tape_used);
    record->string_start = uint32_t(strings_used);
    if (record->error) return;
    uint64_t *document = tape + tape_used;
    size_t length = tape_length(document);
    strings_used += strings_length(document, strings + strings_used);
    // The closing root, which simdjson leaves without a meaning, says where the strings begin.
    document[length - 1] = uint64_t('r') << 56 | record->string_start;
    tape_used += length;
  }

  // The document at `start` from the block's index. Whatever happens, the next one is found by
  // its line.
  int32_t parse_in_block(size_t start, size_t end) {
    auto &index = block->next_structural_index;
    while (index < block->n_structural_indexes && block->structural_indexes[index] < start) index++;
    if (bytes[start] != '{') return TIDEMARK_JSON_NOT_AN_OBJECT;
    if (!has_room(count - start)) return TIDEMARK_JSON_NO_ROOM;
    uint32_t first = index;
    BorrowedDocument borrowed(tape + tape_used, strings + strings_used);
    int32_t error = block->stage2_next(borrowed.document);
    if (error) {
      index = first;
      return error;
    }
    // A document that goes on in the next line: its own line does not end it.
    if (block->structural_indexes[index - 1] >= end) {
      index = first;
      return simdjson::TAPE_ERROR;
    }
    bool is_alone =
        index == block->n_structural_indexes || block->structural_indexes[index] >= end;
    return is_alone ? int32_t(simdjson::SUCCESS) : int32_t(TIDEMARK_JSON_MORE_THAN_ONE);
  }
};

extern "C" {

tidemark_json_parser *tidemark_json_parser_create(uint32_t depth_max) {
  auto parser = new (std::nothrow) tidemark_json_parser();
  if (parser) parser->depth_max = depth_max;
  return parser;
}

void tidemark_json_parser_free(tidemark_json_parser *parser) { delete parser; }

// `{}` and a newline are 3 bytes and 4 words; a whole document needs no more than its bytes and 3.
size_t tidemark_json_tape_words(size_t count) { return count + count / 3 + 128; }

// A string of no bytes is 3 bytes of text, with its comma, and 5 of length and end; a byte that is
// no character becomes 3.
size_t tidemark_json_string_bytes(size_t count) { return 3 * count + 128; }

int32_t tidemark_json_parse(tidemark_json_parser *parser, const uint8_t *bytes, size_t count,
                            uint64_t *tape, size_t tape_capacity, uint8_t *strings,
                            size_t strings_capacity, size_t *tape_used, size_t *strings_used) {
  *tape_used = 0;
  *strings_used = 0;
  if (count >= 0xFFFFFFFFu) return simdjson::CAPACITY;
  if (tape_capacity < tidemark_json_tape_words(count) ||
      strings_capacity < tidemark_json_string_bytes(count))
    return TIDEMARK_JSON_NO_ROOM;
  if (int32_t error = parser->reserve(parser->single, count)) return error;
  BorrowedDocument borrowed(tape, strings);
  int32_t error = parser->single->parse(bytes, count, borrowed.document);
  if (error == simdjson::NUMBER_ERROR) {
    uint8_t *copy = parser->reserve_scratch(2 * count + TIDEMARK_JSON_PADDING);
    if (!copy) return simdjson::MEMALLOC;
    size_t copied = mending::copy_with_doubles(bytes, count, copy);
    memset(copy + copied, 0, TIDEMARK_JSON_PADDING);
    if (int32_t problem = parser->reserve(parser->single, copied)) return problem;
    error = parser->single->parse(copy, copied, borrowed.document);
  }
  if (error) return error;
  *tape_used = tape_length(tape);
  *strings_used = strings_length(tape, strings);
  return simdjson::SUCCESS;
}

int32_t tidemark_json_lines_begin(tidemark_json_parser *parser, const uint8_t *bytes, size_t count,
                                  uint64_t *tape, size_t tape_capacity, uint8_t *strings,
                                  size_t strings_capacity) {
  if (count >= 0xFFFFFFFFu / 6) return simdjson::CAPACITY;
  parser->bytes = bytes;
  parser->count = count;
  parser->position = 0;
  parser->line = 0;
  parser->tape = tape;
  parser->tape_used = 0;
  parser->tape_capacity = tape_capacity;
  parser->strings = strings;
  parser->strings_used = 0;
  parser->strings_capacity = strings_capacity;
  if (int32_t error = parser->reserve(parser->block, count)) return error;
  int32_t error = parser->block->stage1(bytes, count, simdjson::stage1_mode::regular);
  parser->goes_line_by_line = error != simdjson::SUCCESS;
  return error == simdjson::MEMALLOC || error == simdjson::CAPACITY ? error : int32_t(0);
}

size_t tidemark_json_lines_next(tidemark_json_parser *parser, tidemark_json_record *records,
                                size_t capacity) {
  size_t produced = 0;
  const uint8_t *bytes = parser->bytes;
  while (produced < capacity && parser->position < parser->count) {
    size_t start = parser->position;
    const void *newline = memchr(bytes + start, '\n', parser->count - start);
    size_t end = newline ? size_t(static_cast<const uint8_t *>(newline) - bytes) : parser->count;
    parser->position = end + 1;
    uint32_t line = parser->line++;
    size_t text_start = start, text_end = end;
    while (text_start < text_end && is_space(bytes[text_start])) text_start++;
    if (text_start == text_end) continue;
    while (is_space(bytes[text_end - 1])) text_end--;
    tidemark_json_record *record = &records[produced++];
    record->line = line;
    record->byte_start = uint32_t(start);
    record->byte_end = uint32_t(end);
    record->was_repaired = 0;
    size_t length = text_end - text_start;
    record->error = parser->goes_line_by_line
                        ? parser->parse_single(bytes + text_start, length, length)
                        : parser->parse_in_block(text_start, end);
    if (record->error == simdjson::NUMBER_ERROR || record->error == simdjson::UTF8_ERROR) {
      record->error = parser->parse_mended(bytes + text_start, length, record->error,
                                           &record->was_repaired);
    }
    parser->finish(record);
  }
  return produced;
}

size_t tidemark_json_strings_used(const tidemark_json_parser *parser) {
  return parser->strings_used;
}

const char *tidemark_json_message(int32_t code) {
  switch (code) {
  case TIDEMARK_JSON_NOT_AN_OBJECT: return "not a JSON object";
  case TIDEMARK_JSON_MORE_THAN_ONE: return "text goes on after the JSON object";
  case TIDEMARK_JSON_NO_ROOM: return "the document needs more memory than was set aside";
  default: return simdjson::error_message(simdjson::error_code(code));
  }
}
}
