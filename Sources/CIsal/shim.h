// A decoder of gzip and zlib streams on ISA-L, whose state is too large a struct for Swift.
#ifndef TIDEMARK_CISAL_H
#define TIDEMARK_CISAL_H

#include <isa-l/igzip_lib.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { TIDEMARK_INFLATE_MORE = 0, TIDEMARK_INFLATE_MEMBER_ENDED = 1 };

// What is around the deflated data.
enum { TIDEMARK_WRAPPING_ZLIB = 0, TIDEMARK_WRAPPING_GZIP = 1, TIDEMARK_WRAPPING_NONE = 2 };

// ISA-L forgets a gzip header that comes in pieces; so headers are read apart, and kept.
struct tidemark_inflate {
  struct inflate_state state;
  struct isal_gzip_header gzip;
  struct isal_zlib_header zlib;
  int32_t header;  // the wrapping whose header is still read
};

// NULL where memory is out.
static inline void *tidemark_inflate_create(void) {
  struct tidemark_inflate *decoder =
      (struct tidemark_inflate *)calloc(1, sizeof(struct tidemark_inflate));
  if (decoder) isal_inflate_init(&decoder->state);
  return decoder;
}

static inline void tidemark_inflate_free(void *decoder) { free(decoder); }

// Makes ready for a member.
static inline void tidemark_inflate_reset(void *opaque, int32_t wrapping) {
  struct tidemark_inflate *decoder = (struct tidemark_inflate *)opaque;
  isal_inflate_reset(&decoder->state);
  memset(&decoder->zlib, 0, sizeof decoder->zlib);
  isal_gzip_header_init(&decoder->gzip);
  decoder->header = wrapping;
  decoder->state.crc_flag = wrapping == TIDEMARK_WRAPPING_GZIP   ? ISAL_GZIP_NO_HDR_VER
                            : wrapping == TIDEMARK_WRAPPING_ZLIB ? ISAL_ZLIB_NO_HDR_VER
                                                                 : ISAL_DEFLATE;
}

// Decompresses some of the input. Returns one of the codes above, or ISA-L's, below 0.
static inline int32_t tidemark_inflate_step(void *opaque, const uint8_t *input, uint32_t input_count,
                                            uint8_t *output, uint32_t output_count,
                                            uint32_t *consumed, uint32_t *written) {
  struct tidemark_inflate *decoder = (struct tidemark_inflate *)opaque;
  struct inflate_state *state = &decoder->state;
  state->next_in = (uint8_t *)input;
  state->avail_in = input_count;
  state->next_out = output;
  state->avail_out = output_count;
  int code = ISAL_DECOMP_OK;
  if (decoder->header != TIDEMARK_WRAPPING_NONE) {
    code = decoder->header == TIDEMARK_WRAPPING_GZIP
               ? isal_read_gzip_header(state, &decoder->gzip)
               : isal_read_zlib_header(state, &decoder->zlib);
    if (code == ISAL_DECOMP_OK) {
      decoder->header = TIDEMARK_WRAPPING_NONE;
      if (decoder->zlib.dict_flag) code = ISAL_NEED_DICT;
    }
  }
  if (code == ISAL_DECOMP_OK) code = isal_inflate(state);
  *consumed = input_count - state->avail_in;
  *written = output_count - state->avail_out;
  if (code == ISAL_NEED_DICT) return -100;
  if (code < 0) return code;
  return decoder->header == TIDEMARK_WRAPPING_NONE && state->block_state == ISAL_BLOCK_FINISH
             ? TIDEMARK_INFLATE_MEMBER_ENDED
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
