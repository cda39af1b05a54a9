/// A source of which some ranges were read already.
struct PrefetchedSource: ByteSource {
  private let base: any ByteSource
  /// Ascending.
  private var pieces: [(range: Range<Int>, bytes: [UInt8])] = []

  /// Reads ranges, near ones together.
  /// - Parameter byteCountMax: ranges beyond this are read when they are asked for.
  init(
    _ base: any ByteSource, _ ranges: [Range<Int>], byteCountMax: Int
  ) throws(ParquetError) {
    self.base = base
    let sorted = ranges.sorted { $0.lowerBound < $1.lowerBound }
    var byteCount = 0
    for range in ReadPlan.joined(sorted, gapMax: base.readCost.gapByteCountMax) {
      byteCount += range.count
      guard byteCount <= byteCountMax else { break }
      pieces.append((range, try base.bytes(range)))
    }
  }

  var byteCount: Int { base.byteCount }
  var readCost: ReadCost { base.readCost }

  func read(_ range: Range<Int>) throws -> [UInt8] {
    let piece = pieces.first {
      $0.range.lowerBound <= range.lowerBound && range.upperBound <= $0.range.upperBound
    }
    guard let piece else { return try base.read(range) }
    let start = range.lowerBound - piece.range.lowerBound
    return Array(piece.bytes[start..<start + range.count])
  }
}
