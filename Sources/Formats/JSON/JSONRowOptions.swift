public import Records

/// How objects become rows.
public struct JSONRowOptions: Sendable {
  /// Objects in objects become columns `a_b` instead of structs.
  public var flattens: Bool
  /// Levels of objects that become columns, where `flattens`; objects below them stay structs.
  public var flattenedLevels: Int
  /// Arrays become lists; else JSON text.
  public var takesLists: Bool
  /// Columns whose types are given. A value that does not fit makes its row a reject.
  public var declared: [Field]
  /// How declared dates and timestamps are written, by the column's name: ISO 8601, and in UTC
  /// where they name no zone, for those not here.
  public var times: [String: TimePattern]
  /// Names that other columns of the table have; a key of that name fills `<name>_`.
  public var reservedNames: [String]
  /// Keys that differ only in case fill one column, the last one in an object counting.
  /// Otherwise they are an error, since the catalog folds names to lower case.
  public var mergesCase: Bool
  /// Keys of all levels together.
  public var columnsMax: Int
  /// Objects and arrays nested deeper than this stay JSON text.
  public var nestingMax: Int

  public init(
    flattens: Bool = false, flattenedLevels: Int = .max, takesLists: Bool = true,
    declared: [Field] = [], times: [String: TimePattern] = [:],
    reservedNames: [String] = [], mergesCase: Bool = false, columnsMax: Int = 2000,
    nestingMax: Int = 16
  ) {
    self.flattens = flattens
    self.flattenedLevels = flattenedLevels
    self.takesLists = takesLists
    self.declared = declared
    self.times = times
    self.reservedNames = reservedNames
    self.mergesCase = mergesCase
    self.columnsMax = columnsMax
    self.nestingMax = nestingMax
  }

  /// Bytes of the longest key that can name a column.
  public static let nameBytesMax = 255
}

extension JSONRowOptions {
  /// The options for values that came as texts, those of XML: there one thing is no array and two
  /// are, so that arrays stay JSON text.
  /// - Throws: `.invalidOption` where a column is declared as a list or struct.
  public func ofTexts() throws(FormatError) -> JSONRowOptions {
    if let field = declared.first(where: { $0.type.isNested }) {
      throw FormatError(
        .invalidOption, "a column of texts cannot be declared as \(field.type)",
        remedy: "Declare it as json, and take it apart in queries.", place: field.name)
    }
    var options = self
    options.takesLists = false
    return options
  }
}

/// How a name is compared: as the catalog does, which folds to lower case.
func foldedName(_ name: String) -> String { name.lowercased() }

extension JSONRowOptions {
  /// Whether the config gives the type of a column.
  public func declares(_ column: String) -> Bool {
    declared.contains { foldedName($0.name) == foldedName(column) }
  }

  /// Whether objects at a level become columns of the table; 0 is the row itself.
  func flattens(level: Int) -> Bool { level == 0 || (flattens && level <= flattenedLevels) }
}
