internal import Base

/// How a large table should be split into partitions, so that each has files worth having.
struct PartitionAdvice: Sendable, Equatable {
  enum Unit: String, Sendable, CaseIterable {
    case day, month, year

    var days: Double {
      switch self {
      case .day: 1
      case .month: 30.4
      case .year: 365.25
      }
    }
  }

  /// Smaller tables are quickly read whole.
  static let tableBytesMin = 256_000_000
  /// Less than this of the source in a partition makes files that cost more to open than to read.
  static let partitionBytesMin = 32_000_000

  var column: String
  var unit: Unit
  /// An estimate of what a partition holds.
  var partitionRows: Int
  var partitionBytes: Int

  var text: String { "\(unit.rawValue)(\(column))" }

  /// The finest unit whose partitions are large enough; nil where none is.
  init?(column: String, rows: Int, bytes: Int, seconds: Double) {
    guard bytes >= Self.tableBytesMin, rows > 0, seconds > 0 else { return nil }
    let days = max(1, seconds / 86_400)
    func share(_ total: Int, _ unit: Unit) -> Int {
      Int((Double(total) * min(1, unit.days / days)).rounded())
    }
    guard
      let unit = Unit.allCases.first(where: { share(bytes, $0) >= Self.partitionBytesMin }),
      // One partition is none.
      days > unit.days
    else { return nil }
    self.column = column
    self.unit = unit
    partitionRows = share(rows, unit)
    partitionBytes = share(bytes, unit)
  }

  /// Looks at the ends of an index: nothing of the table is scanned.
  static func look(
    _ table: TableFacts, _ connection: Connection
  ) throws(ServerError) -> PartitionAdvice? {
    guard let rows = table.rowCount, let bytes = table.dataBytes, bytes >= tableBytesMin,
      let column = column(of: table), let span = try span(column, table, connection)
    else { return nil }
    return PartitionAdvice(column: column.name, rows: rows, bytes: bytes, seconds: span)
  }

  /// The time at which a row came, which never changes: else its versions lie apart.
  private static func column(of table: TableFacts) -> TableFacts.Column? {
    let names = Set(table.columns.map { $0.name.lowercased() })
    return table.readableColumns.filter { column in
      column.isTime && !column.isNullable && !column.isSetOnUpdate
        && NameRole.isCreated(column.name) && isWord(column.name)
        && Unit.allCases.allSatisfy { !names.contains("\(column.name)_\($0)".lowercased()) }
    }.min { table.index(leadingTo: $0.name) != nil && table.index(leadingTo: $1.name) == nil }
  }

  /// Whether a config's `day(name)` can say it.
  private static func isWord(_ name: String) -> Bool {
    name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" }
  }

  /// Seconds between the first value and the last, by the column's index or the primary key's
  /// order; nil where neither tells.
  private static func span(
    _ column: TableFacts.Column, _ table: TableFacts, _ connection: Connection
  ) throws(ServerError) -> Double? {
    let name = SQLText.name(column.name)
    let ends: [String]
    if table.index(leadingTo: column.name) != nil {
      ends = [
        "SELECT MIN(\(name)) FROM \(table.sqlName)", "SELECT MAX(\(name)) FROM \(table.sqlName)",
      ]
    } else if let number = table.columns.first(where: \.isAutoIncrement),
      table.index(leadingTo: number.name) != nil
    {
      let order = "SELECT \(name) FROM \(table.sqlName) ORDER BY \(SQLText.name(number.name))"
      ends = ["\(order) LIMIT 1", "\(order) DESC LIMIT 1"]
    } else {
      return nil
    }
    var times: [Int64] = []
    for statement in ends {
      guard let text = try connection.value(statement), let time = CivilTime.parse(text) else {
        return nil
      }
      times.append(time)
    }
    let (span, overflow) = times[1].subtractingReportingOverflow(times[0])
    return overflow ? nil : Double(span) / 1e6
  }
}
