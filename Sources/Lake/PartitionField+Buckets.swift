internal import Base
internal import Records

/// Iceberg's bucket transform: 32-bit Murmur3 of the value's bytes, seed 0, without its sign, modulo
/// the count.
/// - SeeAlso: Iceberg's table spec, "Bucket Transform Details" and "32-bit Hash Requirements".
extension PartitionField {
  static func buckets(of column: Column, count: Int) -> [Int64] {
    hashes(of: column).map { Int64($0 & 0x7FFF_FFFF) % Int64(count) }
  }

  /// The hash of each row; that of a null says nothing.
  static func hashes(of column: Column) -> [UInt32] {
    switch (column.values, column.type) {
    case (.int32(let values), .decimal): values.map { hash(unscaled: Int128($0)) }
    case (.int64(let values), .decimal): values.map { hash(unscaled: Int128($0)) }
    case (.int128(let values), _): values.map { hash(unscaled: $0) }
    case (.int32(let values), .uint32): values.map { hash(Int64(UInt32(bitPattern: $0))) }
    case (.int32(let values), _): values.map { hash(Int64($0)) }
    case (.int64(let values), .timestamp(let unit, _)), (.int64(let values), .time(let unit)):
      values.map { hash(microseconds($0, unit)) }
    case (.int64(let values), _): values.map { hash($0) }
    case (.bytes(let bytes), _): (0..<bytes.count).map { Murmur3.hash(bytes[$0]) }
    case (.fixedBytes(let width, let bytes), _):
      (0..<column.count).map { Murmur3.hash(bytes[$0 * width..<($0 + 1) * width]) }
    default: Array(repeating: 0, count: column.count)
    }
  }

  private static func hash(_ value: Int64) -> UInt32 {
    Murmur3.hash((0..<8).map { UInt8(truncatingIfNeeded: value >> Int64($0 * 8)) }[...])
  }

  /// Of the fewest big-endian bytes that hold the number with its sign.
  private static func hash(unscaled value: Int128) -> UInt32 {
    var bytes = (0..<16).reversed().map { UInt8(truncatingIfNeeded: value >> Int128($0 * 8)) }[...]
    while bytes.count > 1, let first = bytes.first {
      let isNextNegative = bytes[bytes.startIndex + 1] & 0x80 != 0
      guard first == (isNextNegative ? 0xFF : 0) else { break }
      bytes.removeFirst()
    }
    return Murmur3.hash(bytes)
  }

  private static func microseconds(_ value: Int64, _ unit: TimeUnit) -> Int64 {
    switch unit {
    case .milliseconds: value &* 1000
    case .microseconds: value
    case .nanoseconds: value.floorDivided(by: 1000)
    }
  }
}

/// MurmurHash3, x86, 32 bits, seed 0.
enum Murmur3 {
  static func hash(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var hash: UInt32 = 0
    var index = bytes.startIndex
    while bytes.endIndex - index >= 4 {
      hash ^= mixed(word(bytes[index..<index + 4]))
      hash = (hash << 13 | hash >> 19) &* 5 &+ 0xE654_6B64
      index += 4
    }
    if index < bytes.endIndex { hash ^= mixed(word(bytes[index...])) }
    hash ^= UInt32(truncatingIfNeeded: bytes.count)
    hash = (hash ^ hash >> 16) &* 0x85EB_CA6B
    hash = (hash ^ hash >> 13) &* 0xC2B2_AE35
    return hash ^ hash >> 16
  }

  private static func word(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static func mixed(_ word: UInt32) -> UInt32 {
    let product = word &* 0xCC9E_2D51
    return (product << 15 | product >> 17) &* 0x1B87_3593
  }
}
