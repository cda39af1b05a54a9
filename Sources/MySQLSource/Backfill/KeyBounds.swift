internal import Base

/// Finds the keys that split a table into parts of about equal rows.
struct KeyBounds {
  let connection: Connection
  let table: TableDescription
  let key: SplitKey

  /// Asks of the server at most so often for one bound.
  private static let triesMax = 80
  /// What may lie in a part that ought to have one row.
  private static let tolerance = 0.7...1.4
  /// Less than this of a part goes with the part before it.
  private static let remainderMin = 0.4
  /// So many rows are counted to know what estimates are worth.
  private static let sampleRowsMax = 100_000
  /// A part of more times what it ought to have is not taken for one.
  private static let unevenness = 2

  /// - Parameters:
  ///   - start: only rows behind it count.
  ///   - rowsPerPart: about so many rows between two bounds.
  ///   - countMax: of bounds; what lies behind the last is one part.
  func find(
    after start: [String]?, rowsPerPart: Int, countMax: Int
  ) throws(ServerError) -> [[String]] {
    if key.isCountable,
      let bounds = try counted(after: start, rowsPerPart: rowsPerPart, countMax: countMax)
    {
      return bounds
    }
    return try walked(after: start, rowsPerPart: rowsPerPart, countMax: countMax)
  }

  /// The bounds by the index's own estimates of how many rows lie between two numbers: each is a
  /// look at a few pages, whatever lies between.
  /// - Returns: nil where single numbers have too many rows.
  private func counted(
    after start: [String]?, rowsPerPart: Int, countMax: Int
  ) throws(ServerError) -> [[String]]? {
    guard let first = key.parts.first else { return nil }
    let condition = start.map { " WHERE \(key.after($0))" } ?? ""
    let ends = try connection.rows(
      "SELECT MIN(\(first.sql)), MAX(\(first.sql)) FROM \(source)\(condition)")
    guard let row = ends.first, let least = row[0].flatMap({ Int128($0) }),
      let greatest = row[1].flatMap({ Int128($0) })
    else { return [] }
    var bounds: [[String]] = []
    // A bound is the last number of its part.
    var lower = least - 1
    var width = max(1, (greatest - least) / Int128(max(1, countMax)))
    let weight = try estimateWeight(after: lower, upTo: greatest, rowsPerPart, width: width)
    let rowsPerPart = max(1, Int(Double(rowsPerPart) * weight))
    while lower < greatest, bounds.count < countMax {
      let (upper, rows) = try bound(
        after: lower, upTo: greatest, rowsPerPart: rowsPerPart, width: &width)
      if rows > Self.unevenness * rowsPerPart { return nil }
      let left = upper < greatest ? try estimate(after: upper, upTo: greatest) : 0
      if Double(left) < Self.remainderMin * Double(rowsPerPart) { break }
      bounds.append([String(upper)])
      lower = upper
    }
    return bounds
  }

  /// What the index's estimates say over what there is: it takes ranges of more than some pages
  /// for twice as large as they seem, to be on the safe side.
  private func estimateWeight(
    after lower: Int128, upTo greatest: Int128, _ rowsPerPart: Int, width: Int128
  ) throws(ServerError) -> Double {
    guard let first = key.parts.first else { return 1 }
    var width = width
    let sample = min(Self.sampleRowsMax, rowsPerPart)
    let (upper, estimated) = try bound(
      after: lower, upTo: greatest, rowsPerPart: sample, width: &width)
    // A number with a crowd of rows would take long to count.
    if estimated > 2 * Self.sampleRowsMax { return 1 }
    let counted = try connection.value(
      "SELECT COUNT(*) FROM \(source) WHERE \(first.sql) > \(lower) AND \(first.sql) <= \(upper)"
    ).flatMap { Double($0) }
    guard let counted, counted >= 1 else { return 1 }
    return min(max(Double(estimated) / counted, 0.25), 4)
  }

  /// One bound: the width that held a part before is the first guess, and what lies within leads
  /// to the next.
  private func bound(
    after lower: Int128, upTo greatest: Int128, rowsPerPart: Int, width: inout Int128
  ) throws(ServerError) -> (Int128, rows: Int) {
    var tooSmall: Int128 = 0
    var tooLarge = greatest - lower + 1
    var best = (width: tooLarge - 1, rows: Int.max)
    for attempt in 0..<Self.triesMax where tooLarge - tooSmall > 1 {
      width = min(max(width, tooSmall + 1), tooLarge - 1)
      let rows = try estimate(after: lower, upTo: lower + width)
      let share = Double(rows) / Double(rowsPerPart)
      if Self.distance(rows, rowsPerPart) < Self.distance(best.rows, rowsPerPart) {
        best = (width, rows)
      }
      if Self.tolerance.contains(share) { break }
      if share < Self.tolerance.lowerBound { tooSmall = width } else { tooLarge = width }
      width = Self.guess(width, share, between: tooSmall, and: tooLarge, attempt)
    }
    width = best.width
    return (lower + width, best.rows)
  }

  /// How far a part is from what it ought to be: half as much is as far as twice as much.
  private static func distance(_ rows: Int, _ wanted: Int) -> Double {
    let share = max(Double(rows), 0.5) / Double(wanted)
    return max(share, 1 / share)
  }

  /// What would hold one part's rows if they lay evenly, and when that has led nowhere, the middle
  /// between too little and too much: of their magnitudes, as numbers may lie far apart.
  private static func guess(
    _ width: Int128, _ share: Double, between tooSmall: Int128, and tooLarge: Int128,
    _ attempt: Int
  ) -> Int128 {
    if attempt < 3 {
      let even = Double(width) / max(share, 0.001)
      if even < 1e30, Int128(even) > tooSmall, Int128(even) < tooLarge { return Int128(even) }
    }
    if tooLarge / (tooSmall + 1) > 4 {
      return Int128((Double(tooSmall + 1) * Double(tooLarge)).squareRoot())
    }
    return tooSmall + (tooLarge - tooSmall) / 2
  }

  private func estimate(after lower: Int128, upTo upper: Int128) throws(ServerError) -> Int {
    guard let first = key.parts.first else { return 0 }
    let plans = try connection.namedRows(
      "EXPLAIN SELECT 1 FROM \(source) WHERE \(first.sql) > \(lower) AND \(first.sql) <= \(upper)")
    return plans.first?["rows"].flatMap { Int($0) } ?? 0
  }

  /// The bounds by walking along the index.
  private func walked(
    after start: [String]?, rowsPerPart: Int, countMax: Int
  ) throws(ServerError) -> [[String]] {
    let columns = key.parts.map(\.selected).joined(separator: ", ")
    let order = key.parts.map(\.sql).joined(separator: ", ")
    var bounds: [[String]] = []
    var last = start
    while bounds.count < countMax {
      let condition = last.map { " WHERE \(key.after($0))" } ?? ""
      let rows = try connection.rows(
        "SELECT \(columns) FROM \(source)\(condition) ORDER BY \(order) "
          + "LIMIT 2 OFFSET \(max(0, rowsPerPart - 1))")
      // Where nothing lies behind it, it bounds nothing.
      guard rows.count == 2, let row = rows.first else { break }
      let values = row.compactMap(\.self)
      guard values.count == key.parts.count else { break }
      bounds.append(values)
      last = values
    }
    return bounds
  }

  private var source: String {
    "\(table.sqlName) FORCE INDEX (\(SQLText.name(key.index)))"
  }
}
