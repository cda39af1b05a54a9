/// Rows of a row group: ranges in ascending order that neither overlap nor touch.
struct RowRanges: Equatable {
  private var all: [Range<Int>] = []
  /// How many of `all` were taken away.
  private var taken = 0

  /// Those that are left.
  var ranges: ArraySlice<Range<Int>> { all[taken...] }

  init() {}

  init(_ range: Range<Int>) { append(range) }

  /// - Precondition: ascending, not overlapping.
  init(ordered ranges: [Range<Int>]) {
    for range in ranges { append(range) }
  }

  var count: Int { ranges.reduce(0) { $0 + $1.count } }
  var isEmpty: Bool { taken == all.count }

  static func == (a: RowRanges, b: RowRanges) -> Bool { a.ranges == b.ranges }

  /// - Precondition: the range begins at or behind the end of the last one.
  mutating func append(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    if !isEmpty, let last = all.last, last.upperBound == range.lowerBound {
      all[all.count - 1] = last.lowerBound..<range.upperBound
    } else {
      all.append(range)
    }
  }

  /// Complexity: O(both counts).
  func intersection(_ other: RowRanges) -> RowRanges {
    var result = RowRanges()
    var mine = ranges
    var theirs = other.ranges
    while let a = mine.first, let b = theirs.first {
      result.append(a.clamped(to: b))
      if a.upperBound <= b.upperBound { mine.removeFirst() } else { theirs.removeFirst() }
    }
    return result
  }

  /// Rows that were taken away together.
  struct Part: Equatable {
    /// The rows themselves.
    var selected: [Range<Int>] = []
    /// What to decode for them: short gaps between them too.
    var read: [Range<Int>] = []

    /// Rows to decode.
    var readCount: Int { read.reduce(0) { $0 + $1.count } }
    var selectedCount: Int { selected.reduce(0) { $0 + $1.count } }

    /// Where the rows are among those decoded; nil where they are all of them.
    var indices: [Int32]? {
      guard selected != read else { return nil }
      var indices: [Int32] = []
      indices.reserveCapacity(selectedCount)
      var reading = read[...]
      var start = 0
      for range in selected {
        while let first = reading.first, first.upperBound <= range.lowerBound {
          start += first.count
          reading.removeFirst()
        }
        guard let first = reading.first else { break }
        let place = start + range.lowerBound - first.lowerBound
        for index in place..<place + range.count { indices.append(Int32(clamping: index)) }
      }
      return indices
    }
  }

  /// Takes the first rows away: as many as `countMax` decoded rows hold.
  /// - Parameter gapMax: rows between two ranges that are rather decoded than passed over.
  mutating func takeFirst(_ countMax: Int, gapMax: Int = 0) -> Part {
    var part = Part()
    var left = countMax
    while left > 0, taken < all.count {
      let first = all[taken]
      var gap = 0
      if let last = part.read.last, first.lowerBound - last.upperBound <= gapMax {
        gap = first.lowerBound - last.upperBound
        if gap >= left { break }
      }
      let count = min(first.count, left - gap)
      let range = first.lowerBound..<first.lowerBound + count
      part.selected.append(range)
      if gap > 0, let last = part.read.last {
        part.read[part.read.count - 1] = last.lowerBound..<range.upperBound
      } else {
        part.read.append(range)
      }
      left -= gap + count
      if count == first.count {
        taken += 1
      } else {
        all[taken] = range.upperBound..<first.upperBound
      }
    }
    return part
  }
}
