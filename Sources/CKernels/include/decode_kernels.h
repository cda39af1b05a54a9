// The inner loops of decoding: bit unpacking, gathers, spreading over nulls, text checks.
//
// Rules that hold for every function here:
// - Nothing is read at or past `source + available`, nothing written past `count` elements.
// - The caller has checked that the input holds what it asks for; these loops check only what
//   their names say. The Swift wrappers in Sources/Kernels/Decode are the checked face.
// - Each has a portable form; x86-64 forms for wider vectors are chosen at run time.
#ifndef TIDEMARK_DECODE_KERNELS_H
#define TIDEMARK_DECODE_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Unpacks `count` little-endian values of `width` bits that begin at bit `bit` of `source`.
// Precondition: width <= 32 (64 for tm_unpack64); bit + count * width <= available * 8.
void tm_unpack32(const uint8_t *_Nonnull source, size_t available, size_t bit, size_t count,
                 unsigned width, uint32_t *_Nonnull output);
void tm_unpack64(const uint8_t *_Nonnull source, size_t available, size_t bit, size_t count,
                 unsigned width, uint64_t *_Nonnull output);

// The largest of `count` values; 0 where there are none.
uint32_t tm_max32(const uint32_t *_Nonnull values, size_t count);
uint8_t tm_max8(const uint8_t *_Nonnull values, size_t count);

// Keeps the low byte of each value.
void tm_narrow8(const uint32_t *_Nonnull values, size_t count, uint8_t *_Nonnull output);

// output[i] = dictionary[indices[i]], elements of `size` bytes; every index is in range.
void tm_gather(const void *_Nonnull dictionary, const uint32_t *_Nonnull indices, size_t count,
               size_t size, void *_Nonnull output);

// Writes one element of `size` bytes `count` times.
void tm_repeat(const void *_Nonnull element, size_t size, size_t count, void *_Nonnull output);

// Big-endian two's-complement integers of `width` bytes as native ones of `size` (4, 8, 16) bytes.
// Returns how many fitted: the first that does not ends the loop.
size_t tm_big_endian(const uint8_t *_Nonnull source, size_t available, size_t width, size_t count,
                     size_t size, void *_Nonnull output);

// Integers of `source_size` bytes as ones of `target_size` (each 4, 8, 16). Returns how many
// fitted.
size_t tm_convert_integers(const void *_Nonnull source, size_t source_size, size_t count,
                           void *_Nonnull output, size_t target_size);

// Copies `count` bits from bit `source_bit` of `source` to bit `target_bit` of `words`.
// Bits of the last word past the copied ones become zero. Returns how many were one.
size_t tm_copy_bits(uint64_t *_Nonnull words, size_t target_bit, const uint8_t *_Nonnull source,
                    size_t available, size_t source_bit, size_t count);
// Sets `count` bits from `target_bit` on; bits of the last word past them become zero.
void tm_fill_bits(uint64_t *_Nonnull words, size_t target_bit, size_t count, bool bit);

// Decodes runs of the RLE and bit-packed hybrid of width 1 from `*position` on to bits at
// `target_bit`: whole runs alone, at most `count` values. Stops before a run that goes past those,
// past `end`, or is none. Returns how many values it took, adds to `*ones` how many were one.
size_t tm_validity_runs(const uint8_t *_Nonnull bytes, size_t *_Nonnull position, size_t end,
                        uint64_t *_Nonnull words, size_t target_bit, size_t count,
                        size_t *_Nonnull ones);

// Appends one bit a level at `target_bit`: level >= threshold. Returns how many were one.
size_t tm_levels_to_bits(uint64_t *_Nonnull words, size_t target_bit,
                         const uint8_t *_Nonnull levels, size_t count, uint8_t threshold);

// How many levels are at least `threshold`.
size_t tm_count_levels(const uint8_t *_Nonnull levels, size_t count, uint8_t threshold);

// Spreads the `dense` elements at the front of `values` over `count` slots, in place: slot i gets
// the next one where bit `first_bit + i` of `words` is one, else zeros.
// Precondition: exactly `dense` of the bits are one.
void tm_spread(void *_Nonnull values, size_t size, size_t dense, const uint64_t *_Nonnull words,
               size_t first_bit, size_t count);

// Elements first ..< first + count of a byte-stream-split page of `total` elements of `size` bytes.
void tm_join_streams(const uint8_t *_Nonnull source, size_t total, size_t size, size_t first,
                     size_t count, uint8_t *_Nonnull output);

// Running sums: output[i] = (last += minimum + deltas[i]), wrapping; returns the last.
uint32_t tm_sum_deltas32(const uint32_t *_Nonnull deltas, size_t count, uint32_t minimum,
                         uint32_t last, uint32_t *_Nonnull output);
uint64_t tm_sum_deltas64(const uint64_t *_Nonnull deltas, size_t count, uint64_t minimum,
                         uint64_t last, uint64_t *_Nonnull output);
uint64_t tm_sum_deltas32to64(const uint32_t *_Nonnull deltas, size_t count, uint64_t minimum,
                             uint64_t last, uint64_t *_Nonnull output);

// Reads `count` values of a 4-byte length and that many bytes each, from `*position` on, as views
// (buffer, offset, length) of three words. Returns how many were whole; moves `*position` past.
size_t tm_plain_views(const uint8_t *_Nonnull source, size_t *_Nonnull position, size_t end,
                      size_t count, uint32_t buffer, uint32_t *_Nonnull views);

// Whether all bytes are below 0x80; whether they are valid UTF-8 (no surrogates, shortest form).
bool tm_is_ascii(const uint8_t *_Nonnull bytes, size_t count);
bool tm_is_utf8(const uint8_t *_Nonnull bytes, size_t count);

// Writes a byte a value: 1 where it lies within low ... high, or, where `outside` is set, where it
// lies below or above. What is not a number lies nowhere.
void tm_test_range_i32(const int32_t *_Nonnull values, size_t count, int32_t low, int32_t high,
                       bool outside, uint8_t *_Nonnull output);
void tm_test_range_u32(const uint32_t *_Nonnull values, size_t count, uint32_t low, uint32_t high,
                       bool outside, uint8_t *_Nonnull output);
void tm_test_range_i64(const int64_t *_Nonnull values, size_t count, int64_t low, int64_t high,
                       bool outside, uint8_t *_Nonnull output);
void tm_test_range_u64(const uint64_t *_Nonnull values, size_t count, uint64_t low, uint64_t high,
                       bool outside, uint8_t *_Nonnull output);
void tm_test_range_f32(const float *_Nonnull values, size_t count, double low, double high,
                       bool outside, uint8_t *_Nonnull output);
void tm_test_range_f64(const double *_Nonnull values, size_t count, double low, double high,
                       bool outside, uint8_t *_Nonnull output);
// Numbers of 16 bytes, low and high too.
void tm_test_range_i128(const void *_Nonnull values, size_t count, const void *_Nonnull low,
                        const void *_Nonnull high, bool outside, uint8_t *_Nonnull output);

// Which orders of a value against an operand meet a condition.
enum { TM_LESS = 1, TM_EQUAL = 2, TM_GREATER = 4 };

// Writes a byte a value: whether its order, byte by byte unsigned, is one of `orders`. Views are
// three words (buffer, offset, length) that lie in `bytes`.
void tm_test_views(const uint8_t *_Nonnull bytes, const uint32_t *_Nonnull views, size_t count,
                   const uint8_t *_Nonnull operand, size_t operand_length, unsigned orders,
                   uint8_t *_Nonnull output);
// As tm_test_views, for values of `width` bytes one after another.
void tm_test_fixed(const uint8_t *_Nonnull values, size_t width, size_t count,
                   const uint8_t *_Nonnull operand, size_t operand_length, unsigned orders,
                   uint8_t *_Nonnull output);

// Finds `count` Thrift structures one after another: where each begins, in bytes from `start`.
// Returns where the last one ends; SIZE_MAX where the bytes do not hold them.
// Precondition: end - start < 4 GiB.
size_t tm_thrift_locate(const uint8_t *_Nonnull bytes, size_t start, size_t end, size_t count,
                        uint32_t *_Nonnull offsets);

// XXH64 of the bytes, as Cyan4973/xxHash specifies it.
uint64_t tm_xxhash64(const uint8_t *_Nonnull bytes, size_t count, uint64_t seed);

#endif
