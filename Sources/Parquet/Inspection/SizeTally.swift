internal import Records

/// What pages were found to hold, in the terms of size statistics.
struct SizeTally {
  /// How often each level occurs, from 0 to the maximum.
  private(set) var repetition: [Int64]
  private(set) var definition: [Int64]
  /// Bytes of BYTE_ARRAY values; nil where the values are read as something else.
  private(set) var byteArrayBytes: Int64? = 0

  init(_ leaf: LeafColumn) {
    repetition = [Int64](repeating: 0, count: leaf.maxRepetitionLevel + 1)
    definition = [Int64](repeating: 0, count: leaf.maxDefinitionLevel + 1)
  }

  /// - Parameter entryCount: level entries; where a maximum is 0 there are no levels.
  init(
    _ leaf: LeafColumn, repetition: [UInt8], definition: [UInt8], entryCount: Int,
    values: Column.Values
  ) {
    self.init(leaf)
    Self.count(repetition, entryCount, into: &self.repetition)
    Self.count(definition, entryCount, into: &self.definition)
    guard leaf.primitiveType == .byteArray, case .bytes(let column) = values else {
      byteArrayBytes = nil
      return
    }
    byteArrayBytes = column.views.reduce(Int64(0)) { $0 + Int64($1.length) }
  }

  private static func count(_ levels: [UInt8], _ entryCount: Int, into histogram: inout [Int64]) {
    guard histogram.count > 1 else {
      histogram[0] = Int64(entryCount)
      return
    }
    for level in levels where Int(level) < histogram.count { histogram[Int(level)] += 1 }
  }

  mutating func add(_ other: SizeTally) {
    for level in repetition.indices { repetition[level] += other.repetition[level] }
    for level in definition.indices { definition[level] += other.definition[level] }
    byteArrayBytes = byteArrayBytes.flatMap { mine in other.byteArrayBytes.map { mine + $0 } }
  }

  /// What of a chunk's size statistics is not so.
  func problems(_ statistics: SizeStatistics) -> [String] {
    var problems: [String] = []
    if let claimed = statistics.unencodedByteArrayBytes, let byteArrayBytes,
      claimed != byteArrayBytes
    {
      problems.append("the size statistics say \(claimed) bytes of values, found \(byteArrayBytes)")
    }
    if let claimed = statistics.repetitionLevelHistogram, !claimed.isEmpty, claimed != repetition {
      problems.append("the size statistics have repetition levels \(claimed), found \(repetition)")
    }
    if let claimed = statistics.definitionLevelHistogram, !claimed.isEmpty, claimed != definition {
      problems.append("the size statistics have definition levels \(claimed), found \(definition)")
    }
    return problems
  }

  /// What of a page's part in a column index is not so.
  func problems(_ index: ColumnIndex, page: Int) -> [String] {
    var problems: [String] = []
    func compare(_ histograms: [Int64]?, _ found: [Int64], _ name: String) {
      guard let histograms, found.count > 1, histograms.count >= (page + 1) * found.count else {
        return
      }
      let claimed = Array(histograms[page * found.count..<(page + 1) * found.count])
      guard claimed != found else { return }
      problems.append(
        "the column index has \(name) levels \(claimed) in page \(page), found \(found)")
    }
    compare(index.repetitionLevelHistograms, repetition, "repetition")
    compare(index.definitionLevelHistograms, definition, "definition")
    return problems
  }
}
