internal import Base

/// Names the bytes of a stretch of a file: how many, and their FNV-1a hash of 64 bits.
///
/// - SeeAlso: Fowler, Noll, Vo; draft-eastlake-fnv.
struct ContentHash: Hashable, Sendable {
  var count: Int
  var hash: UInt64

  /// The most bytes that are hashed.
  static let bytesMax = 1024

  static let empty = ContentHash([])

  init(_ bytes: some Sequence<UInt8>) {
    count = 0
    hash = 0xCBF2_9CE4_8422_2325
    for byte in bytes {
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
      count += 1
    }
  }

  var json: JSONValue { .array([.init(count), .string(String(hash, radix: 16))]) }

  init?(json: JSONValue?) {
    guard let parts = json?.array, parts.count == 2,
      let count = parts[0].integer.flatMap({ Int(exactly: $0) }), count >= 0,
      let hash = parts[1].string.flatMap({ UInt64($0, radix: 16) })
    else { return nil }
    self.count = count
    self.hash = hash
  }
}
