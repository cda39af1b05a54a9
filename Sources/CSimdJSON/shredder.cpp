// Sorts the members of JSON objects into columns, one slot a row.
//
// Objects of one stream mostly have the same keys in the same order: every node remembers which
// key came behind its own the last time, so that the usual lookup is one comparison.
//
// The elements of arrays have nodes of their own, whose slots are filled later, some at a time.
// When a row is sorted, its arrays are only surveyed: that all their keys have nodes, and how many
// slots they will need. So a row can still be refused, and no array takes memory for its slots.

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
  tidemark_json_arrays arrays = TIDEMARK_ARRAYS_ASKED;
  uint32_t element = none;     // the node of the elements of its arrays
  // The nodes of one array's elements are a domain, known by the node of the elements themselves;
  // those of the rows are another, that of node 0.
  uint32_t domain = 0;
  uint32_t domain_nodes = 0;   // in the domain that begins here
  uint64_t row_elements = 0;   // of the domain that begins here, in the row at hand
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

bool is_number(uint64_t word) {
  uint8_t kind = uint8_t(word >> 56);
  return kind == 'l' || kind == 'u' || kind == 'd';
}

// A container that is being surveyed.
struct Frame {
  uint32_t node;   // an object's own; that of an array's elements
  uint32_t index;  // of the next key or element
  uint32_t end;    // of the closing bracket
  uint32_t key;    // the last key of an object
  bool is_object;
};

} // namespace

struct tidemark_json_shredder {
  uint32_t rows_max = 0;
  uint64_t row_slots_max = 0;
  std::vector<Node> nodes;
  std::vector<Key> keys;

  // What is known of the arrays of the row at hand, where it has any.
  bool has_arrays = false;
  std::vector<Frame> frames;      // the way to where the survey stopped; none where it is through
  uint32_t surveyed = 0;          // arrays that begin before this index are
  std::vector<uint32_t> domains;  // whose row_elements are not 0
  uint64_t pending_slots = 0;     // that the elements of the rows need

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

  // - begins_domain: whether the node is that of a parent's elements, or the root.
  uint32_t add_node(uint32_t parent, bool begins_domain) {
    uint32_t index = uint32_t(nodes.size());
    Node node;
    node.parent = parent;
    node.domain = begins_domain ? index : nodes[parent].domain;
    node.tags.reset(new uint8_t[rows_max]);
    node.values.reset(new uint64_t[rows_max]);
    memset(node.tags.get(), TIDEMARK_TAG_NULL, rows_max);
    nodes.push_back(std::move(node));
    nodes[nodes[index].domain].domain_nodes++;
    if (!begins_domain) nodes[parent].children.push_back(index);
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

  // Makes the first slots null, of the node and of those below it in its domain.
  void clear_rows(uint32_t node, uint32_t rows) {
    memset(nodes[node].tags.get(), TIDEMARK_TAG_NULL, rows);
    for (uint32_t child : nodes[node].children) clear_rows(child, rows);
  }

  bool stop(tidemark_json_stop *where, tidemark_json_stop_reason reason, uint32_t node) const {
    where->reason = reason;
    where->node = node;
    return false;
  }

  bool stop_at_key(tidemark_json_stop *where, uint32_t parent, uint64_t word, uint32_t length,
                   uint32_t string_start) const {
    where->key_offset = uint32_t(word & payload_mask) + 4 + string_start;
    where->key_length = length;
    return stop(where, TIDEMARK_STOP_KEY, parent);
  }

  void enter_array(uint32_t element, uint64_t word, uint32_t index) {
    // simdjson counts up to 2^24 - 1 elements; that many need more slots than any row may.
    uint64_t count = word >> 32 & 0xFFFFFF;
    has_arrays = true;
    if (nodes[element].row_elements == 0 && count > 0) domains.push_back(element);
    nodes[element].row_elements += count;
    frames.push_back({element, index + 1, uint32_t(word) - 1, none, false});
  }

  // Goes through the array at `index`, whose node is entered, or on from where it stopped last.
  // Neither recurses nor begins again, so that an array of new keys takes no more than its time.
  bool survey(uint32_t element, const uint64_t *tape, const uint8_t *strings,
              uint32_t string_start, uint32_t index, tidemark_json_stop *where) {
    if (index < surveyed) return true;
    if (frames.empty()) enter_array(element, tape[index], index);
    while (!frames.empty()) {
      Frame &frame = frames.back();
      if (frame.is_object && !nodes[frame.node].enters) {
        // Not any more, since it stopped.
        frames.pop_back();
        continue;
      }
      if (!frame.is_object) {
        while (frame.index < frame.end) {
          uint8_t kind = uint8_t(tape[frame.index] >> 56);
          if (kind == '[' || kind == '{') break;
          frame.index += is_number(tape[frame.index]) ? 2 : 1;
        }
      }
      if (frame.index >= frame.end) {
        frames.pop_back();
        continue;
      }
      uint32_t node = frame.node;
      uint32_t value = frame.index;
      if (frame.is_object) {
        uint64_t word = tape[value++];
        const uint8_t *bytes = strings + (word & payload_mask);
        uint32_t length;
        memcpy(&length, bytes, 4);
        bytes += 4;
        uint64_t head = load_head(bytes, length);
        uint32_t *link =
            frame.key == none ? &nodes[frame.node].first : &keys[frame.key].successor;
        uint32_t key = *link;
        if (key == none || !matches(keys[key], bytes, length, head)) {
          key = find(nodes[frame.node], bytes, length, head);
          if (key == none) return stop_at_key(where, frame.node, word, length, string_start);
          *link = key;
        }
        frame.key = key;
        node = keys[key].node;
      }
      uint64_t word = tape[value];
      uint8_t kind = uint8_t(word >> 56);
      if (kind == '[') {
        if (nodes[node].arrays == TIDEMARK_ARRAYS_ASKED)
          return stop(where, TIDEMARK_STOP_ARRAY, node);
        frame.index = uint32_t(word);
        if (nodes[node].arrays == TIDEMARK_ARRAYS_ENTERED)
          enter_array(nodes[node].element, word, value);
      } else if (kind == '{') {
        frame.index = uint32_t(word);
        if (nodes[node].enters)
          frames.push_back({node, value + 1, uint32_t(word) - 1, none, true});
      } else {
        frame.index = value + (is_number(word) ? 2 : 1);
      }
    }
    surveyed = index + 1;
    return true;
  }

  void forget_survey() {
    has_arrays = false;
    frames.clear();
    surveyed = 0;
    for (uint32_t domain : domains) nodes[domain].row_elements = 0;
    domains.clear();
  }

  // Slots that the elements of the row at hand need.
  uint64_t row_slots() const {
    uint64_t slots = 0;
    for (uint32_t domain : domains)
      slots += nodes[domain].row_elements * nodes[domain].domain_nodes;
    return slots;
  }

  // Sorts the value at `index` into a slot. Returns the index behind it, or 0 where it stopped.
  // - surveys: whether arrays are looked into, which they have been where elements are sorted.
  template <bool surveys>
  __attribute__((always_inline)) uint32_t
  place(uint32_t child, const uint64_t *tape, const uint8_t *strings, uint32_t tape_start,
        uint32_t string_start, uint32_t index, uint32_t row, tidemark_json_stop *where) {
    Node &node = nodes[child];
    uint64_t word = tape[index];
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
      if (surveys && node.arrays != TIDEMARK_ARRAYS_SKIPPED) {
        if (node.arrays == TIDEMARK_ARRAYS_ASKED) return stop(where, TIDEMARK_STOP_ARRAY, child);
        if (!survey(node.element, tape, strings, string_start, index, where)) return 0;
      }
      index = uint32_t(word);
      break;
    case '{':
      tag = TIDEMARK_TAG_OBJECT;
      value = uint64_t(tape_start) << 32 | index;
      if (node.enters) {
        index = walk<surveys>(child, tape, strings, tape_start, string_start, index, row, where);
        if (index == 0) return 0;
      } else {
        index = uint32_t(word);
      }
      break;
    default: tag = TIDEMARK_TAG_NULL; value = 0; index++; break;
    }
    node.tags[row] = tag;
    node.values[row] = value;
    return index;
  }

  // Sorts one object into a row. Recursion is as deep as the tree of nodes.
  // Returns the index behind the object, or 0 where it stopped.
  template <bool surveys>
  uint32_t walk(uint32_t parent, const uint64_t *tape, const uint8_t *strings, uint32_t tape_start,
                uint32_t string_start, uint32_t index, uint32_t row, tidemark_json_stop *where) {
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
        if (key == none) return stop_at_key(where, parent, word, length, string_start);
        *link = key;
      }
      link = &keys[key].successor;
      uint32_t child = keys[key].node;
      if (__builtin_expect(nodes[child].tags[row] == TIDEMARK_TAG_OBJECT, 0))
        clear_below(child, row);
      index = place<surveys>(child, tape, strings, tape_start, string_start, index + 1, row, where);
      if (__builtin_expect(index == 0, 0)) return 0;
    }
  }
};

extern "C" {

tidemark_json_shredder *tidemark_json_shredder_create(uint32_t rows_max, uint64_t row_slots_max) {
  try {
    auto shredder = std::make_unique<tidemark_json_shredder>();
    shredder->rows_max = rows_max;
    shredder->row_slots_max = row_slots_max;
    shredder->add_node(none, true);
    return shredder.release();
  } catch (const std::bad_alloc &) {
    return nullptr;
  }
}

void tidemark_json_shredder_free(tidemark_json_shredder *shredder) { delete shredder; }

uint32_t tidemark_json_shredder_add(tidemark_json_shredder *shredder, uint32_t parent,
                                    const uint8_t *key, size_t key_length) {
  try {
    uint32_t node = shredder->add_node(parent, false);
    shredder->add_key(parent, key, key_length, node);
    return node;
  } catch (const std::bad_alloc &) {
    return none;
  }
}

uint32_t tidemark_json_shredder_add_element(tidemark_json_shredder *shredder, uint32_t parent) {
  try {
    uint32_t node = shredder->add_node(parent, true);
    shredder->nodes[parent].element = node;
    shredder->nodes[parent].arrays = TIDEMARK_ARRAYS_ENTERED;
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

void tidemark_json_shredder_skip(tidemark_json_shredder *shredder, uint32_t node) {
  shredder->nodes[node].enters = false;
  shredder->nodes[node].arrays = TIDEMARK_ARRAYS_SKIPPED;
}

void tidemark_json_shredder_skip_arrays(tidemark_json_shredder *shredder, uint32_t node) {
  shredder->nodes[node].arrays = TIDEMARK_ARRAYS_SKIPPED;
}

uint8_t *tidemark_json_shredder_tags(tidemark_json_shredder *shredder, uint32_t node) {
  return shredder->nodes[node].tags.get();
}

uint64_t *tidemark_json_shredder_values(tidemark_json_shredder *shredder, uint32_t node) {
  return shredder->nodes[node].values.get();
}

void tidemark_json_shredder_clear(tidemark_json_shredder *shredder, uint32_t node, uint32_t rows) {
  shredder->clear_rows(node, rows);
  if (node == 0) shredder->pending_slots = 0;
}

uint64_t tidemark_json_shredder_pending_slots(const tidemark_json_shredder *shredder) {
  return shredder->pending_slots;
}

int32_t tidemark_json_shredder_object(tidemark_json_shredder *shredder, const uint64_t *tape,
                                      const uint8_t *strings, uint32_t tape_start,
                                      uint32_t string_start, uint32_t index, uint32_t row,
                                      int32_t goes_on, tidemark_json_stop *where) {
  try {
    if (__builtin_expect(shredder->has_arrays && !goes_on, 0)) shredder->forget_survey();
    uint32_t end = shredder->walk<true>(0, tape + tape_start, strings + string_start, tape_start,
                                        string_start, index, row, where);
    if (__builtin_expect(end == 0, 0)) {
      shredder->clear_below(0, row);
      return 0;
    }
  } catch (const std::bad_alloc &) {
    shredder->clear_below(0, row);
    return shredder->stop(where, TIDEMARK_STOP_MEMORY, 0);
  }
  if (__builtin_expect(shredder->has_arrays, 0)) {
    uint64_t slots = shredder->row_slots();
    shredder->forget_survey();
    if (slots > shredder->row_slots_max) {
      shredder->clear_below(0, row);
      return shredder->stop(where, TIDEMARK_STOP_LARGE, 0);
    }
    shredder->pending_slots += slots;
  }
  return 1;
}

size_t tidemark_json_shredder_records(tidemark_json_shredder *shredder, const uint64_t *tape,
                                      const uint8_t *strings, const tidemark_json_record *records,
                                      size_t count, uint64_t slots_max, int32_t goes_on,
                                      uint32_t *row, tidemark_json_stop *where) {
  where->reason = TIDEMARK_STOP_NONE;
  for (size_t i = 0; i < count; i++) {
    if (records[i].error) return i;
    if (!tidemark_json_shredder_object(shredder, tape, strings, records[i].tape_start,
                                       records[i].string_start, 1, *row, goes_on, where))
      return i;
    goes_on = 0;
    (*row)++;
    if (__builtin_expect(shredder->pending_slots >= slots_max, 0)) {
      shredder->stop(where, TIDEMARK_STOP_FULL, 0);
      return i + 1;
    }
  }
  return count;
}

uint32_t tidemark_json_shredder_elements(tidemark_json_shredder *shredder, uint32_t node,
                                         const uint64_t *tape, const uint8_t *strings,
                                         uint32_t rows, tidemark_json_elements *position,
                                         int32_t *ends) {
  const Node &list = shredder->nodes[node];
  uint32_t element = list.element;
  uint32_t filled = 0;
  while (position->row < rows) {
    uint32_t row = position->row;
    if (list.tags[row] == TIDEMARK_TAG_ARRAY) {
      uint32_t tape_start = uint32_t(list.values[row] >> 32);
      const uint64_t *document = tape + tape_start;
      // The closing root says where the strings begin.
      uint32_t string_start =
          uint32_t(document[(document[0] & payload_mask) - 1] & payload_mask);
      uint32_t start = uint32_t(list.values[row]);
      uint32_t index = position->index ? position->index : start + 1;
      uint32_t end = uint32_t(document[start]) - 1;
      while (index < end && filled < shredder->rows_max) {
        // No key is unknown: the survey has been here.
        tidemark_json_stop where;
        uint32_t next =
            shredder->place<false>(element, document, strings + string_start, tape_start,
                                   string_start, index, filled, &where);
        index = next ? next : end;
        filled++;
      }
      if (index < end) {
        position->index = index;
        position->count = position->count + filled;
        return filled;
      }
      position->index = 0;
    }
    ends[row] = int32_t(position->count + filled);
    position->row++;
  }
  position->count += filled;
  return filled;
}

void tidemark_json_shredder_clear_row(tidemark_json_shredder *shredder, uint32_t row) {
  shredder->clear_below(0, row);
}

void tidemark_json_shredder_drop_row(tidemark_json_shredder *shredder, uint32_t row,
                                     uint32_t rows) {
  for (Node &node : shredder->nodes) {
    if (node.domain != 0) continue;
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
