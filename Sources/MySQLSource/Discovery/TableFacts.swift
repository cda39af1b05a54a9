internal import Base

/// What the server's dictionary says about a table, as far as it helps to choose how to read it.
struct TableFacts: Sendable {
  struct Column: Sendable, Equatable {
    var name: String
    /// As declared, in lower case: `timestamp(6)`, `bigint(20) unsigned`.
    var type: String
    /// The type's first word: `timestamp`.
    var kind: String
    var isNullable: Bool
    /// As the server tells it; nil where there is none.
    var defaultText: String?
    /// In upper case: `AUTO_INCREMENT`, `ON UPDATE CURRENT_TIMESTAMP(6)`.
    var extra: String
    /// Whether the user may read it.
    var isReadable: Bool
    var characterSet: String?
  }

  struct Index: Sendable, Equatable {
    var name: String
    /// nil where a part is an expression.
    var columns: [String?]
    var isUnique: Bool
  }

  enum Kind: Sendable, Equatable {
    case table, view, sequence
  }

  var schema: String
  var name: String
  var kind: Kind
  var engine: String?
  /// Estimates.
  var rowCount: Int?
  var dataBytes: Int?
  /// All columns, invisible ones too, in order.
  var columns: [Column] = []
  var indexes: [Index] = []

  var sqlName: String { SQLText.name(schema) + "." + SQLText.name(name) }

  /// The columns that a stream reads.
  var readableColumns: [Column] { columns.filter(\.isTaken) }

  subscript(column: String) -> Column? { columns.first { $0.name == column } }

  /// The index that leads to a column's values, the primary key before others.
  func index(leadingTo column: String) -> Index? {
    let found = indexes.filter { $0.columns.first == column }
    return found.first { $0.name == "PRIMARY" } ?? found.first
  }

  /// The columns that identify a row: the primary key, or the shortest unique index whose columns
  /// are never NULL; empty where there is none that the user may read.
  var key: [String] {
    let unique = indexes.filter(\.isUnique).sorted {
      ($0.name == "PRIMARY" ? 0 : 1, $0.columns.count, $0.name)
        < ($1.name == "PRIMARY" ? 0 : 1, $1.columns.count, $1.name)
    }
    for index in unique {
      let columns = index.columns.compactMap { $0.flatMap { self[$0] } }
      let identifies = columns.allSatisfy { !$0.isNullable && $0.isTaken }
      if columns.count == index.columns.count, identifies { return columns.map(\.name) }
    }
    return []
  }

  /// `about 12,000 rows, 3.1 MB`.
  var sizeText: String { Self.sizeText(rows: rowCount, bytes: dataBytes) }

  static func sizeText(rows: Int?, bytes: Int?) -> String {
    guard let rows else { return "size unknown" }
    let size = bytes.map { ", \(Units.describe(bytes: $0))" } ?? ""
    return "about \(Units.describe(rows, "row"))\(size)"
  }
}

extension TableFacts.Column {
  var isAutoIncrement: Bool { extra.contains("AUTO_INCREMENT") }

  /// Whether the server sets it with every update.
  var isSetOnUpdate: Bool { extra.contains("ON UPDATE CURRENT_TIMESTAMP") }

  /// Whether the server fills it where an INSERT says nothing.
  var isFilledByServer: Bool {
    let text = defaultText?.lowercased() ?? ""
    return text.hasPrefix("current_timestamp") || text.hasPrefix("now(")
  }

  var isInvisible: Bool { extra.contains("INVISIBLE") }

  /// Whether a table of the lake can have a column of this name: one without control characters.
  var isNameable: Bool {
    !name.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
  }

  /// Whether a stream reads it where nothing is said about it.
  var isTaken: Bool { isReadable && isNameable && !isInvisible }

  /// TIMESTAMP or DATETIME.
  var isTime: Bool { kind == "timestamp" || kind == "datetime" }

  /// Holds a day at least.
  var isDate: Bool { isTime || kind == "date" }

  /// The type as people write it: `TIMESTAMP(6)`, `BIGINT UNSIGNED`.
  var typeText: String {
    // Widths of whole numbers mean nothing.
    let isInteger = ["tinyint", "smallint", "mediumint", "int", "bigint"].contains(kind)
    let text =
      isInteger ? kind + (type.contains("unsigned") ? " unsigned" : "") : type
    return kind == "enum" || kind == "set" ? kind.uppercased() : text.uppercased()
  }

  /// Bits of a BIT, digits of a DECIMAL: the first number within brackets.
  var length: Int? {
    guard let open = type.firstIndex(of: "(") else { return nil }
    return Int(type[type.index(after: open)...].prefix { $0.isASCII && $0.isNumber })
  }
}
