public import Storage

/// Rows of a file that go into a rewrite: all of them, or those that came with some commits.
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
  ///   - versions: of the stream, whose rows are wanted; all where nil.
  public init(_ file: DataFile, at key: String? = nil, versions: Set<Int>? = nil) {
    self.file = file
    self.key = key ?? file.key
    guard let versions else {
      ranges = [0..<file.rowCount]
      origins = file.origins
      return
    }
    var ranges: [Range<Int>] = []
    var start = 0
    for origin in file.origins {
      let end = start + origin.rowCount
      if versions.contains(origin.version), start < end {
        if let last = ranges.last, last.upperBound == start {
          ranges[ranges.count - 1] = last.lowerBound..<end
        } else {
          ranges.append(start..<end)
        }
      }
      start = end
    }
    self.ranges = ranges
    origins = file.origins.filter { versions.contains($0.version) }
  }

  public var rowCount: Int { ranges.reduce(0) { $0 + $1.count } }

  public var isWhole: Bool { rowCount == file.rowCount }
}

extension [RowOrigin] {
  /// Neighbours of one commit joined into one run.
  func joined() -> [RowOrigin] {
    var result: [RowOrigin] = []
    for origin in self where origin.rowCount > 0 {
      if let last = result.last, last.version == origin.version {
        result[result.count - 1].rowCount += origin.rowCount
      } else {
        result.append(origin)
      }
    }
    return result
  }
}
