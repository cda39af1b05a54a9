/// A table, by the database it is in.
public struct TableName: Hashable, Sendable, CustomStringConvertible {
  public var database: String
  public var table: String

  public init(_ database: String, _ table: String) {
    self.database = database
    self.table = table
  }

  public var description: String { "\(database).\(table)" }

  /// The name as the catalog keeps it.
  /// - Throws: `.invalidInput`.
  public func folded() throws(CatalogError) -> TableName {
    TableName(
      try CatalogName.folded(database, what: "database"),
      try CatalogName.folded(table, what: "table"))
  }
}

/// The rules for names, those of Athena: lower case letters, digits and `_`, up to 255.
public enum CatalogName {
  public static let byteCountMax = 255

  /// A database's or table's name in lower case.
  /// - Parameter what: what the name is of, for the error.
  /// - Throws: `.invalidInput` where it holds other characters, is empty or too long.
  public static func folded(_ name: String, what: String) throws(CatalogError) -> String {
    let folded = name.lowercased()
    try checkLength(folded, what: what)
    if !folded.utf8.allSatisfy(isPlain) {
      throw CatalogError(
        .invalidInput, "the name of a \(what) has lower case letters, digits and '_' only",
        remedy: "name it '\(plain(folded))'", place: shown(name))
    }
    return folded
  }

  /// A column's name as the catalog keeps it: in lower case, with whatever characters it has;
  /// readers find the column in the file by its name without regard to case.
  /// - Throws: `.invalidInput` where it is empty, too long, or has control characters.
  public static func foldedColumn(_ name: String) throws(CatalogError) -> String {
    let folded = name.lowercased()
    try checkLength(folded, what: "column")
    if folded.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
      throw CatalogError(
        .invalidInput, "the name of a column has no control characters",
        remedy: "rename the column in the source's query or mapping", place: shown(name))
    }
    return folded
  }

  /// The nearest allowed name: other characters become `_`.
  public static func plain(_ name: String) -> String {
    let bytes = name.lowercased().utf8.map { isPlain($0) ? $0 : UInt8(ascii: "_") }
    return String(decoding: bytes.prefix(byteCountMax), as: UTF8.self)
  }

  /// - Throws: `.invalidInput` where two of the names are the same in lower case.
  static func checkDistinct(_ names: [String], in place: String) throws(CatalogError) {
    var seen: [String: String] = [:]
    for name in names {
      if let other = seen.updateValue(name, forKey: name.lowercased()) {
        throw CatalogError(
          .invalidInput,
          other == name
            ? "two columns are named '\(name)'"
            : "the columns '\(other)' and '\(name)' are the same to readers, who ignore case",
          remedy: "rename one of them in the source's query or mapping", place: place)
      }
    }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static func checkLength(_ name: String, what: String) throws(CatalogError) {
    if name.isEmpty {
      throw CatalogError(
        .invalidInput, "the name of a \(what) is empty", remedy: "give it a name", place: what)
    }
    if name.utf8.count > byteCountMax {
      throw CatalogError(
        .invalidInput,
        "the name of a \(what) has \(name.utf8.count) bytes; at most \(byteCountMax) are possible",
        remedy: "choose a shorter name", place: shown(name))
    }
  }

  private static func shown(_ name: String) -> String {
    name.utf8.count > 300 ? String(name.prefix(100)) + "…" : name
  }
}
