/// Numbers by names in bytes, found without allocation.
struct NameTable {
  private struct Entry {
    var hash: UInt64
    var start: Int
    var count: Int
    var value: Int
  }

  private var entries: [Entry] = []
  private var bytes: [UInt8] = []
  /// Places in `entries` and one more, by hash; 0 is free. A power of two, at most half full.
  private var slots = [UInt32](repeating: 0, count: 16)

  var count: Int { entries.count }

  func value(of name: UnsafeBufferPointer<UInt8>) -> Int? {
    let hash = Self.hash(name)
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let entry = entries[Int(slots[slot]) - 1]
      if entry.hash == hash, matches(entry, name) { return entry.value }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  private func matches(_ entry: Entry, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
    guard entry.count == name.count else { return false }
    return bytes.withUnsafeBufferPointer { bytes in
      for index in 0..<entry.count where bytes[entry.start + index] != name[index] { return false }
      return true
    }
  }

  /// - Precondition: the name is not in the table.
  mutating func insert(_ name: UnsafeBufferPointer<UInt8>, _ value: Int) {
    entries.append(
      Entry(hash: Self.hash(name), start: bytes.count, count: name.count, value: value))
    bytes.append(contentsOf: name)
    if entries.count * 2 > slots.count {
      slots = [UInt32](repeating: 0, count: slots.count * 2)
      for index in entries.indices { place(index) }
    } else {
      place(entries.count - 1)
    }
  }

  private mutating func place(_ index: Int) {
    var slot = Int(truncatingIfNeeded: entries[index].hash) & (slots.count - 1)
    while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = UInt32(index + 1)
  }

  /// FNV-1a, its high half folded in.
  private static func hash(_ name: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return hash ^ (hash >> 32)
  }
}
