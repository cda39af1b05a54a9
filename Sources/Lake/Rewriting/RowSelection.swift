public import Storage

/// Rows of a file that go into a rewrite: all of them, those that came with some commits, or what
/// is left when some are taken out.
public struct RowSelection: Hashable, Sendable {
  public let file: DataFile
  /// Where the file lies now.
  public let key: String
  /// Ranges of the file's rows, ascending, neighbours joined.
  public let ranges: [Range<Int>]
  /// Where the selected rows came from, in row order.
  public let origins: [RowOrigin]

  /// - Parameters:
  ///   - key: where the file lies; under its own key where nil.
  ///   - sources: whose rows are wanted; all where nil.
  public init(_ file: DataFile, at key: String? = nil, sources: Set<RowOrigin.Source>? = nil) {
    self.file = file
    self.key = key ?? file.key
    guard let sources else {
      ranges = [0..<file.rowCount]
      origins = file.origins
      return
    }
    var ranges: [Range<Int>] = []
    var start = 0
    for origin in file.origins {
      let end = start + origin.rowCount
      if sources.contains(origin.source), start < end {
        if let last = ranges.last, last.upperBound == start {
          ranges[ranges.count - 1] = last.lowerBound..<end
        } else {
          ranges.append(start..<end)
        }
      }
      start = end
    }
    self.ranges = ranges
    origins = file.origins.filter { sources.contains($0.source) }
  }

  /// What is left of a file.
  /// - Parameters:
  ///   - removed: ranges of its rows, ascending, without overlaps.
  ///   - versions: whose rows lose some in the partition, by `cut`, which their rest then tells.
  public init(
    _ file: DataFile, without removed: [Range<Int>], cutting versions: Set<Int>, by cut: Int
  ) {
    self.file = file
    key = file.key
    var ranges: [Range<Int>] = []
    var start = 0
    for range in removed where !range.isEmpty {
      if start < range.lowerBound { ranges.append(start..<range.lowerBound) }
      start = range.upperBound
    }
    if start < file.rowCount { ranges.append(start..<file.rowCount) }
    self.ranges = ranges

    var origins: [RowOrigin] = []
    var first = 0
    for var origin in file.origins {
      let rows = first..<first + origin.rowCount
      first = rows.upperBound
      origin.rowCount = ranges.reduce(0) { $0 + $1.clamped(to: rows).count }
      if versions.contains(origin.version) { origin.cut = cut }
      if origin.rowCount > 0 { origins.append(origin) }
    }
    self.origins = origins
  }

  public var rowCount: Int { ranges.reduce(0) { $0 + $1.count } }

  public var isWhole: Bool { rowCount == file.rowCount }
}

extension [RowOrigin] {
  /// Neighbours of one source joined into one run.
  func joined() -> [RowOrigin] {
    var result: [RowOrigin] = []
    for origin in self where origin.rowCount > 0 {
      if let last = result.last, last.source == origin.source {
        result[result.count - 1].rowCount += origin.rowCount
      } else {
        result.append(origin)
      }
    }
    return result
  }
}
