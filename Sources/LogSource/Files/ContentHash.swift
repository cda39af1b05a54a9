internal import Base
internal import Kernels

/// Names the bytes of a stretch of a file: how many, and their XXH64.
///
/// - SeeAlso: xxHash's specification, "XXH64 algorithm description".
struct ContentHash: Hashable, Sendable {
  var count: Int
  var hash: UInt64

  /// The most bytes that are hashed.
  static let bytesMax = 1024

  static let empty = ContentHash([])

  init(_ bytes: ArraySlice<UInt8>) {
    count = bytes.count
    hash = XXHash64.hash(bytes.span)
  }

  init(_ bytes: [UInt8]) { self.init(bytes[...]) }

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
