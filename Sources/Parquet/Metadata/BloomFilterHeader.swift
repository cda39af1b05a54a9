/// What stands before the bits of a bloom filter: a split-block filter of XXH64 hashes,
/// uncompressed, which is all that the format has.
public struct BloomFilterHeader: Hashable, Sendable {
  public var byteCount: Int32

  public init(byteCount: Int32) { self.byteCount = byteCount }
}

extension BloomFilterHeader: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var id = 0
    var byteCount: Int32?
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1: byteCount = try reader.int32(field)
      case 2, 3, 4:
        guard field.type == .structure else {
          throw reader.corrupt("field \(field.id) is no union")
        }
        var choice = 0
        while let inner = try reader.nextField(after: &choice) {
          guard inner.id == 1 else {
            throw ParquetError(
              .unsupported, "a bloom filter of a kind that is not known",
              at: .init(offset: reader.position))
          }
          try reader.skip(inner)
        }
      default: try reader.skip(field)
      }
    }
    self.byteCount = try reader.require(byteCount, "BloomFilterHeader.numBytes")
    guard self.byteCount > 0, self.byteCount % 32 == 0 else {
      throw reader.corrupt("a bloom filter of \(self.byteCount) bytes, not a multiple of 32")
    }
  }

  func write(to writer: inout ThriftWriter) {
    writer.int32(1, byteCount)
    for union in 2...4 { writer.structure(union) { $0.emptyStructure(1) } }
    writer.stop()
  }
}
