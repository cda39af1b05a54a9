internal import Base
internal import Connector
internal import Records

/// Looks at a few rows for values that are not what their columns promise.
struct SampleCheck {
  let relation: Relation
  let table: TableFacts
  let settings: StreamSettings
  let connection: Connection

  private static let rowsMax = 1000
  private static let charactersMax = 64

  private var columns: [TableFacts.Column] {
    relation.schema.fields.compactMap { table[$0.name] }
  }

  func findings() throws(ServerError) -> [Finding] {
    // The first rows of a view may take all of its tables.
    if table.kind != .table { return [] }
    return try zeroDates() + doubleEncoded()
  }

  // MARK: Dates that are none

  private func zeroDates() throws(ServerError) -> [Finding] {
    let dates = columns.filter(\.isDate)
    if dates.isEmpty || settings.zeroDates == .text { return [] }
    var found = try sample(dates) { name in
      "SUM(DAYOFMONTH(\(name)) = 0 OR MONTH(\(name)) = 0)"
    }
    // The least of an index is where zero dates stand.
    for column in dates where !found.contains(column.name) {
      guard table.index(leadingTo: column.name) != nil else { continue }
      let least = try connection.value(
        "SELECT MIN(\(SQLText.name(column.name))) FROM \(table.sqlName)")
      if least?.contains("-00") ?? false { found.append(column.name) }
    }
    if found.isEmpty { return [] }
    let isError = settings.zeroDates == .error
    return [
      Finding(
        isError ? .error : .warning,
        "there are dates such as 0000-00-00: "
          + (isError ? "a run would stop at them" : "they become null, and are counted"),
        remedy: "`zero_dates: text` makes such columns text and keeps them"
          + (isError ? "." : ", `zero_dates: error` stops at them."),
        code: "zero_dates", subject: found.joined(separator: ", "))
    ]
  }

  /// The columns of which an aggregate over the sample is not 0.
  private func sample(
    _ columns: [TableFacts.Column], _ aggregate: (String) -> String
  ) throws(ServerError) -> [String] {
    let names = columns.map { SQLText.name($0.name) }
    let row = try connection.rows(
      "SELECT \(names.map(aggregate).joined(separator: ", ")) FROM (SELECT "
        + "\(names.joined(separator: ", ")) FROM \(table.sqlName) LIMIT \(Self.rowsMax)) AS sample"
    ).first
    return zip(columns, row ?? []).compactMap { column, value in
      value == nil || value == "0" ? nil : column.name
    }
  }

  // MARK: Texts encoded twice

  /// Columns that the server takes for latin1 and that hold UTF-8, as clients leave them that
  /// never said what they send.
  private func doubleEncoded() throws(ServerError) -> [Finding] {
    let texts = columns.filter {
      $0.characterSet == "latin1" && $0.kind != "enum" && $0.kind != "set"
    }
    if texts.isEmpty { return [] }
    let parts = texts.map { "LEFT(\(SQLText.name($0.name)), \(Self.charactersMax))" }
    let rows = try connection.rows(
      "SELECT \(parts.map { "HEX(\($0))" }.joined(separator: ", ")) FROM \(table.sqlName) "
        + "LIMIT \(Self.rowsMax)")
    let found = texts.indices.filter { index in
      let values = rows.compactMap { $0[index] }.compactMap(Self.foreignBytes)
      return !values.isEmpty && values.allSatisfy(Self.isUTF8)
    }.map { texts[$0].name }
    if found.isEmpty { return [] }
    let name = SQLText.name(found[0])
    return [
      Finding(
        .warning,
        "latin1 columns seem to hold UTF-8: texts come as the server reads them, `Ã©` for é",
        remedy: "Once for each, with its own length: ALTER TABLE \(table.sqlName) MODIFY \(name) "
          + "VARBINARY(…); then MODIFY \(name) VARCHAR(…) CHARACTER SET utf8mb4.",
        code: "double_encoded", subject: found.joined(separator: ", "))
    ]
  }

  /// A value's bytes; nil where all of them are ASCII.
  private static func foreignBytes(_ hex: String) -> [UInt8]? {
    let digits = Array(hex.utf8)
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count - 1, by: 2) {
      guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16)
      else { return nil }
      bytes.append(byte)
    }
    return bytes.contains { $0 > 0x7F } ? bytes : nil
  }

  /// Whether the bytes are UTF-8, but for a character that the sample cut off.
  private static func isUTF8(_ bytes: [UInt8]) -> Bool {
    for cut in 0..<4 where cut == 0 || bytes.count >= charactersMax {
      if String(validating: bytes.dropLast(cut), as: UTF8.self) != nil { return true }
    }
    return false
  }
}
