// Sorts the members of JSON objects into columns, one slot a row.
//
// Objects of one stream mostly have the same keys in the same order: every node remembers which
// key came behind its own the last time, so that the usual lookup is one comparison.

#include "include/CSimdJSON.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

namespace {

constexpr uint32_t none = TIDEMARK_NODE_NONE;
constexpr uint64_t payload_mask = 0x00FFFFFFFFFFFFFFull;

struct Key {
  std::unique_ptr<uint8_t[]> bytes;  // with 8 readable bytes behind them
  uint32_t length = 0;
  uint64_t head = 0;  // the first 8 bytes, or all with zeros behind
  uint32_t node = none;
  uint32_t successor = none;  // the key that came behind this one last
};

struct Node {
  uint32_t parent = none;
  bool enters = true;
  uint32_t first = none;  // the key that came first last
  std::vector<uint32_t> children;
  std::vector<uint32_t> table;  // keys by hash; a power of two, at most half full
  uint32_t keys_count = 0;
  std::unique_ptr<uint8_t[]> tags;
  std::unique_ptr<uint64_t[]> values;
};

uint64_t load_head(const uint8_t *bytes, uint32_t length) {
  uint64_t word;
  memcpy(&word, bytes, 8);
  return length >= 8 ? word : word & ((uint64_t(1) << (8 * length)) - 1);
}

uint32_t hash_of(const uint8_t *bytes, uint32_t length) {
  uint64_t hash = load_head(bytes, length) ^ (uint64_t(length) * 0x9E3779B97F4A7C15ull);
  for (uint32_t i = 8; i < length; i += 8) {
    hash = (hash ^ (hash >> 29)) * 0xBF58476D1CE4E5B9ull;
    hash ^= load_head(bytes + i, length - i);
  }
  hash = (hash ^ (hash >> 32)) * 0x94D049BB133111EBull;
  return uint32_t(hash >> 32);
}

} // namespace

struct tidemark_json_shredder {
  uint32_t rows_max = 0;
  std::vector<Node> nodes;
  std::vector<Key> keys;

  bool matches(const Key &key, const uint8_t *bytes, uint32_t length, uint64_t head) const {
    return key.length == length && key.head == head &&
           (length <= 8 || memcmp(key.bytes.get() + 8, bytes + 8, length - 8) == 0);
  }

  uint32_t find(const Node &node, const uint8_t *bytes, uint32_t length, uint64_t head) const {
    if (node.table.empty()) return none;
    size_t mask = node.table.size() - 1;
    for (size_t slot = hash_of(bytes, length) & mask;; slot = (slot + 1) & mask) {
      uint32_t key = node.table[slot];
      if (key == none || matches(keys[key], bytes, length, head)) return key;
    }
  }

  void insert(Node &node, uint32_t key) {
    size_t mask = node.table.size() - 1;
    size_t slot = hash_of(keys[key].bytes.get(), keys[key].length) & mask;
    while (node.table[slot] != none) slot = (slot + 1) & mask;
    node.table[slot] = key;
  }

  uint32_t add_node(uint32_t parent) {
    Node node;
    node.parent = parent;
    node.tags.reset(new uint8_t[rows_max]);
    node.values.reset(new uint64_t[rows_max]);
    memset(node.tags.get(), TIDEMARK_TAG_NULL, rows_max);
    nodes.push_back(std::move(node));
    uint32_t index = uint32_t(nodes.size() - 1);
    if (parent != none) nodes[parent].children.push_back(index);
    return index;
  }

  void add_key(uint32_t parent, const uint8_t *bytes, size_t length, uint32_t node) {
    Key key;
    key.bytes.reset(new uint8_t[length + 8]());
    memcpy(key.bytes.get(), bytes, length);
    key.length = uint32_t(length);
    key.head = load_head(key.bytes.get(), key.length);
    key.node = node;
    keys.push_back(std::move(key));
    uint32_t index = uint32_t(keys.size() - 1);
    Node &owner = nodes[parent];
    owner.keys_count++;
    if (owner.table.size() < 2 * size_t(owner.keys_count)) {
      std::vector<uint32_t> old = std::move(owner.table);
      owner.table.assign(old.empty() ? 16 : old.size() * 2, none);
      for (uint32_t entry : old)
        if (entry != none) insert(owner, entry);
    }
    insert(owner, index);
  }

  void clear_below(uint32_t node, uint32_t row) {
    for (uint32_t child : nodes[node].children) {
      nodes[child].tags[row] = TIDEMARK_TAG_NULL;
      clear_below(child, row);
    }
  }

  // Sorts one object into a row. Recursion is as deep as the tree of nodes.
  // Returns the index behind the object, or 0 at an unknown key.
  uint32_t walk(uint32_t parent, const uint64_t *tape, const uint8_t *strings, uint32_t tape_start,
                uint32_t string_start, uint32_t index, uint32_t row,
                tidemark_json_unknown_key *unknown) {
    // The nodes stay where they are: none is added while walking.
    uint32_t *link = &nodes[parent].first;
    index++;
    while (true) {
      uint64_t word = tape[index];
      if (word >> 56 != '"') return index + 1;
      const uint8_t *bytes = strings + (word & payload_mask);
      uint32_t length;
      memcpy(&length, bytes, 4);
      bytes += 4;
      uint64_t head = load_head(bytes, length);
      uint32_t key = *link;
      if (__builtin_expect(key == none || !matches(keys[key], bytes, length, head), 0)) {
        key = find(nodes[parent], bytes, length, head);
        if (key == none) {
          unknown->parent = parent;
          unknown->key_offset = uint32_t(word & payload_mask) + 4 + string_start;
          unknown->key_length = length;
          return 0;
        }
        *link = key;
      }
      link = &keys[key].successor;
      uint32_t child = keys[key].node;
      Node &node = nodes[child];
      if (__builtin_expect(node.tags[row] == TIDEMARK_TAG_OBJECT, 0)) clear_below(child, row);
      index++;
      word = tape[index];
      uint8_t tag;
      uint64_t value;
      switch (word >> 56) {
      case '"': {
        uint64_t offset = (word & payload_mask);
        uint32_t count;
        memcpy(&count, strings + offset, 4);
        tag = TIDEMARK_TAG_STRING;
        value = (offset + 4 + string_start) << 32 | count;
        index++;
        break;
      }
      case 'l': tag = TIDEMARK_TAG_INTEGER; value = tape[index + 1]; index += 2; break;
      case 'u': tag = TIDEMARK_TAG_UNSIGNED; value = tape[index + 1]; index += 2; break;
      case 'd': tag = TIDEMARK_TAG_DOUBLE; value = tape[index + 1]; index += 2; break;
      case 't': tag = TIDEMARK_TAG_BOOLEAN; value = 1; index++; break;
      case 'f': tag = TIDEMARK_TAG_BOOLEAN; value = 0; index++; break;
      case '[':
        tag = TIDEMARK_TAG_ARRAY;
        value = uint64_t(tape_start) << 32 | index;
        index = uint32_t(word);
        break;
      case '{':
        tag = TIDEMARK_TAG_OBJECT;
        value = uint64_t(tape_start) << 32 | index;
        if (node.enters) {
          index = walk(child, tape, strings, tape_start, string_start, index, row, unknown);
          if (index == 0) return 0;
        } else {
          index = uint32_t(word);
        }
        break;
      default: tag = TIDEMARK_TAG_NULL; value = 0; index++; break;
      }
      node.tags[row] = tag;
      node.values[row] = value;
    }
  }
};

extern "C" {

tidemark_json_shredder *tidemark_json_shredder_create(uint32_t rows_max) {
  try {
    auto shredder = std::make_unique<tidemark_json_shredder>();
    shredder->rows_max = rows_max;
    shredder->add_node(none);
    return shredder.release();
  } catch (const std::bad_alloc &) {
    return nullptr;
  }
}

void tidemark_json_shredder_free(tidemark_json_shredder *shredder) { delete shredder; }

uint32_t tidemark_json_shredder_add(tidemark_json_shredder *shredder, uint32_t parent,
                                    const uint8_t *key, size_t key_length) {
  try {
    uint32_t node = shredder->add_node(parent);
    shredder->add_key(parent, key, key_length, node);
    return node;
  } catch (const std::bad_alloc &) {
    return none;
  }
}

int32_t tidemark_json_shredder_alias(tidemark_json_shredder *shredder, uint32_t parent,
                                     const uint8_t *key, size_t key_length, uint32_t node) {
  try {
    shredder->add_key(parent, key, key_length, node);
    return 1;
  } catch (const std::bad_alloc &) {
    return 0;
  }
}

void tidemark_json_shredder_enter(tidemark_json_shredder *shredder, uint32_t node, int32_t enters) {
  shredder->nodes[node].enters = enters != 0;
}

uint8_t *tidemark_json_shredder_tags(tidemark_json_shredder *shredder, uint32_t node) {
  return shredder->nodes[node].tags.get();
}

uint64_t *tidemark_json_shredder_values(tidemark_json_shredder *shredder, uint32_t node) {
  return shredder->nodes[node].values.get();
}

void tidemark_json_shredder_clear(tidemark_json_shredder *shredder, uint32_t rows) {
  for (Node &node : shredder->nodes) memset(node.tags.get(), TIDEMARK_TAG_NULL, rows);
}

int32_t tidemark_json_shredder_object(tidemark_json_shredder *shredder, const uint64_t *tape,
                                      const uint8_t *strings, uint32_t tape_start,
                                      uint32_t string_start, uint32_t index, uint32_t row,
                                      tidemark_json_unknown_key *unknown) {
  uint32_t end = shredder->walk(0, tape + tape_start, strings + string_start, tape_start,
                                string_start, index, row, unknown);
  if (end == 0) {
    shredder->clear_below(0, row);
    return 0;
  }
  return 1;
}

size_t tidemark_json_shredder_records(tidemark_json_shredder *shredder, const uint64_t *tape,
                                      const uint8_t *strings, const tidemark_json_record *records,
                                      size_t count, uint32_t *row,
                                      tidemark_json_unknown_key *unknown, int32_t *is_unknown) {
  *is_unknown = 0;
  for (size_t i = 0; i < count; i++) {
    if (records[i].error) return i;
    if (!tidemark_json_shredder_object(shredder, tape, strings, records[i].tape_start,
                                       records[i].string_start, 1, *row, unknown)) {
      *is_unknown = 1;
      return i;
    }
    (*row)++;
  }
  return count;
}

void tidemark_json_shredder_clear_row(tidemark_json_shredder *shredder, uint32_t row) {
  shredder->clear_below(0, row);
}

void tidemark_json_shredder_drop_row(tidemark_json_shredder *shredder, uint32_t row,
                                     uint32_t rows) {
  for (Node &node : shredder->nodes) {
    memmove(node.tags.get() + row, node.tags.get() + row + 1, rows - row - 1);
    memmove(node.values.get() + row, node.values.get() + row + 1, 8 * size_t(rows - row - 1));
    node.tags[rows - 1] = TIDEMARK_TAG_NULL;
  }
}

uint8_t tidemark_json_tags_union(const uint8_t *tags, size_t count) {
  uint8_t all = 0;
  for (size_t i = 0; i < count; i++) all |= tags[i];
  return all;
}

void tidemark_json_tags_bits(const uint8_t *tags, size_t count, uint8_t mask, uint64_t *words,
                             size_t first) {
  for (size_t i = 0; i < count; i++) {
    size_t bit = first + i;
    words[bit >> 6] |= uint64_t((tags[i] & mask) != 0) << (bit & 63);
  }
}
}
