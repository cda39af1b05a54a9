internal import Records

/// Which keys fill which columns of text.
final class TextColumnNames {
  private let options: LineOptions
  private let infersTypes: Bool
  private let reserved: Set<String>
  /// Places of columns by key.
  private var keys = NameTable()
  /// Places of columns by folded name.
  private var places: [String: Int] = [:]

  init(_ options: LineOptions, infersTypes: Bool) {
    self.options = options
    self.infersTypes = infersTypes
    reserved = Set(options.reservedNames.map(foldedName))
  }

  /// The columns that a table has or the config declares, in that order.
  func knownColumns(_ schema: Schema?) throws(FormatError) -> [InferredColumn] {
    let times = try options.declaredTimes()
    var columns: [InferredColumn] = []
    for field in schema?.fields ?? [] where !reserved.contains(foldedName(field.name)) {
      let folded = foldedName(field.name)
      guard places[folded] == nil else { continue }
      places[folded] = columns.count
      columns.append(
        InferredColumn(name: field.name, kind: infersTypes ? TextKind(known: field.type) : .string))
    }
    for field in options.declared {
      guard let declared = DeclaredText(field.type, time: times[field.name]) else {
        throw FormatError(
          .invalidOption, "a column of texts cannot be declared as \(field.type)",
          remedy: "Use boolean, tinyint, smallint, int, bigint, float, double, decimal(p,s), date, "
            + "timestamp, string or json.",
          place: field.name)
      }
      place(InferredColumn(name: field.name, declared: declared), &columns)
    }
    return columns
  }

  /// Puts a column of a given type in the place of the known one.
  private func place(_ column: InferredColumn, _ columns: inout [InferredColumn]) {
    if let place = places[foldedName(column.name)] {
      columns[place] = column
    } else {
      places[foldedName(column.name)] = columns.count
      columns.append(column)
    }
  }

  /// Gives the column that the key will fill a type, where the table has it.
  func give(_ key: String, _ declared: DeclaredText, _ columns: inout [InferredColumn])
    throws(FormatError)
  {
    let name = columnName(key)
    if let field = options.declared.first(where: { foldedName($0.name) == foldedName(name) }) {
      throw FormatError(
        .invalidOption, "the column '\(field.name)' has its type already",
        remedy: "Remove it from 'columns'; cast in a query or a derived stream.",
        place: field.name)
    }
    given[foldedName(name)] = declared
    if let place = places[foldedName(name)] {
      columns[place] = InferredColumn(name: columns[place].name, declared: declared)
    }
  }

  /// Types of columns that are not there yet, by folded name.
  private var given: [String: DeclaredText] = [:]

  func place(of key: UnsafeBufferPointer<UInt8>) -> Int? { keys.value(of: key) }

  private func columnName(_ key: String) -> String {
    reserved.contains(foldedName(key)) ? key + "_" : key
  }

  /// Finds or makes the column for a key met for the first time.
  /// - Returns: its place, and the column where it is a new one, which comes behind the others.
  /// - Throws: `.nameCollision`, `.tooManyColumns`.
  func add(_ bytes: UnsafeBufferPointer<UInt8>, _ columns: [InferredColumn]) throws(FormatError)
    -> (place: Int, column: InferredColumn?)
  {
    let key = String(decoding: bytes, as: UTF8.self)
    let name = columnName(key)
    if let other = options.keys?.claim(foldedName(name), for: key) { try check(name, other, key) }
    if let place = places[foldedName(name)] {
      if let other = columns[place].key, other != key { try check(name, other, key) }
      columns[place].key = key
      remember(bytes, place)
      return (place, nil)
    }
    guard columns.count < TextRowsBuilder.columnsMax else { throw tooManyColumns(key) }
    let column =
      if let declared = given[foldedName(name)] {
        InferredColumn(name: name, declared: declared)
      } else {
        InferredColumn(name: name, kind: infersTypes ? .undetermined : .string)
      }
    column.key = key
    places[foldedName(name)] = columns.count
    remember(bytes, columns.count)
    return (columns.count, column)
  }

  /// - Throws: where two keys may not fill one column.
  private func check(_ name: String, _ other: String, _ key: String) throws(FormatError) {
    guard foldedName(other) == foldedName(key) else { throw collision(name, other, key) }
    guard options.mergesCase else { throw ColumnName.caseCollision(key, other) }
  }

  /// A key can be spelt in more ways than memory should hold.
  private func remember(_ key: UnsafeBufferPointer<UInt8>, _ place: Int) {
    if keys.count < 4 * TextRowsBuilder.columnsMax { keys.insert(key, place) }
  }

  private func collision(_ name: String, _ other: String, _ key: String) -> FormatError {
    FormatError(
      .nameCollision, "the names '\(other)' and '\(key)' would fill one column",
      remedy: "Rename one of them where they are written.", place: name)
  }

  private func tooManyColumns(_ key: String) -> FormatError {
    FormatError(
      .tooManyColumns, "the text has more than \(TextRowsBuilder.columnsMax) different names",
      remedy: "Look whether the format is the right one: names that are data (ids, times) make a "
        + "column each.",
      place: key)
  }
}
