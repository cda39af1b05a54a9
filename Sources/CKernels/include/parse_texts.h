#ifndef TIDEMARK_PARSE_TEXTS_H
#define TIDEMARK_PARSE_TEXTS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Where a text lies: in `own` where buffer is 0, else in `block`. Behind each of the two, eight
// bytes more may be read. No text (null) where buffer is TM_TEXT_NULL.
typedef struct {
  uint32_t buffer, offset, length;
} tm_text;

#define TM_TEXT_NULL UINT32_MAX

// Each writes the value of one text after the other, 0 for nulls and empty texts, up to the first
// that is no such value. Returns how many were written.

// true and false, in any case.
size_t tm_texts_boolean(const tm_text *texts, size_t count, const uint8_t *own,
                        const uint8_t *block, uint8_t *output);

// An optional -, then 0 or digits that do not begin with 0, within 64 bits.
size_t tm_texts_int64(const tm_text *texts, size_t count, const uint8_t *own, const uint8_t *block,
                      int64_t *output);

// Numbers as above of up to 38 digits, with a point and an exponent; nan and inf.
size_t tm_texts_double(const tm_text *texts, size_t count, const uint8_t *own,
                       const uint8_t *block, double *output);

// Bytes of all texts together.
size_t tm_texts_bytes(const tm_text *texts, size_t count);

// Sets a bit in `words` for each text, also for an empty one where `empty` is not 0, and makes
// texts without one empty. `words` are zero before. Returns the bits set.
size_t tm_texts_bits(tm_text *texts, size_t count, int empty, uint64_t *words);

// A decimal number whose form has been checked, at most 4,000 characters. Returns 0 where it is
// beyond the range of doubles.
int tm_parse_double(const char *text, size_t count, double *output);

#ifdef __cplusplus
}
#endif

#endif
