/// Where a file's bytes come from: an object in a store, a file, memory.
///
/// The module does no input of its own. Ranges asked for lie within 0 ..< byteCount.
public protocol ByteSource: Sendable {
  /// Bytes of the whole file.
  var byteCount: Int { get }

  /// - Returns: exactly the bytes of the range.
  func read(_ range: Range<Int>) throws -> [UInt8]

  /// All bytes, where they lie in memory anyway: then nothing is copied. Nil by default.
  var allBytes: [UInt8]? { get }

  /// What a read costs; that of a local file by default.
  var readCost: ReadCost { get }
}

extension ByteSource {
  public var allBytes: [UInt8]? { nil }
  public var readCost: ReadCost { .local }

  /// The bytes of a range, checked.
  func bytes(_ range: Range<Int>) throws(ParquetError) -> [UInt8] {
    guard range.lowerBound >= 0, range.upperBound <= byteCount else {
      throw ParquetError(
        .truncated, "bytes \(range.lowerBound) to \(range.upperBound) of a file of \(byteCount)",
        at: .init(offset: range.lowerBound))
    }
    let bytes: [UInt8]
    do {
      bytes = try read(range)
    } catch {
      throw ParquetError(
        .transferFailed, "reading \(range.count) bytes failed",
        at: .init(offset: range.lowerBound), cause: error)
    }
    guard bytes.count == range.count else {
      throw ParquetError(
        .transferFailed, "the source gave \(bytes.count) bytes, expected \(range.count)",
        at: .init(offset: range.lowerBound))
    }
    return bytes
  }
}

/// A file in memory.
public struct MemorySource: ByteSource {
  public let bytes: [UInt8]

  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  public var byteCount: Int { bytes.count }
  public var allBytes: [UInt8]? { bytes }

  public func read(_ range: Range<Int>) -> [UInt8] { Array(bytes[range]) }
}
