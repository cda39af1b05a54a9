// A decoder of gzip and zlib streams on ISA-L, whose state is too large a struct for Swift.
#ifndef TIDEMARK_CISAL_H
#define TIDEMARK_CISAL_H

#include <isa-l/igzip_lib.h>
#include <stdint.h>
#include <stdlib.h>

enum { TIDEMARK_INFLATE_MORE = 0, TIDEMARK_INFLATE_MEMBER_ENDED = 1 };

// What is around the deflated data.
enum { TIDEMARK_WRAPPING_ZLIB = 0, TIDEMARK_WRAPPING_GZIP = 1, TIDEMARK_WRAPPING_NONE = 2 };

// NULL where memory is out.
static inline void *tidemark_inflate_create(void) {
  struct inflate_state *state = (struct inflate_state *)malloc(sizeof(struct inflate_state));
  if (state) isal_inflate_init(state);
  return state;
}

static inline void tidemark_inflate_free(void *state) { free(state); }

// Makes ready for a member.
static inline void tidemark_inflate_reset(void *opaque, int32_t wrapping) {
  struct inflate_state *state = (struct inflate_state *)opaque;
  isal_inflate_reset(state);
  state->crc_flag = wrapping == TIDEMARK_WRAPPING_GZIP   ? ISAL_GZIP
                    : wrapping == TIDEMARK_WRAPPING_ZLIB ? ISAL_ZLIB
                                                         : ISAL_DEFLATE;
}

// Decompresses some of the input. Returns one of the codes above, or ISA-L's, below 0.
static inline int32_t tidemark_inflate_step(void *opaque, const uint8_t *input, uint32_t input_count,
                                            uint8_t *output, uint32_t output_count,
                                            uint32_t *consumed, uint32_t *written) {
  struct inflate_state *state = (struct inflate_state *)opaque;
  state->next_in = (uint8_t *)input;
  state->avail_in = input_count;
  state->next_out = output;
  state->avail_out = output_count;
  int code = isal_inflate(state);
  *consumed = input_count - state->avail_in;
  *written = output_count - state->avail_out;
  if (code == ISAL_NEED_DICT) return -100;
  if (code < 0) return code;
  return state->block_state == ISAL_BLOCK_FINISH ? TIDEMARK_INFLATE_MEMBER_ENDED
                                                 : TIDEMARK_INFLATE_MORE;
}

// What a code below 0 means.
static inline const char *tidemark_inflate_message(int32_t code) {
  switch (code) {
  case ISAL_INVALID_BLOCK: return "a block's header is invalid";
  case ISAL_INVALID_SYMBOL: return "a symbol is invalid";
  case ISAL_INVALID_LOOKBACK: return "a copy reaches back before the start";
  case ISAL_INVALID_WRAPPER: return "the header is invalid";
  case ISAL_UNSUPPORTED_METHOD: return "the method of compression is unknown";
  case ISAL_INCORRECT_CHECKSUM: return "the checksum or the length is wrong";
  case -100: return "a preset dictionary is asked for";
  default: return "the data are damaged";
  }
}

#endif
