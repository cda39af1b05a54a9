/// The names that objects of a variant refer to by number.
///
///     header: version 1 in 4 bits, sorted in 1, size of offsets − 1 in the top 2
///     count | count + 1 offsets | names
struct VariantMetadata {
  private let bytes: ArraySlice<UInt8>
  private let offsetSize: Int
  private let namesStart: Int
  let count: Int
  let byteCount: Int

  init(_ bytes: ArraySlice<UInt8>) throws(ParquetError) {
    guard let header = bytes.first else { throw Self.corrupt("metadata without a header") }
    guard header & 0x0F == 1 else {
      throw ParquetError(.unsupported, "variant metadata of version \(header & 0x0F)")
    }
    self.bytes = bytes
    offsetSize = Int(header >> 6) + 1
    count = try bytes.variantInteger(at: bytes.startIndex + 1, size: offsetSize)
    let tableCount = (count + 1) * offsetSize
    namesStart = bytes.startIndex + 1 + offsetSize + tableCount
    guard namesStart <= bytes.endIndex else {
      throw Self.corrupt("\(count) names in metadata of \(bytes.count) bytes")
    }
    let end = try bytes.variantInteger(
      at: bytes.startIndex + 1 + offsetSize + count * offsetSize, size: offsetSize)
    guard end <= bytes.endIndex - namesStart else {
      throw Self.corrupt("names of \(end) bytes, \(bytes.endIndex - namesStart) are there")
    }
    byteCount = namesStart - bytes.startIndex + end
  }

  /// The name of a number.
  func name(_ index: Int) throws(ParquetError) -> String {
    guard index < count else { throw Self.corrupt("name \(index) of \(count)") }
    let table = bytes.startIndex + 1 + offsetSize
    let start = try bytes.variantInteger(at: table + index * offsetSize, size: offsetSize)
    let end = try bytes.variantInteger(at: table + (index + 1) * offsetSize, size: offsetSize)
    guard start <= end, end <= bytes.endIndex - namesStart,
      let name = String(validating: bytes[namesStart + start..<namesStart + end], as: UTF8.self)
    else { throw Self.corrupt("name \(index) is no text") }
    return name
  }

  static func corrupt(_ message: String) -> ParquetError {
    ParquetError(.corrupt, "variant: \(message)")
  }
}

extension ArraySlice<UInt8> {
  /// An unsigned little-endian integer of 1 to 4 bytes.
  func variantInteger(at index: Int, size: Int) throws(ParquetError) -> Int {
    guard index >= startIndex, size <= endIndex - index else {
      throw VariantMetadata.corrupt("the bytes end within a number")
    }
    var value = 0
    for place in 0..<size { value |= Int(self[index + place]) << (8 * place) }
    return value
  }
}
