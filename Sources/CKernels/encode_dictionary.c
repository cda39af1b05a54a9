// Dictionary building: open addressing with linear probing, hashes by multiply and mix.
#include "encode_kernels.h"
#include <string.h>

#define ALWAYS_INLINE static inline __attribute__((always_inline))

static const uint64_t K0 = 0x9E3779B97F4A7C15ull, K1 = 0xE7037ED1A0B428DBull,
                      K2 = 0x8EBC6AF09C88C6E3ull;

ALWAYS_INLINE uint64_t mix(uint64_t a, uint64_t b) {
  unsigned __int128 product = (unsigned __int128)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

ALWAYS_INLINE size_t slot_of(uint64_t key, unsigned log2) {
  return (size_t)(mix(key, K0) >> (64 - log2));
}

// Tables above this many slots do not fit the caches near the core: worth fetching ahead.
enum { FETCH_LOG2 = 13, BLOCK = 16 };

// Texts of a column lie apart, between those of other columns, and were written by another core:
// they are fetched this many values ahead.
enum { TEXTS_AHEAD = 16 };

#define DICTIONARY(BITS, KEY) \
  ALWAYS_INLINE uint32_t find##BITS(tm_slot##BITS *slots, size_t mask, size_t at, KEY key, \
                                    KEY *entries, uint32_t *count) { \
    for (;;) { \
      tm_slot##BITS *slot = slots + at; \
      if (slot->index1 == 0) { \
        slot->key = key; \
        slot->index1 = *count + 1; \
        entries[*count] = key; \
        return (*count)++; \
      } \
      if (slot->key == key) return (uint32_t)slot->index1 - 1; \
      at = (at + 1) & mask; \
    } \
  } \
  size_t tm_dictionary##BITS(tm_slot##BITS *slots, unsigned log2, KEY *entries, uint32_t *count, \
                             uint32_t limit, const KEY *values, size_t value_count, \
                             uint32_t *indices) { \
    size_t mask = ((size_t)1 << log2) - 1, i = 0; \
    uint32_t used = *count; \
    if (log2 > FETCH_LOG2) { \
      while (i + BLOCK <= value_count && limit - used >= BLOCK) { \
        size_t at[BLOCK]; \
        for (int k = 0; k < BLOCK; k++) { \
          at[k] = slot_of(values[i + k], log2); \
          __builtin_prefetch(slots + at[k], 1); \
        } \
        for (int k = 0; k < BLOCK; k++) \
          indices[i + k] = find##BITS(slots, mask, at[k], values[i + k], entries, &used); \
        i += BLOCK; \
      } \
    } \
    for (; i < value_count && used < limit; i++) \
      indices[i] = find##BITS(slots, mask, slot_of(values[i], log2), values[i], entries, &used); \
    *count = used; \
    return i; \
  } \
  void tm_rehash##BITS(const tm_slot##BITS *from, size_t count, tm_slot##BITS *to, \
                       unsigned log2) { \
    size_t mask = ((size_t)1 << log2) - 1; \
    for (size_t i = 0; i < count; i++) { \
      if (from[i].index1 == 0) continue; \
      size_t at = slot_of(from[i].key, log2); \
      while (to[at].index1 != 0) at = (at + 1) & mask; \
      to[at] = from[i]; \
    } \
  }

DICTIONARY(32, uint32_t)
DICTIONARY(64, uint64_t)

// --- bytes -----------------------------------------------------------------------------------

ALWAYS_INLINE uint64_t load64(const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, 8);
  return v;
}

ALWAYS_INLINE uint64_t load32(const uint8_t *p) {
  uint32_t v;
  memcpy(&v, p, 4);
  return v;
}

// Reads only the bytes there are: short ones by loads that overlap.
ALWAYS_INLINE void ends_of(const uint8_t *p, size_t n, uint64_t *a, uint64_t *b) {
  if (n >= 8) {
    *a = load64(p);
    *b = load64(p + n - 8);
  } else if (n >= 4) {
    *a = load32(p);
    *b = load32(p + n - 4);
  } else {
    *a = n > 0 ? (uint64_t)p[0] << 16 | (uint64_t)p[n >> 1] << 8 | p[n - 1] : 0;
    *b = 0;
  }
}

ALWAYS_INLINE uint64_t hash_ends(uint64_t a, uint64_t b, uint64_t seed) {
  return mix(a ^ K2, b ^ seed);
}

// Of more than 16 bytes.
static uint64_t hash_long(const uint8_t *p, size_t n) {
  uint64_t h = K0 ^ n;
  const uint8_t *last = p + n - 16;
  while (p < last) {
    h = mix(load64(p) ^ K1, load64(p + 8) ^ h);
    p += 16;
  }
  return hash_ends(load64(last), load64(last + 8), h);
}

ALWAYS_INLINE uint64_t hash_bytes(const uint8_t *p, size_t n) {
  if (n > 16) return hash_long(p, n);
  uint64_t a, b;
  ends_of(p, n, &a, &b);
  return hash_ends(a, b, K0 ^ n);
}

ALWAYS_INLINE int same_bytes(const uint8_t *x, const uint8_t *y, size_t n) {
  if (n > 16) return memcmp(x, y, n) == 0;
  uint64_t a, b, c, d;
  ends_of(x, n, &a, &b);
  ends_of(y, n, &c, &d);
  return a == c && b == d;
}

// --- views -----------------------------------------------------------------------------------

// A value's first 16 bytes as two numbers, zeros where it is shorter: no branch on the length,
// which a processor could not foresee. 16 bytes from `p` on may be read.
ALWAYS_INLINE void head_of(const uint8_t *p, size_t n, uint64_t *a, uint64_t *b) {
  size_t low = n < 8 ? n : 8, high = n - low;
  // A shift by 64 is undefined; two shifts by half are not.
  *a = load64(p) & ~(~0ull << (low * 4) << (low * 4));
  *b = load64(p + 8) & ~(~0ull << (high * 4) << (high * 4));
}

typedef struct {
  tm_slot_bytes *slots;
  uint8_t *page;
  uint32_t *offsets;
  size_t mask, used, room;
  uint32_t entries, limit;
} view_table;

// The entry of a value, appended where it is new; UINT32_MAX where there is no room for it.
ALWAYS_INLINE uint32_t find_view(view_table *table, uint32_t hash, size_t at,
                                 const uint8_t *bytes, uint32_t length, const int is_short,
                                 uint64_t a, uint64_t b) {
  for (;;) {
    tm_slot_bytes *slot = table->slots + at;
    if (slot->index1 == 0) {
      if (table->entries == table->limit || table->room - table->used < 4 + (size_t)length) {
        return UINT32_MAX;
      }
      slot->hash = hash;
      slot->index1 = table->entries + 1;
      memcpy(table->page + table->used, &length, 4);
      memcpy(table->page + table->used + 4, bytes, length);
      table->offsets[table->entries] = (uint32_t)table->used + 4;
      table->used += 4 + (size_t)length;
      return table->entries++;
    }
    if (slot->hash == hash) {
      const uint8_t *entry = table->page + table->offsets[slot->index1 - 1];
      if (load32(entry - 4) == length) {
        int same;
        if (is_short) {
          // The page has padding behind it.
          uint64_t c, d;
          head_of(entry, length, &c, &d);
          same = ((a ^ c) | (b ^ d)) == 0;
        } else {
          same = memcmp(entry, bytes, length) == 0;
        }
        if (same) return slot->index1 - 1;
      }
    }
    at = (at + 1) & table->mask;
  }
}

// What a value is looked up by.
typedef struct {
  uint64_t a, b;  // its bytes, where they are at most 16
  uint32_t hash;
} view_key;

ALWAYS_INLINE view_key key_of(const tm_view *view, const uint8_t *buffer, size_t buffer_count) {
  view_key key = {0, 0, 0};
  uint32_t length = view->length;
  size_t offset = view->offset;
  const uint8_t *bytes = buffer + offset;
  if (length > 16) {
    key.hash = (uint32_t)(hash_long(bytes, length) >> 32);
    return key;
  }
  if (__builtin_expect(offset + 16 <= buffer_count, 1)) {
    head_of(bytes, length, &key.a, &key.b);
  } else {
    uint8_t copy[16] = {0};
    memcpy(copy, bytes, length);
    key.a = load64(copy);
    key.b = load64(copy + 8);
  }
  key.hash = (uint32_t)(hash_ends(key.a, key.b, K0 ^ length) >> 32);
  return key;
}

ALWAYS_INLINE uint32_t find_key(view_table *table, unsigned log2, const tm_view *view,
                                const uint8_t *buffer, const view_key *key) {
  const uint8_t *bytes = buffer + view->offset;
  size_t at = key->hash >> (32 - log2);
  return view->length <= 16
             ? find_view(table, key->hash, at, bytes, view->length, 1, key->a, key->b)
             : find_view(table, key->hash, at, bytes, view->length, 0, 0, 0);
}

// Whether two values lie in the same place: names of files and the like, row after row.
ALWAYS_INLINE int same_place(const tm_view *x, const tm_view *y) {
  return x->offset == y->offset && x->length == y->length;
}

ALWAYS_INLINE void fetch_text(const tm_view *view, const uint8_t *buffer) {
  const uint8_t *bytes = buffer + view->offset;
  __builtin_prefetch(bytes);
  // What longer ones have behind that, the processor fetches by itself.
  __builtin_prefetch(bytes + (view->length < 64 ? view->length : 64));
}

size_t tm_dictionary_views(tm_slot_bytes *slots, unsigned log2, uint8_t *page, size_t *page_used,
                           size_t page_room, uint32_t *offsets, uint32_t *count, uint32_t limit,
                           const tm_view *views, size_t view_count, const uint8_t *buffer,
                           size_t buffer_count, uint32_t *indices) {
  view_table table = {slots, page, offsets, ((size_t)1 << log2) - 1, *page_used, page_room,
                      *count, limit};
  size_t i = 0;
  if (log2 > FETCH_LOG2) {
    for (; i + BLOCK <= view_count; i += BLOCK) {
      view_key keys[BLOCK];
      if (i + 2 * BLOCK <= view_count) {
        for (int k = 0; k < BLOCK; k++) fetch_text(views + i + BLOCK + k, buffer);
      }
      for (int k = 0; k < BLOCK; k++) {
        keys[k] = key_of(views + i + k, buffer, buffer_count);
        __builtin_prefetch(slots + (keys[k].hash >> (32 - log2)));
      }
      for (int k = 0; k < BLOCK; k++) {
        uint32_t index1 = (uint32_t)slots[keys[k].hash >> (32 - log2)].index1;
        if (index1 != 0) __builtin_prefetch(page + offsets[index1 - 1]);
      }
      for (int k = 0; k < BLOCK; k++) {
        uint32_t index = find_key(&table, log2, views + i + k, buffer, keys + k);
        if (index == UINT32_MAX) {
          i += (size_t)k;
          goto full;
        }
        indices[i + k] = index;
      }
    }
  }
  for (; i < view_count; i++) {
    if (i + TEXTS_AHEAD < view_count) fetch_text(views + i + TEXTS_AHEAD, buffer);
    if (i > 0 && same_place(views + i, views + i - 1)) {
      indices[i] = indices[i - 1];
      continue;
    }
    view_key key = key_of(views + i, buffer, buffer_count);
    uint32_t index = find_key(&table, log2, views + i, buffer, &key);
    if (index == UINT32_MAX) break;
    indices[i] = index;
  }
full:
  *page_used = table.used;
  *count = table.entries;
  return i;
}

void tm_mark_seen(const uint32_t *indices, size_t count, uint8_t *seen) {
  for (size_t i = 0; i < count; i++) seen[indices[i]] = 1;
}

size_t tm_seen_views(const uint8_t *page, const uint32_t *offsets, const uint8_t *seen,
                     size_t count, tm_view *views) {
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    views[found] = (tm_view){0, offsets[i], (uint32_t)load32(page + offsets[i] - 4)};
    found += seen[i];
  }
  return found;
}

size_t tm_seen_fixed(const uint8_t *page, size_t width, const uint8_t *seen, size_t count,
                     uint8_t *values) {
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    memcpy(values + found * width, page + i * width, width);
    found += seen[i];
  }
  return found;
}

// --- values of one width ---------------------------------------------------------------------

size_t tm_dictionary_fixed(tm_slot_bytes *slots, unsigned log2, uint8_t *page, uint32_t *count,
                           uint32_t limit, const uint8_t *values, size_t width,
                           size_t value_count, uint32_t *indices) {
  size_t mask = ((size_t)1 << log2) - 1, i = 0;
  uint32_t entries = *count;
  for (; i < value_count; i++) {
    const uint8_t *bytes = values + i * width;
    uint32_t hash = (uint32_t)(hash_bytes(bytes, width) >> 32);
    size_t at = hash >> (32 - log2);
    for (;;) {
      tm_slot_bytes *slot = slots + at;
      if (slot->index1 == 0) {
        if (entries == limit) goto full;
        slot->hash = hash;
        slot->index1 = entries + 1;
        memcpy(page + (size_t)entries * width, bytes, width);
        indices[i] = entries++;
        break;
      }
      if (slot->hash == hash &&
          same_bytes(page + (size_t)(slot->index1 - 1) * width, bytes, width)) {
        indices[i] = slot->index1 - 1;
        break;
      }
      at = (at + 1) & mask;
    }
  }
full:
  *count = entries;
  return i;
}

size_t tm_dictionary_spell(const uint8_t *page, const uint32_t *offsets, const uint32_t *indices,
                           size_t count, uint8_t *output) {
  uint8_t *start = output;
  for (size_t i = 0; i < count; i++) {
    const uint8_t *entry = page + offsets[indices[i]] - 4;
    size_t size = 4 + (size_t)load32(entry);
    memcpy(output, entry, size);
    output += size;
  }
  return (size_t)(output - start);
}

uint64_t tm_dictionary_spelled_bytes(const uint8_t *page, const uint32_t *offsets,
                                     const uint32_t *indices, size_t count) {
  uint64_t sum = 0;
  for (size_t i = 0; i < count; i++) sum += 4 + load32(page + offsets[indices[i]] - 4);
  return sum;
}

void tm_rehash_bytes(const tm_slot_bytes *from, size_t count, tm_slot_bytes *to, unsigned log2) {
  size_t mask = ((size_t)1 << log2) - 1;
  for (size_t i = 0; i < count; i++) {
    if (from[i].index1 == 0) continue;
    size_t at = from[i].hash >> (32 - log2);
    while (to[at].index1 != 0) at = (at + 1) & mask;
    to[at] = from[i];
  }
}
