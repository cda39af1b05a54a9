internal import Base
internal import Connector

/// The stream that a table should be, and why.
struct StreamProposal {
  let table: TableFacts
  let choice: CursorChoice
  let partition: PartitionAdvice?
  /// The zone that DATETIME values are taken to be in.
  let zone: String

  /// From this size on, reading a table whole each run is worth a word.
  private static let heavyBytes = 100_000_000
  /// From this many rows on, a cursor should have an index.
  private static let indexRowsMin = 10_000

  /// - Parameter item: the stream's name behind the source's.
  func stream(item: String) -> ProposedStream {
    ProposedStream(
      item: item, members: [table.name], options: options(item: item), remarks: remarks,
      rows: table.rowCount, bytes: table.dataBytes)
  }

  /// The stream of a family, of which `table` is one.
  func stream(family: TableFamily, all tables: [TableFacts]) -> ProposedStream {
    func sum(_ sizes: [Int?]) -> Int? {
      let total = sizes.compactMap { $0 }.reduce(into: 0) {
        $0 = $0.addingReportingOverflow($1).partialValue
      }
      return sizes.contains { $0 != nil } ? total : nil
    }
    let rows = sum(tables.map(\.rowCount))
    let bytes = sum(tables.map(\.dataBytes))
    let names = "\(family.members.first ?? "") … \(family.members.last ?? "")"
    let first = ProposalRemark(
      .reason,
      "\(Units.describe(tables.count, "table")) of one shape, \(names), "
        + TableFacts.sizeText(rows: rows, bytes: bytes) + " in all; each fills a table of its own.")
    return ProposedStream(
      item: family.pattern, members: family.members, options: options(item: nil),
      remarks: [first] + remarks, rows: rows, bytes: bytes)
  }

  // MARK: What is written

  /// - Parameter item: nil for a family.
  private func options(item: String?) -> [ConfigValue.Entry] {
    var entries: [ConfigValue.Entry] = []
    if let item, item != table.name {
      entries.append(.init(key: "table", value: .string(SQLText.name(table.name))))
    }
    if !table.key.isEmpty {
      entries.append(.init(key: "key", value: .list(table.key.map(ConfigValue.string))))
    }
    if let chosen = choice.chosen {
      var bookmark = [ConfigValue.Entry(key: "by", value: .string(chosen.column.name))]
      if needsLookback(chosen) {
        bookmark.append(.init(key: "lookback", value: .plain("10m")))
      }
      if chosen.column.isNullable, chosen.column.isTime {
        bookmark.append(.init(key: "nulls", value: .plain("include")))
      }
      entries.append(.init(key: "bookmark", value: ConfigValue(.map(bookmark))))
    }
    if let partition {
      entries.append(.init(key: "partition", value: .list([.plain(partition.text)])))
    }
    let hidden = table.columns.filter { !$0.isTaken && !$0.isInvisible }
    if !hidden.isEmpty {
      let names = hidden.map { ConfigValue.string($0.name) }
      entries.append(.init(key: "exclude", value: .list(names)))
    }
    return entries
  }

  /// Whether the cursor's times may be older than the transactions that write them.
  private func needsLookback(_ chosen: CursorChoice.Candidate) -> Bool {
    guard chosen.column.isTime, !chosen.column.isSetOnUpdate else { return false }
    return chosen.sight == .writtenChanges || !chosen.column.isFilledByServer
  }

  // MARK: Why

  private var remarks: [ProposalRemark] {
    cursorRemarks + otherCursors + columnRemarks + tableRemarks
  }

  private var cursorRemarks: [ProposalRemark] {
    guard let chosen = choice.chosen else { return wholeRemarks }
    let column = chosen.column
    var remarks = [ProposalRemark(.reason, "\(chosen.text). \(capitalized(table.sizeText)).")]
    switch chosen.sight {
    case .changes: break
    case .writtenChanges:
      remarks.append(
        .init(
          .reason, "No ON UPDATE: applications write it, and `lookback` finds what comes late."))
    case .arrivals where choice.onlyGrows:
      remarks.append(
        .init(.reason, "The names say that rows are only added; changes would not be seen."))
    case .arrivals:
      remarks.append(
        .init(
          .warning,
          "changes of rows are not seen. The table is too large to be read whole each run; give it"
            + " a time of the last change:", statement: Self.addition(table)))
    }
    if chosen.sight != .writtenChanges, needsLookback(chosen) {
      remarks.append(
        .init(.reason, "Applications write it, and `lookback` finds what comes late."))
    }
    if chosen.index == nil, table.rowCount ?? 0 > Self.indexRowsMin {
      let index = SQLText.name("by_" + column.name)
      remarks.append(
        .init(
          .warning,
          "for want of an index, every run reads the whole table. This mends it:",
          statement: "CREATE INDEX \(index) ON \(table.sqlName) (\(SQLText.name(column.name)))"))
    }
    if column.kind == "datetime" {
      remarks.append(
        .init(
          .reason,
          "DATETIME: local times of the server's zone, \(zone), unless the bookmark has `zone:`."))
    }
    if column.isNullable, column.isTime {
      remarks.append(
        .init(.reason, "It may be NULL; `nulls: include` takes such rows once each."))
    }
    return remarks
  }

  private var wholeRemarks: [ProposalRemark] {
    let size = table.sizeText
    let why =
      choice.others.isEmpty
      ? "No column can be a cursor" : "Rows may change, and no column says when"
    var remarks = [
      ProposalRemark(.reason, "\(why): every run reads all rows and replaces them, \(size).")
    ]
    if table.dataBytes ?? 0 > Self.heavyBytes {
      remarks.append(
        .init(
          .warning, "large to be read whole each run. A cursor would be:",
          statement: Self.addition(table)))
    }
    return remarks
  }

  /// The statement that gives a table the best of cursors.
  private static func addition(_ table: TableFacts) -> String {
    "ALTER TABLE \(table.sqlName) ADD `updated_at` TIMESTAMP(6) NOT NULL DEFAULT "
      + "CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6), ADD INDEX (`updated_at`)"
  }

  /// The runner-up, and for a table that is read whole the first two.
  private var otherCursors: [ProposalRemark] {
    choice.others.prefix(choice.chosen == nil ? 2 : 1).map { other in
      let sees =
        switch other.sight {
        case .arrivals: choice.onlyGrows ? "" : ": new rows only, no changes"
        case .writtenChanges: ": written by applications"
        case .changes: ""
        }
      return ProposalRemark(
        .alternative, "`by: \(other.column.name)`, \(other.description)\(sees)")
    }
  }

  private var columnRemarks: [ProposalRemark] {
    var remarks: [ProposalRemark] = []
    if let partition {
      remarks.append(
        .init(
          .reason,
          "A \(partition.unit.rawValue) of \(partition.column) has about "
            + "\(Units.describe(partition.partitionRows, "row")), "
            + "\(Units.describe(bytes: partition.partitionBytes)) in the source."))
    }
    func add(_ kind: ProposalRemark.Kind, _ columns: [TableFacts.Column], _ text: String) {
      if columns.isEmpty { return }
      remarks.append(.init(kind, columns.map(\.name).joined(separator: ", ") + text))
    }
    let columns = table.readableColumns
    if let mark = columns.first(where: { NameRole.isDeleted($0.name) }) {
      remarks.append(
        .init(
          .reason,
          "\(mark.name) marks deleted rows; `deletes: {column: \(mark.name)}` tells readers so."))
    }
    add(
      .warning, columns.filter { $0.isDate && $0.defaultText?.hasPrefix("0000-00-00") ?? false },
      ": dates 0000-00-00 become null; `zero_dates: text` keeps them.")
    add(
      .warning, columns.filter { $0.kind == "decimal" && $0.length ?? 0 > 38 },
      ": more than 38 digits, so the column becomes text.")
    add(
      .reason, table.columns.filter { $0.isInvisible && $0.isReadable },
      ": invisible, left out; `columns:` takes only what it names.")
    add(.warning, table.columns.filter { !$0.isReadable }, ": not granted to the user, left out.")
    add(
      .warning, table.columns.filter { !$0.isNameable },
      ": control characters in the name, which the lake cannot have; left out.")
    return remarks
  }

  private var tableRemarks: [ProposalRemark] {
    var remarks: [ProposalRemark] = []
    if table.key.isEmpty {
      remarks.append(
        .init(
          .warning, "no primary key and no unique index without NULL: rows cannot be told apart."))
    }
    let engine = table.engine ?? ""
    if !["innodb", "rocksdb", "tokudb", "ndbcluster", ""].contains(engine.lowercased()) {
      remarks.append(
        .init(
          .warning,
          "\(engine) has no consistent snapshots. InnoDB has:",
          statement: "ALTER TABLE \(table.sqlName) ENGINE = InnoDB"))
    }
    return remarks
  }

  private func capitalized(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst()
  }
}
