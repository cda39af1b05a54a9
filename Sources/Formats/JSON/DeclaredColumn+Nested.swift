internal import Records

/// Whether what lies in arrays and objects is of the declared type.
extension DeclaredColumn {
  /// Whether the value, and all that lies in it, fits. Recursion is as deep as the type.
  func holds(_ slot: JSONSlot, _ chunk: JSONChunk) -> Bool {
    switch field.type {
    case .list:
      guard slot.tag == JSONSlot.array, let element = inner.first else { return false }
      var items = JSONItems(slot, chunk)
      while let item = items.next() {
        if item.tag != JSONSlot.null, !element.holds(item, chunk) { return false }
      }
      return true
    case .structure: return slot.tag == JSONSlot.object && holdsMembers(slot, chunk)
    default: return convert(slot, chunk) != nil
    }
  }

  /// Of members with the same key the last counts, as when they are taken.
  private func holdsMembers(_ slot: JSONSlot, _ chunk: JSONChunk) -> Bool {
    var found = [JSONSlot](repeating: JSONSlot(tag: JSONSlot.null, value: 0), count: inner.count)
    var items = JSONItems(slot, chunk)
    var expected = 0
    while let key = items.next(), let item = items.next() {
      let place = place(of: key.stringBytes(chunk), expected: expected)
      guard let place else { continue }
      found[place] = item
      expected = place + 1
    }
    for (column, item) in zip(inner, found) where item.tag != JSONSlot.null {
      if !column.holds(item, chunk) { return false }
    }
    return true
  }

  /// - Parameter expected: the place that the key mostly has.
  private func place(of key: ArraySlice<UInt8>, expected: Int) -> Int? {
    if expected < inner.count, key.elementsEqual(inner[expected].field.name.utf8) {
      return expected
    }
    let folded = foldedName(String(decoding: key, as: UTF8.self))
    return inner.firstIndex { foldedName($0.field.name) == folded }
  }
}

/// The values in an array, or the keys and values of an object, one after the other.
struct JSONItems {
  private let chunk: JSONChunk
  private let tapeStart: Int
  private let stringStart: Int
  private var index: Int
  private let end: Int

  init(_ container: JSONSlot, _ chunk: JSONChunk) {
    self.chunk = chunk
    tapeStart = Int(container.value >> 32)
    stringStart = chunk.stringStart(tapeStart)
    index = tapeStart + Int(container.value & 0xFFFF_FFFF)
    end = tapeStart + Int(chunk.words[index] & 0xFFFF_FFFF) - 1
    index += 1
  }

  mutating func next() -> JSONSlot? {
    guard index < end else { return nil }
    let word = chunk.words[index]
    let start = index
    index += 1
    switch UInt8(truncatingIfNeeded: word >> 56) {
    case UInt8(ascii: "\""):
      let place = stringStart + Int(word & 0x00FF_FFFF_FFFF_FFFF)
      var length: UInt64 = 0
      for byte in (0..<4).reversed() {
        length = length << 8 | UInt64(chunk.strings[place + byte])
      }
      return JSONSlot(tag: JSONSlot.string, value: UInt64(place + 4) << 32 | length)
    case UInt8(ascii: "l"): return number(JSONSlot.integer)
    case UInt8(ascii: "u"): return number(JSONSlot.unsigned)
    case UInt8(ascii: "d"): return number(JSONSlot.double)
    case UInt8(ascii: "t"): return JSONSlot(tag: JSONSlot.boolean, value: 1)
    case UInt8(ascii: "f"): return JSONSlot(tag: JSONSlot.boolean, value: 0)
    case UInt8(ascii: "{"): return container(JSONSlot.object, word, start)
    case UInt8(ascii: "["): return container(JSONSlot.array, word, start)
    default: return JSONSlot(tag: JSONSlot.null, value: 0)
    }
  }

  private mutating func number(_ tag: UInt8) -> JSONSlot {
    index += 1
    return JSONSlot(tag: tag, value: chunk.words[index - 1])
  }

  private mutating func container(_ tag: UInt8, _ word: UInt64, _ start: Int) -> JSONSlot {
    index = tapeStart + Int(word & 0xFFFF_FFFF)
    return JSONSlot(tag: tag, value: UInt64(tapeStart) << 32 | UInt64(start - tapeStart))
  }
}
