// The inner loops of encoding: hybrid runs, dictionaries, minima and maxima, checksums.
//
// Rules that hold for every function here:
// - Inputs are never over-read; outputs may be over-written by up to 32 bytes, which the buffers
//   of Sources/Kernels/Encode have as padding.
// - The caller has reserved what the comments ask for. The Swift wrappers in
//   Sources/Kernels/Encode are the checked face.
#ifndef TIDEMARK_ENCODE_KERNELS_H
#define TIDEMARK_ENCODE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// --- encode_bits.c: the RLE / bit-packing hybrid ---------------------------------------------

// Packs `count` values of `width` bits, least significant bit first, zeros up to a whole byte
// group of 8 values. Returns the bytes written: width * ceil(count / 8).
// Precondition: 1 <= width <= 32, every value below 2^width.
size_t tm_pack32(const uint32_t *_Nonnull values, size_t count, unsigned width,
                 uint8_t *_Nonnull output);

// Writes the values as runs and packed groups. Returns the bytes written, at most
// (count / 8 + 1) * (width + 8) + 16.
size_t tm_hybrid_encode32(const uint32_t *_Nonnull values, size_t count, unsigned width,
                          uint8_t *_Nonnull output);
// The same for values in bytes; width <= 8.
size_t tm_hybrid_encode8(const uint8_t *_Nonnull values, size_t count, unsigned width,
                         uint8_t *_Nonnull output);
// The same for single bits, which `words` holds least significant first. At most
// count / 8 + count / 64 * 2 + 32 bytes.
size_t tm_hybrid_encode_bits(const uint64_t *_Nonnull words, size_t count,
                             uint8_t *_Nonnull output);

// --- encode_dictionary.c: open addressing, load at most one half -----------------------------

typedef struct { uint32_t key; uint32_t index1; } tm_slot32;
typedef struct { uint64_t key; uint64_t index1; } tm_slot64;
typedef struct { uint32_t hash; uint32_t index1; } tm_slot_bytes;
// Where a value's bytes lie: the layout of Records.ByteView.
typedef struct { uint32_t buffer; uint32_t offset; uint32_t length; } tm_view;

// Gives each value its index among the distinct ones, in order of first sight, and appends new
// ones to `entries`. Stops before the entry numbered `limit`. Returns how many values were done.
// `log2` is that of the number of slots; empty slots have index1 = 0.
size_t tm_dictionary32(tm_slot32 *_Nonnull slots, unsigned log2, uint32_t *_Nonnull entries,
                       uint32_t *_Nonnull count, uint32_t limit,
                       const uint32_t *_Nonnull values, size_t value_count,
                       uint32_t *_Nonnull indices);
size_t tm_dictionary64(tm_slot64 *_Nonnull slots, unsigned log2, uint64_t *_Nonnull entries,
                       uint32_t *_Nonnull count, uint32_t limit,
                       const uint64_t *_Nonnull values, size_t value_count,
                       uint32_t *_Nonnull indices);
// The same for views into one buffer. `page` takes the entries in PLAIN encoding (length in four
// bytes, bytes), `offsets` where the bytes of each begin. Stops also where `page_room` is full.
size_t tm_dictionary_views(tm_slot_bytes *_Nonnull slots, unsigned log2, uint8_t *_Nonnull page,
                           size_t *_Nonnull page_used, size_t page_room,
                           uint32_t *_Nonnull offsets, uint32_t *_Nonnull count, uint32_t limit,
                           const tm_view *_Nonnull views, size_t view_count,
                           const uint8_t *_Nonnull buffer, size_t buffer_count,
                           uint32_t *_Nonnull indices);
// The same for values of `width` bytes; `page` takes them one behind the other.
size_t tm_dictionary_fixed(tm_slot_bytes *_Nonnull slots, unsigned log2, uint8_t *_Nonnull page,
                           uint32_t *_Nonnull count, uint32_t limit,
                           const uint8_t *_Nonnull values, size_t width, size_t value_count,
                           uint32_t *_Nonnull indices);

// Writes the entries of the given indices in PLAIN encoding: those of `tm_dictionary_views`.
// Returns the bytes written.
size_t tm_dictionary_spell(const uint8_t *_Nonnull page, const uint32_t *_Nonnull offsets,
                           const uint32_t *_Nonnull indices, size_t count,
                           uint8_t *_Nonnull output);
// How many bytes that takes.
uint64_t tm_dictionary_spelled_bytes(const uint8_t *_Nonnull page,
                                     const uint32_t *_Nonnull offsets,
                                     const uint32_t *_Nonnull indices, size_t count);

// Sets the byte of each index.
void tm_mark_seen(const uint32_t *_Nonnull indices, size_t count, uint8_t *_Nonnull seen);
// The entries whose byte is one, as views into the page or one behind the other; room for all of
// `count`. Returns how many they are.
size_t tm_seen_views(const uint8_t *_Nonnull page, const uint32_t *_Nonnull offsets,
                     const uint8_t *_Nonnull seen, size_t count, tm_view *_Nonnull views);
size_t tm_seen_fixed(const uint8_t *_Nonnull page, size_t width, const uint8_t *_Nonnull seen,
                     size_t count, uint8_t *_Nonnull values);

// Moves the filled slots over into a larger, zeroed table.
void tm_rehash32(const tm_slot32 *_Nonnull from, size_t count, tm_slot32 *_Nonnull to,
                 unsigned log2);
void tm_rehash64(const tm_slot64 *_Nonnull from, size_t count, tm_slot64 *_Nonnull to,
                 unsigned log2);
void tm_rehash_bytes(const tm_slot_bytes *_Nonnull from, size_t count, tm_slot_bytes *_Nonnull to,
                     unsigned log2);

// --- encode_values.c -------------------------------------------------------------------------

// Smallest and largest of at least one value. NaN counts for nothing: where there is nothing
// else, the smallest is above the largest.
void tm_range_i32(const int32_t *_Nonnull values, size_t count, int32_t *_Nonnull least,
                  int32_t *_Nonnull most);
void tm_range_u32(const uint32_t *_Nonnull values, size_t count, uint32_t *_Nonnull least,
                  uint32_t *_Nonnull most);
void tm_range_i64(const int64_t *_Nonnull values, size_t count, int64_t *_Nonnull least,
                  int64_t *_Nonnull most);
void tm_range_u64(const uint64_t *_Nonnull values, size_t count, uint64_t *_Nonnull least,
                  uint64_t *_Nonnull most);
void tm_range_f32(const float *_Nonnull values, size_t count, float *_Nonnull least,
                  float *_Nonnull most);
void tm_range_f64(const double *_Nonnull values, size_t count, double *_Nonnull least,
                  double *_Nonnull most);
// The positions of the smallest and the largest, by unsigned bytes, of at least one view into one
// buffer.
void tm_range_views(const tm_view *_Nonnull views, size_t count, const uint8_t *_Nonnull buffer,
                    size_t buffer_count, size_t *_Nonnull least, size_t *_Nonnull most);
// The same for values of one width; by unsigned bytes, or as big-endian signed numbers.
void tm_range_fixed(const uint8_t *_Nonnull values, size_t width, size_t count, int is_signed,
                    size_t *_Nonnull least, size_t *_Nonnull most);

// How many views from the first on have its buffer; the sum of the lengths of all.
size_t tm_views_run(const tm_view *_Nonnull views, size_t count);
uint64_t tm_views_bytes(const tm_view *_Nonnull views, size_t count);
// How many views from the first on take no more than `room` bytes in PLAIN encoding.
size_t tm_views_fitting(const tm_view *_Nonnull views, size_t count, uint64_t room);
// Appends views into one buffer in PLAIN encoding; returns the bytes written.
size_t tm_views_plain(const tm_view *_Nonnull views, size_t count, const uint8_t *_Nonnull buffer,
                      size_t buffer_count, uint8_t *_Nonnull output);

// Of half floats, by value; NaN counts for nothing. False where there is nothing else.
int tm_range_f16(const uint16_t *_Nonnull values, size_t count, uint16_t *_Nonnull least,
                 uint16_t *_Nonnull most);

// Keeps the values of `width` bytes whose bit, from `bit` of `words` on, is one. Returns how many.
size_t tm_compact(const uint8_t *_Nonnull values, size_t width, const uint64_t *_Nonnull words,
                  size_t bit, size_t count, uint8_t *_Nonnull output);
// Keeps the bits of `values`, from `value_bit` on, whose bit of `words` is one, appended at
// `target_bit` of `output`, whose words past it are zero. Returns how many.
size_t tm_compact_bits(const uint64_t *_Nonnull values, size_t value_bit,
                       const uint64_t *_Nonnull words, size_t bit, size_t count,
                       uint64_t *_Nonnull output, size_t target_bit);
// How many of `count` bits from `bit` on are one.
size_t tm_count_bits(const uint64_t *_Nonnull words, size_t bit, size_t count);

// 128-bit numbers as big-endian two's complement of `width` <= 16 bytes.
void tm_int128_fixed(const uint8_t *_Nonnull values, size_t count, size_t width,
                     uint8_t *_Nonnull output);

// --- encode_levels.c: nested data, an entry a value or null ------------------------------------

// Whether `count` + 1 offsets rise from at least 0 to at most `child_count`.
int tm_offsets_are_sound(const int32_t *_Nonnull offsets, size_t count, size_t child_count);
// Adds one to the level of each entry whose row is there and, by `validity` (NULL: all), not
// null; the rows of the others become -1. Returns how many rows were there and null.
size_t tm_levels_nulls(int32_t *_Nonnull rows, uint8_t *_Nonnull levels, size_t count,
                       const uint64_t *_Nullable validity);
// Entries after replacing each row by the elements of its list.
size_t tm_levels_expanded(const int32_t *_Nonnull rows, size_t count,
                          const int32_t *_Nonnull offsets);
// Replaces them: elements have the definition level plus one, all but the first of a list the
// repetition level `repeated`. The outputs have room for what tm_levels_expanded says, and 8 more.
void tm_levels_expand(const int32_t *_Nonnull rows, const uint8_t *_Nonnull definition,
                      const uint8_t *_Nonnull repetition, size_t count,
                      const int32_t *_Nonnull offsets, uint8_t repeated,
                      int32_t *_Nonnull rows_out, uint8_t *_Nonnull definition_out,
                      uint8_t *_Nonnull repetition_out);
// Keeps the rows that are there. Returns how many.
size_t tm_rows_present(const int32_t *_Nonnull rows, size_t count, int32_t *_Nonnull output);
// Adds to `counts` (256 of them) how often each level occurs.
void tm_histogram8(const uint8_t *_Nonnull levels, size_t count, int64_t *_Nonnull counts);
// Where to cut, from the front: whole rows, at most `rows_max`, none that begins after
// `entries_max` entries. Says how many rows and values (of level `max_definition`) that are.
// `repetition` NULL: every entry is a row.
size_t tm_levels_cut(const uint8_t *_Nonnull definition, const uint8_t *_Nullable repetition,
                     size_t count, uint8_t max_definition, size_t rows_max, size_t entries_max,
                     size_t *_Nonnull rows, size_t *_Nonnull values);

// --- encode_delta.c --------------------------------------------------------------------------

// DELTA_BINARY_PACKED in blocks of 128 values and 4 miniblocks. Returns the bytes written: at most
// 32 + ceil(count / 128) * (14 + 128 * the bytes of a value).
size_t tm_delta_encode32(const uint32_t *_Nonnull values, size_t count, uint8_t *_Nonnull output);
size_t tm_delta_encode64(const uint64_t *_Nonnull values, size_t count, uint8_t *_Nonnull output);

// The lengths of byte strings in PLAIN encoding. False where they are not `count`, exactly.
int tm_plain_lengths(const uint8_t *_Nonnull plain, size_t byte_count, size_t count,
                     uint32_t *_Nonnull lengths);
// What each string shares with the one before it; `lengths`, found as above, become those of the
// rest.
void tm_plain_prefixes(const uint8_t *_Nonnull plain, size_t count, uint32_t *_Nonnull lengths,
                       uint32_t *_Nonnull prefixes);
// The same for values of `width` bytes; `lengths` is only written.
void tm_fixed_prefixes(const uint8_t *_Nonnull values, size_t width, size_t count,
                       uint32_t *_Nonnull lengths, uint32_t *_Nonnull prefixes);
// Appends the last `lengths` bytes of each value, which stand behind `lead` bytes and its prefix
// (NULL: none). Returns the bytes written.
size_t tm_suffixes(const uint8_t *_Nonnull values, size_t byte_count, size_t lead, size_t count,
                   const uint32_t *_Nonnull lengths, const uint32_t *_Nullable prefixes,
                   uint8_t *_Nonnull output);

// BYTE_STREAM_SPLIT: all first bytes, all second ones, …; count * width bytes.
void tm_split_encode(const uint8_t *_Nonnull values, size_t width, size_t count,
                     uint8_t *_Nonnull output);

// --- encode_bloom.c --------------------------------------------------------------------------

// XXH64, seed 0, of each value: of `width` bytes; behind views into one buffer; in PLAIN encoding
// (false where they are not `count`, exactly).
void tm_bloom_hash_fixed(const uint8_t *_Nonnull values, size_t width, size_t count,
                         uint64_t *_Nonnull hashes);
void tm_bloom_hash_views(const tm_view *_Nonnull views, size_t count,
                         const uint8_t *_Nonnull buffer, uint64_t *_Nonnull hashes);
int tm_bloom_hash_plain(const uint8_t *_Nonnull plain, size_t byte_count, size_t count,
                        uint64_t *_Nonnull hashes);
// Sets the bits of each hash in a filter of `block_count` blocks of 32 bytes.
void tm_bloom_insert(const uint64_t *_Nonnull hashes, size_t count, uint8_t *_Nonnull filter,
                     size_t block_count);

// --- crc32.c ---------------------------------------------------------------------------------

// CRC-32 as gzip has it, going on from `crc` (0 at first).
uint32_t tm_crc32(uint32_t crc, const uint8_t *_Nonnull bytes, size_t count);
// The form without wide instructions, for comparison.
uint32_t tm_crc32_portable(uint32_t crc, const uint8_t *_Nonnull bytes, size_t count);

#endif
