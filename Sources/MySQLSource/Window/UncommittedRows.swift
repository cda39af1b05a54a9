internal import Base
internal import Connector

/// Looks for rows that are written, not committed, and older by their cursor than the transaction
/// that wrote them.
///
/// A statement that waits a minute for a metadata lock begins its transaction after the wait, but
/// its rows carry the time of its start. Once it has ended and its connection sits idle, neither
/// the process list nor the transaction's start tells of that minute. A dirty read beside the
/// snapshot does: what it has more than the snapshot is not committed, and the ceiling must not
/// pass it.
struct UncommittedRows {
  let snapshot: Connection
  let source: String
  let cursor: CursorColumn

  /// How far before the ceiling is looked: the longest that a statement waits for a metadata lock,
  /// as servers are set up.
  static let reachMicroseconds = CivilTime.microsecondsPerDay

  private static let bucketCount: Int64 = 1024
  private static let bucketsLookedInto = 256

  /// The cursor of the earliest such row in `from ..< to`; nil where there is none.
  ///
  /// - Complexity: two passes over the range, through the cursor's index where it has one.
  func earliest(from: Int64, to: Int64) throws(ServerError) -> Int64? {
    guard from < to else { return nil }
    let dirty: Connection
    do {
      dirty = try Connection(snapshot.endpoint)
    } catch {
      throw ServerError(code: 2013, message: error.message)
    }
    defer { dirty.close() }
    try dirty.run([
      "SET time_zone = '+00:00'", "SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED",
    ])
    let width = max(cursor.step, (to - from) / Self.bucketCount + 1)
    let before = try buckets(snapshot, from: from, to: to, width: width)
    let after = try buckets(dirty, from: from, to: to, width: width)
    let differing = after.filter { before[$0.key] != $0.value }.keys.sorted()
    for (index, bucket) in differing.enumerated() {
      let start = from + bucket * width
      // So many differ that the rest is not worth a look each.
      if index == Self.bucketsLookedInto { return start }
      let found = try added(dirty, from: start, to: min(to, start + width))
      if let found { return found }
    }
    return nil
  }

  private func range(_ from: Int64, _ to: Int64) -> String {
    "\(cursor.sql) >= '\(exact(from))' AND \(cursor.sql) < '\(exact(to))'"
  }

  /// A time with all its microseconds: the edge of a bucket may be finer than the column.
  private func exact(_ microseconds: Int64) -> String {
    CursorColumn(
      name: "", kind: .localTime(digits: 6), isNullable: false, isColumn: false
    ).text(microseconds)
  }

  /// What there is in each bucket of time: how many rows, and a sum over their cursors.
  private func buckets(
    _ connection: Connection, from: Int64, to: Int64, width: Int64
  ) throws(ServerError) -> [Int64: [String?]] {
    let rows = try connection.rows(
      """
      SELECT FLOOR(TIMESTAMPDIFF(MICROSECOND, '\(exact(from))', \(cursor.sql)) / \(width)) AS b, \
      COUNT(*), SUM(CRC32(\(cursor.sql))) FROM \(source) WHERE \(range(from, to)) GROUP BY b
      """)
    var result: [Int64: [String?]] = [:]
    for row in rows {
      if let bucket = row[0].flatMap(Int64.init) { result[bucket] = Array(row.dropFirst()) }
    }
    return result
  }

  /// The earliest cursor that the dirty read has more rows of than the snapshot.
  private func added(
    _ dirty: Connection, from: Int64, to: Int64
  ) throws(ServerError) -> Int64? {
    let statement = """
      SELECT \(cursor.sql) AS c, COUNT(*) FROM \(source) WHERE \(range(from, to)) \
      GROUP BY c ORDER BY c
      """
    var known: [String: Int] = [:]
    for row in try snapshot.rows(statement) {
      if let value = row[0] { known[value] = row[1].flatMap { Int($0) } ?? 0 }
    }
    for row in try dirty.rows(statement) {
      guard let value = row[0], let count = row[1].flatMap({ Int($0) }) else { continue }
      if count > known[value] ?? 0 { return CivilTime.parse(value) }
    }
    return nil
  }
}
