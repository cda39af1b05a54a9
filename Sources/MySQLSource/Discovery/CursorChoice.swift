/// By which column a table should be read, judged by types, indexes and names.
///
/// Best is a time that the server moves with every change; then one that applications move; for
/// tables that only grow their AUTO_INCREMENT number, which is exact and always indexed, or the
/// time at which a row came. A cursor that sees no changes is no choice for a table whose rows
/// change, unless it is too large to be read whole.
struct CursorChoice: Sendable, Equatable {
  /// What a column sees when the mark goes by it.
  enum Sight: Int, Sendable, Comparable {
    /// New rows only.
    case arrivals
    /// Changes too, where applications write the time.
    case writtenChanges
    /// Every change that the server makes.
    case changes

    static func < (a: Sight, b: Sight) -> Bool { a.rawValue < b.rawValue }
  }

  struct Candidate: Sendable, Equatable {
    var column: TableFacts.Column
    var sight: Sight
    /// The index that leads to it.
    var index: String?
    fileprivate var rank: Int
  }

  /// From this size on, a table is not read whole only because its rows may change.
  static let wholeBytesMax = 1_000_000_000
  static let wholeRowsMax = 5_000_000

  /// nil: the table is to be read whole.
  var chosen: Candidate?
  /// What could be chosen instead, best first.
  var others: [Candidate] = []
  /// Whether rows are only added, as far as names tell.
  var onlyGrows = false

  init(_ table: TableFacts) {
    let columns = table.readableColumns
    onlyGrows =
      NameRole.isGrowing(table: table.name)
      && !columns.contains { column in
        column.isTime && (column.isSetOnUpdate || NameRole.isUpdated(column.name))
          || NameRole.isDeleted(column.name) || NameRole.isChanging(column.name)
      }
    var candidates = columns.compactMap { Self.candidate($0, table, onlyGrows: onlyGrows) }
    // Of equals, the first column.
    candidates = candidates.enumerated().sorted {
      ($1.element.rank, $0.offset) < ($0.element.rank, $1.offset)
    }.map(\.element)
    guard let best = candidates.first else { return }
    if best.sight > .arrivals || onlyGrows || Self.isTooLarge(table) {
      chosen = best
      others = Array(candidates.dropFirst())
    } else {
      others = candidates
    }
  }

  static func isTooLarge(_ table: TableFacts) -> Bool {
    table.dataBytes ?? 0 > wholeBytesMax || table.rowCount ?? 0 > wholeRowsMax
  }

  private static func candidate(
    _ column: TableFacts.Column, _ table: TableFacts, onlyGrows: Bool
  ) -> Candidate? {
    let index = table.index(leadingTo: column.name)?.name
    var rank: Int
    let sight: Sight
    if column.isTime, column.isSetOnUpdate {
      sight = .changes
      rank = NameRole.isUpdated(column.name) ? 1000 : NameRole.isCreated(column.name) ? 850 : 900
    } else if column.isTime, NameRole.isUpdated(column.name) {
      sight = .writtenChanges
      rank = 700
    } else if column.isAutoIncrement {
      sight = .arrivals
      rank = 400
    } else if column.isTime, NameRole.isCreated(column.name) {
      sight = .arrivals
      rank = 200
    } else {
      return nil
    }
    if index != nil { rank += 40 }
    if !column.isNullable { rank += 20 }
    if column.kind == "timestamp" { rank += 10 }
    rank += min(column.length ?? 0, 6)
    return Candidate(column: column, sight: sight, index: index, rank: rank)
  }
}

extension CursorChoice.Candidate {
  /// `updated_at: TIMESTAMP(6) ON UPDATE, indexed by idx_updated`.
  var text: String { "\(column.name): \(description)" }

  /// `TIMESTAMP(6) ON UPDATE, indexed by idx_updated`.
  var description: String {
    var text = column.typeText
    if column.isAutoIncrement { text += " AUTO_INCREMENT" }
    if column.isSetOnUpdate { text += " ON UPDATE" }
    switch index {
    case "PRIMARY": text += ", the primary key"
    case let index?: text += ", indexed by \(index)"
    case nil: text += ", not indexed"
    }
    return text
  }
}
