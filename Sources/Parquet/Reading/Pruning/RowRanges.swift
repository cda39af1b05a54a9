/// Rows of a row group: ranges in ascending order that neither overlap nor touch.
struct RowRanges: Equatable {
  private(set) var ranges: [Range<Int>] = []

  init() {}

  init(_ range: Range<Int>) { append(range) }

  var count: Int { ranges.reduce(0) { $0 + $1.count } }
  var isEmpty: Bool { ranges.isEmpty }

  /// - Precondition: the range begins at or behind the end of the last one.
  mutating func append(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    if let last = ranges.last, last.upperBound == range.lowerBound {
      ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
    } else {
      ranges.append(range)
    }
  }

  /// Complexity: O(both counts).
  func intersection(_ other: RowRanges) -> RowRanges {
    var result = RowRanges()
    var mine = ranges[...]
    var theirs = other.ranges[...]
    while let a = mine.first, let b = theirs.first {
      result.append(a.clamped(to: b))
      if a.upperBound <= b.upperBound { mine.removeFirst() } else { theirs.removeFirst() }
    }
    return result
  }

  /// Takes the first `countMax` rows away and returns them.
  mutating func takeFirst(_ countMax: Int) -> [Range<Int>] {
    var taken: [Range<Int>] = []
    var left = countMax
    while left > 0, let first = ranges.first {
      if first.count <= left {
        taken.append(first)
        ranges.removeFirst()
        left -= first.count
      } else {
        let split = first.lowerBound + left
        taken.append(first.lowerBound..<split)
        ranges[0] = split..<first.upperBound
        left = 0
      }
    }
    return taken
  }
}
