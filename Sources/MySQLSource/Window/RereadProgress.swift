internal import Base
internal import Connector
internal import Records

/// A window that reaches back over rows which were read before: drops those that are in the lake
/// already, by a hash of all they hold, and keeps those that are new or have changed.
final class RereadProgress: WindowProgress {
  struct Settings {
    /// Rows that no earlier run can have read.
    var new: CursorBound
    /// Rows that a later run will read again.
    var remembered: CursorBound
    /// Whether rows with a NULL cursor are read every time, and so remembered.
    var includesNulls: Bool
    /// How many of the cursor's columns tell one window from the next; nil for all.
    var comparedCount: Int?
    /// Whether a NULL in the cursor stops the run.
    var refusesNulls: Bool
    var cursorName: String
    var place: String
    /// What helps where too many rows would have to be remembered.
    var remedy: String
  }

  private let settings: Settings
  private let ledger: any Ledger
  private var known: RowHashSet
  private var remembered: [RowHash] = []
  private var duplicates = 0
  private let bookmark: (RereadProgress) -> Bookmark
  /// The highest cursor seen.
  private(set) var highest: [Int128]?

  init(
    _ settings: Settings, ledger: any Ledger, bookmark: @escaping (RereadProgress) -> Bookmark
  ) throws(ConnectorError) {
    self.settings = settings
    self.ledger = ledger
    self.bookmark = bookmark
    known = try RowHashSet(ledger, place: settings.place)
  }

  func keep(
    cursors: [Column], columns: [Column], schema: Schema, rowCount: Int
  ) throws(ConnectorError) -> [Int32]? {
    let keys = CursorKeys(Array(cursors.prefix(settings.comparedCount ?? cursors.count)))
    let hasher = RowHash.Hasher(columns, schema)
    var kept: [Int32] = []
    kept.reserveCapacity(rowCount)
    for row in 0..<rowCount {
      let isNull = keys.isNull(row)
      if isNull && settings.refusesNulls {
        throw PlainProgress.nullError(settings.cursorName, place: settings.place)
      }
      if !isNull, highest.map({ keys.compare(row, $0) > 0 }) ?? true { highest = keys.tuple(row) }
      let isNew = !isNull && settings.new.contains(keys, row)
      let isRemembered = isNull ? settings.includesNulls : settings.remembered.contains(keys, row)
      if isNew && !isRemembered {
        kept.append(Int32(row))
        continue
      }
      let hash = hasher.hash(row)
      if isRemembered { remembered.append(hash) }
      if !isNew && known.take(hash) { duplicates += 1 } else { kept.append(Int32(row)) }
    }
    if remembered.count > RowHashSet.countMax {
      throw ConnectorError(
        .misconfigured,
        "more than \(RowHashSet.countMax) rows would have to be remembered to be told apart from"
          + " new ones",
        remedy: settings.remedy, place: settings.place)
    }
    return kept.count == rowCount ? nil : kept
  }

  func finish() throws(ConnectorError) -> Advance {
    Advance(
      bookmark: bookmark(self), ledger: try RowHashSet.changes(from: ledger, to: remembered),
      counts: duplicates > 0 ? ["duplicates": duplicates] : [:])
  }
}
