internal import Kernels

/// The bloom filter of a column chunk: tells for certain that a value is not in it.
public struct BloomFilter: Sendable {
  private let bits: [UInt8]

  init(bits: [UInt8]) { self.bits = bits }

  /// Parses a header and the bits behind it.
  /// - Throws: `.corrupt`, `.truncated`, `.unsupported` for filters of other kinds.
  public init(parsing bytes: [UInt8]) throws(ParquetError) {
    var reader = ThriftReader(bytes)
    let header = try BloomFilterHeader(from: &reader)
    guard Int(header.byteCount) <= bytes.count - reader.position else {
      throw ParquetError(
        .truncated,
        "a bloom filter of \(header.byteCount) bytes, \(bytes.count - reader.position) are "
          + "there")
    }
    bits = Array(bytes[reader.position..<reader.position + Int(header.byteCount)])
  }

  /// - Parameter value: in PLAIN encoding, without the length of byte arrays.
  /// - Returns: false where the chunk certainly has no such value.
  public func mayContain(_ value: [UInt8]) -> Bool {
    SplitBlockBloom.mayContain(XXHash64.hash(value.span), bits: bits.span)
  }
}

extension ParquetFile {
  /// Bytes read at first where the footer does not say how long a filter is: its header fits.
  private static let bloomHeaderByteCountMax = 256

  /// The bloom filter of a column chunk; nil where it has none.
  public func bloomFilter(rowGroup: Int, leaf: LeafColumn) throws(ParquetError) -> BloomFilter? {
    do throws(ParquetError) {
      let chunk = try self.chunk(rowGroup: rowGroup, leaf: leaf)
      guard let offset = chunk.bloomFilterOffset else { return nil }
      guard offset >= 4, offset < footerOffset, let start = Int(exactly: offset) else {
        throw ParquetError(
          .corrupt, "a bloom filter at \(offset), the data end at \(footerOffset)")
      }
      let left = footerOffset - start
      if let cipher = try cipher(rowGroup: rowGroup, leaf: leaf) {
        return try bloomFilter(encryptedAt: start, cipher)
      }
      let expected = max(Self.bloomHeaderByteCountMax, Int(chunk.bloomFilterLength ?? 0))
      let head = try source.bytes(
        start..<start + min(left, expected, options.memoryByteCountMax / 8))
      var reader = ThriftReader(head)
      let header = try BloomFilterHeader(from: &reader)
      let byteCount = reader.position + Int(header.byteCount)
      guard byteCount <= left else {
        throw ParquetError(
          .corrupt, "a bloom filter of \(header.byteCount) bytes, the data end in \(left)")
      }
      guard byteCount <= options.memoryByteCountMax / 8 else {
        throw ParquetError(
          .limitExceeded,
          "a bloom filter of \(byteCount) bytes, more than an eighth of the memory budget")
      }
      return try BloomFilter(
        parsing: byteCount <= head.count ? head : source.bytes(start..<start + byteCount))
    } catch {
      throw error.at(rowGroup: rowGroup, column: leaf.name)
    }
  }
}

extension OrderedValue {
  /// The value in PLAIN encoding, as bloom filters hash it; nil where several encodings compare
  /// equal, so that a filter proves nothing.
  func plainBytes(_ leaf: LeafColumn) -> [UInt8]? {
    func littleEndian(_ bits: UInt64, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: bits >> UInt64(8 * $0)) }
    }
    switch (self, leaf.primitiveType) {
    case (.integer(let number), .int32):
      return littleEndian(UInt64(truncatingIfNeeded: number), 4)
    case (.integer(let number), .int64):
      return littleEndian(UInt64(truncatingIfNeeded: number), 8)
    case (.integer(let number), .fixedLengthByteArray):
      return (0..<leaf.typeLength).reversed().map {
        UInt8(truncatingIfNeeded: number >> Int128(8 * $0))
      }
    case (.double(let number), .double) where number != 0:
      return littleEndian(number.bitPattern, 8)
    case (.double(let number), .float) where number != 0:
      return littleEndian(UInt64(Float(number).bitPattern), 4)
    case (.bytes(let bytes), .byteArray), (.bytes(let bytes), .fixedLengthByteArray):
      return Array(bytes)
    default: return nil
    }
  }
}
