internal import CSimdJSON
internal import Records

/// The values of one column in a chunk of rows, as the shredder left them.
struct JSONSlots {
  let tags: UnsafeMutablePointer<UInt8>
  let values: UnsafeMutablePointer<UInt64>
  let count: Int

  /// The kinds of values that occur.
  var tagsUnion: UInt8 { tidemark_json_tags_union(tags, count) }

  /// Makes the values those of the declared type, which they fit.
  func convert(_ declared: DeclaredColumn, _ chunk: JSONChunk) {
    for row in 0..<count where tags[row] != JSONSlot.null {
      let converted =
        declared.convert(JSONSlot(tag: tags[row], value: values[row]), chunk)
        ?? JSONSlot(tag: JSONSlot.null, value: 0)
      tags[row] = converted.tag
      values[row] = converted.value
    }
  }

  /// A bit for each row that holds `true`.
  var booleans: [Bool] {
    (0..<count).map { tags[$0] == JSONSlot.boolean && values[$0] != 0 }
  }

  /// Appends integers, zeros for other rows.
  func appendIntegers(to output: inout [Int64]) {
    let start = output.count
    values.withMemoryRebound(to: Int64.self, capacity: count) {
      output.append(contentsOf: UnsafeBufferPointer(start: $0, count: count))
    }
    guard tagsUnion != JSONSlot.integer else { return }
    output.withUnsafeMutableBufferPointer { output in
      for row in 0..<count where tags[row] != JSONSlot.integer { output[start + row] = 0 }
    }
  }

  func appendDoubles(to output: inout [Double]) {
    let start = output.count
    output.append(contentsOf: repeatElement(0, count: count))
    output.withUnsafeMutableBufferPointer { output in
      for row in 0..<count {
        switch tags[row] {
        case JSONSlot.double: output[start + row] = Double(bitPattern: values[row])
        case JSONSlot.integer: output[start + row] = Double(Int64(bitPattern: values[row]))
        case JSONSlot.unsigned: output[start + row] = Double(values[row])
        default: break
        }
      }
    }
  }

  func appendDecimals(to output: inout [Int128]) {
    for row in 0..<count {
      switch tags[row] {
      case JSONSlot.integer: output.append(Int128(Int64(bitPattern: values[row])))
      case JSONSlot.unsigned: output.append(Int128(values[row]))
      default: output.append(0)
      }
    }
  }
}

extension ColumnBits {
  /// One for each row whose tag is among `notNull`.
  mutating func append(_ slots: JSONSlots, notNull: UInt8, hasNulls: Bool) {
    if !hasNulls { return append(true, count: slots.count) }
    append(count: slots.count) { words, first in
      tidemark_json_tags_bits(slots.tags, slots.count, notNull, words, first)
    }
  }
}

extension TextViews {
  mutating func append(_ slots: JSONSlots, _ chunk: JSONChunk, nullTags: UInt8, asJSON: Bool) {
    let found = slots.tagsUnion & ~nullTags
    if !asJSON && found == JSONSlot.string { return appendStrings(slots, chunk) }
    for row in 0..<slots.count {
      let slot = JSONSlot(tag: slots.tags[row], value: slots.values[row])
      if slot.tag & nullTags != 0 {
        appendNulls(1)
      } else if asJSON {
        append { slot.appendJSON(chunk, to: &$0) }
      } else {
        append { slot.appendText(chunk, to: &$0) }
      }
    }
  }

  /// Nothing is copied: the views point into the block's strings.
  private mutating func appendStrings(_ slots: JSONSlots, _ chunk: JSONChunk) {
    append(in: chunk.strings, rows: slots.count) { views, buffer in
      var bytes = 0
      for row in 0..<slots.count where slots.tags[row] == JSONSlot.string {
        let value = slots.values[row]
        views[row] = ByteView(
          buffer: buffer, offset: UInt32(truncatingIfNeeded: value >> 32),
          length: UInt32(truncatingIfNeeded: value))
        bytes += Int(value & 0xFFFF_FFFF)
      }
      return bytes
    }
  }
}
