internal import CKernels

/// Counting in levels.
public enum LevelCounting {
  /// How many levels are at least `threshold`.
  public static func count(_ levels: Span<UInt8>, atLeast threshold: UInt8) -> Int {
    if threshold == 0 { return levels.count }
    return levels.withUnsafeBufferPointer { levels in
      levels.baseAddress.map { tm_count_levels($0, levels.count, threshold) } ?? 0
    }
  }

  /// Finds the end of rows: a row begins at each repetition level 0.
  /// - Parameter countMax: how many rows may begin.
  /// - Returns: where the next row after those begins, or the end; and how many began.
  public static func rows(
    _ repetition: Span<UInt8>, from start: Int, countMax: Int
  ) -> (end: Int, rows: Int) {
    repetition.withUnsafeBufferPointer { levels in
      var rows = 0
      for index in start..<levels.count where levels[index] == 0 {
        if rows == countMax { return (index, rows) }
        rows += 1
      }
      return (levels.count, rows)
    }
  }
}
