internal import Base
internal import Connector

/// A large read in parts, each of which is committed by itself, over a connection and a snapshot
/// of its own.
///
/// Parts may be read at different times: all rows that belong to the window are there before it is
/// planned, and a row that changes meanwhile leaves it, to come with the next window.
struct Backfill: Sendable {
  struct Part: Sendable {
    /// In words: `id 1001…2000`.
    var label: String
    var condition: String
    /// The bookmark once it and all parts before it are durable.
    var bookmark: Bookmark
  }

  var window: Window
  var parts: [Part]
  /// Whether what follows needs a window of its own.
  var leavesRest: Bool
  /// Whether a NULL in the cursor stops the run.
  var refusesNulls: Bool
  var estimatedRows: Int?
}

/// Which part of a window can be read in parts.
enum Splittable: Equatable {
  /// All rows below the ceiling, none of which was read before.
  /// - Parameter hasRest: whether the window has other rows, too.
  case times(ceiling: Int64, hasRest: Bool)
  /// AUTO_INCREMENT numbers; they are settled when no further one of them can come.
  case numbers(after: Int128?, upTo: Int128, areSettled: Bool)
}

/// Cuts large reads into parts.
struct BackfillPlanner {
  let settings: StreamSettings
  let relation: Relation
  let connection: Connection
  /// How many parts are read at a time.
  let readers: Int

  /// A part is as large as one of these.
  private static let partBytes = 256 << 20
  private static let partRows = 2_000_000
  /// Where several connections read, parts may be smaller, that all have their share.
  private static let partRowsMin = 100_000
  private static let partCountMax = 1000

  /// The window in parts; nil where it is better read as one.
  func split(_ prepared: PreparedWindow) throws(ServerError) -> Backfill? {
    guard let splittable = prepared.splittable, let table = relation.table,
      mayBeLarge(splittable, table), let key = try key(for: splittable, table)
    else { return nil }
    switch splittable {
    case .times(let ceiling, let hasRest):
      return try times(
        table, key, BackfillState(ceiling: ceiling, key: key.parts.map(\.name), through: []),
        hasRest: hasRest, reason: prepared.window.reason)
    case .numbers(let after, let upTo, areSettled: true):
      let start = after.map { [String($0)] }
      guard let bounds = try bounds(table, key, after: start, isFirst: after == nil) else {
        return nil
      }
      let numbers = bounds.compactMap { $0.first.flatMap { Int128($0) } }.filter { $0 < upTo }
      let parts = zip([after] + numbers.map(Optional.some), numbers + [upTo]).map {
        (lower: Int128?, upper: Int128) in
        Backfill.Part(
          label: "\(key.parts[0].name) \(lower.map { String($0 + 1) } ?? "")…\(upper)",
          condition: key.between(lower.map { [String($0)] }, [String(upper)]) ?? "TRUE",
          bookmark: SerialState(mark: upper).bookmark)
      }
      return Backfill(
        window: prepared.window, parts: parts, leavesRest: false, refusesNulls: false)
    case .numbers: return nil
    }
  }

  /// Goes on with a first read that broke off.
  /// - Returns: nil where the key that it went by is no more.
  func resume(_ state: BackfillState) throws(ServerError) -> Backfill? {
    guard let table = relation.table, let key = try SplitKey.find(table, connection),
      key.parts.map(\.name) == state.key
    else { return nil }
    return try times(
      table, key, state, hasRest: hasRest,
      reason: "the first read goes on with its ceiling")
  }

  /// Where a window of numbers that may still fill up should end, so that its part is committed
  /// by itself; nil where it is small enough.
  func limit(_ prepared: PreparedWindow) throws(ServerError) -> Int128? {
    guard case .numbers(let after, let upTo, areSettled: false) = prepared.splittable,
      let splittable = prepared.splittable, let table = relation.table,
      mayBeLarge(splittable, table), let key = try key(for: splittable, table)
    else { return nil }
    let bounds = try bounds(
      table, key, after: after.map { [String($0)] }, isFirst: after == nil, countMax: 1)
    return bounds?.first?.first.flatMap { Int128($0) }.flatMap { $0 < upTo ? $0 : nil }
  }

  // MARK: -

  /// Whether it is worth asking the server: most reads are small.
  private func mayBeLarge(_ splittable: Splittable, _ table: TableDescription) -> Bool {
    guard let rows = table.rowCount, let rowsPerPart = rowsPerPart(rows, table) else {
      return false
    }
    guard case .numbers(let after?, let upTo, _) = splittable else { return true }
    return upTo - after > rowsPerPart
  }

  private var hasRest: Bool {
    guard let cursor = settings.cursor, let first = relation.cursors.first else { return false }
    return (cursor.lookbackSeconds ?? 0) > 0 || (cursor.nulls == .include && first.isNullable)
  }

  /// Times are split by the table's key, numbers by themselves.
  private func key(
    for splittable: Splittable, _ table: TableDescription
  ) throws(ServerError) -> SplitKey? {
    let key = try SplitKey.find(table, connection)
    guard case .numbers = splittable else { return key }
    guard let key, let first = key.parts.first, key.parts.count == 1,
      first.name == relation.cursors.first?.name
    else { return nil }
    return key
  }

  private func times(
    _ table: TableDescription, _ key: SplitKey, _ state: BackfillState, hasRest: Bool,
    reason: String
  ) throws(ServerError) -> Backfill? {
    let isFirst = state.through.isEmpty
    let start = isFirst ? nil : state.through
    let found = try bounds(table, key, after: start, isFirst: isFirst)
    guard let bounds = found ?? (isFirst ? nil : []) else { return nil }
    let condition = TimeWindow.below(
      state.ceiling, relation.cursors[0], nulls: settings.cursor?.nulls ?? .error)
    var parts: [Backfill.Part] = []
    var lower = start
    for upper in bounds.map(Optional.some) + [nil] {
      let range = key.between(lower, upper)
      let bookmark =
        upper.map {
          BackfillState(ceiling: state.ceiling, key: state.key, through: $0)
            .bookmark(relation.cursors)
        } ?? TimeState(mark: state.ceiling).bookmark(relation.cursors)
      parts.append(
        Backfill.Part(
          label: label(key, lower, upper),
          condition: range.map { "\($0) AND (\(condition))" } ?? condition, bookmark: bookmark))
      lower = upper
    }
    let cursor = relation.cursors[0]
    let window = Window(
      from: start.map(key.text), to: cursor.markText(state.ceiling), predicate: condition,
      reason: reason)
    return Backfill(
      window: window, parts: parts, leavesRest: hasRest,
      refusesNulls: settings.cursor?.nulls == .error && cursor.isNullable,
      estimatedRows: isFirst ? table.rowCount : try rowCount(table, key, after: start))
  }

  private func label(_ key: SplitKey, _ lower: [String]?, _ upper: [String]?) -> String {
    let name = key.parts.map(\.name).joined(separator: ", ")
    let texts = [lower, upper].map { $0?.joined(separator: ", ") ?? "" }
    return "\(name) \(texts[0])…\(texts[1])"
  }

  /// nil where the rows make one part.
  private func bounds(
    _ table: TableDescription, _ key: SplitKey, after start: [String]?, isFirst: Bool,
    countMax: Int = partCountMax
  ) throws(ServerError) -> [[String]]? {
    let rows = isFirst ? table.rowCount : try rowCount(table, key, after: start)
    guard let rows, let rowsPerPart = rowsPerPart(rows, table) else { return nil }
    let bounds = try KeyBounds(connection: connection, table: table, key: key).find(
      after: start, rowsPerPart: rowsPerPart, countMax: countMax)
    return bounds.isEmpty ? nil : bounds
  }

  private func rowCount(
    _ table: TableDescription, _ key: SplitKey, after start: [String]?
  ) throws(ServerError) -> Int? {
    guard let start else { return table.rowCount }
    let plans = try connection.namedRows(
      "EXPLAIN SELECT 1 FROM \(table.sqlName) FORCE INDEX (\(SQLText.name(key.index))) "
        + "WHERE \(key.after(start))")
    return plans.first?["rows"].flatMap { Int($0) }
  }

  /// nil where all rows make one part.
  private func rowsPerPart(_ rows: Int, _ table: TableDescription) -> Int? {
    if let wanted = settings.partRows { return rows > wanted + wanted / 2 ? wanted : nil }
    let rowBytes = max(1, (table.dataBytes ?? 0) / max(1, table.rowCount ?? 1))
    var size = min(Self.partRows, max(1000, Self.partBytes / rowBytes))
    if readers > 1 { size = min(size, max(Self.partRowsMin, rows / (2 * readers))) }
    size = max(size, rows / Self.partCountMax)
    return rows > size + size / 2 ? size : nil
  }
}
