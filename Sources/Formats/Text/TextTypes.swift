internal import Kernels
public import Records

/// Finds the types of columns whose values all came as texts: those of CSV and XML.
///
/// A batch's texts decide together, so that a column of which one value is no number keeps the
/// spelling of all of them. From batch to batch types only widen, from the table's columns on:
///
///     boolean (true, false)      bigint → double      date → timestamp      anything else → string
///
/// Numbers with leading zeros or a plus sign, whole ones beyond 64 bits, and others of more than 17
/// digits are texts: a number would not give them back.
public struct TextTypes {
  enum Kind {
    case boolean, integer, double, date, timestamp, text
  }

  /// By the column's name, and those of the structs that it is in.
  private var known: [[String]: Kind] = [:]
  /// Columns whose types the config gives.
  private let declared: Set<String>

  public init(knownSchema: Schema?, declared: [Field] = []) {
    self.declared = Set(declared.map { foldedName($0.name) })
    note(knownSchema?.fields ?? [], [])
  }

  private mutating func note(_ fields: [Field], _ path: [String]) {
    for field in fields where !path.isEmpty || !declared.contains(foldedName(field.name)) {
      let place = path + [field.name]
      if case .structure(let inner) = field.type {
        note(inner, place)
      } else if let kind = Kind(field.type) {
        known[place] = kind
      }
    }
  }

  /// The table's columns as a builder of rows has to know them, which makes texts of all values.
  public func textSchema(_ schema: Schema?) -> Schema? {
    schema.map { Schema(texts($0.fields, isTop: true)) }
  }

  private func texts(_ fields: [Field], isTop: Bool) -> [Field] {
    fields.map { field in
      if isTop && declared.contains(foldedName(field.name)) { return field }
      var field = field
      if case .structure(let inner) = field.type {
        field.type = .structure(texts(inner, isTop: false))
      } else if Kind(field.type) != nil {
        field.type = .string
      }
      return field
    }
  }

  /// The batch with its columns of texts in the types that all texts so far have.
  /// Complexity: O(bytes).
  public mutating func typed(_ batch: Batch) -> Batch {
    var fields: [Field] = []
    var columns: [Column] = []
    for (field, column) in zip(batch.schema.fields, batch.columns) {
      var column = column
      if !declared.contains(foldedName(field.name)) { column = typed(column, [field.name]) }
      fields.append(Field(field.name, column.type, isNullable: field.isNullable))
      columns.append(column)
    }
    return Batch(schema: Schema(fields), columns: columns, rowCount: batch.rowCount)
  }

  private mutating func typed(_ column: Column, _ path: [String]) -> Column {
    switch (column.type, column.values) {
    case (.structure(let fields), .structure(let children)):
      var typedFields: [Field] = []
      var typedChildren: [Column] = []
      for (field, child) in zip(fields, children) {
        let child = typed(child, path + [field.name])
        typedFields.append(Field(field.name, child.type, isNullable: field.isNullable))
        typedChildren.append(child)
      }
      return Column(
        type: .structure(typedFields), count: column.count, validity: column.validity,
        values: .structure(typedChildren))
    case (.string, .bytes(let texts)):
      guard let kind = kind(texts, column, known[path]) else { return column }
      known[path] = kind
      return kind.column(texts, column)
    default: return column
    }
  }

  /// - Returns: nil where there is neither a text nor a type known.
  private func kind(_ texts: ByteColumn, _ column: Column, _ known: Kind?) -> Kind? {
    var kind = known
    for row in 0..<column.count where kind != .text && !column.isNull(row) {
      let found = texts.withBytes(row) { Kind(text: $0) }
      kind = kind?.widened(with: found) ?? found
    }
    return kind
  }
}

extension TextTypes.Kind {
  /// nil: of no type that texts are found to have.
  fileprivate init?(_ type: DataType) {
    switch type {
    case .boolean: self = .boolean
    case .int8, .int16, .int32, .int64: self = .integer
    case .float32, .float64: self = .double
    case .date: self = .date
    case .timestamp(.microseconds, isUTC: true): self = .timestamp
    case .string: self = .text
    default: return nil
    }
  }

  fileprivate init(text: UnsafeBufferPointer<UInt8>) {
    guard let first = text.first else {
      self = .text
      return
    }
    if first == UInt8(ascii: "t") || first == UInt8(ascii: "f") {
      self = text.elementsEqual("true".utf8) || text.elementsEqual("false".utf8) ? .boolean : .text
    } else if let isWhole = Self.isWholeNumber(text) {
      self = isWhole ? .integer : .double
    } else if scanDate(text) != nil {
      self = .date
    } else {
      self = text.count > 10 && scanTimestamp(text) != nil ? .timestamp : .text
    }
  }

  /// Whether a number is a whole one; nil where the text is none that a number gives back.
  private static func isWholeNumber(_ text: UnsafeBufferPointer<UInt8>) -> Bool? {
    var index = text[0] == UInt8(ascii: "-") ? 1 : 0
    func digits() -> Int {
      let start = index
      while index < text.count, text[index] &- 0x30 <= 9 { index += 1 }
      return index - start
    }
    let start = index
    var count = digits()
    guard count > 0, count == 1 || text[start] != 0x30 else { return nil }
    if index == text.count {
      return Int64(String(decoding: text, as: UTF8.self)) == nil ? nil : true
    }
    if text[index] == UInt8(ascii: ".") {
      index += 1
      let fraction = digits()
      if fraction == 0 { return nil }
      count += fraction
    }
    if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      if index < text.count, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
        index += 1
      }
      let exponent = digits()
      guard (1...3).contains(exponent) else { return nil }
    }
    guard index == text.count, count <= 17,
      Double(String(decoding: text, as: UTF8.self))?.isFinite == true
    else { return nil }
    return false
  }

  fileprivate func widened(with other: Self) -> Self {
    if self == other { return self }
    switch (self, other) {
    case (.integer, .double), (.double, .integer): return .double
    case (.date, .timestamp), (.timestamp, .date): return .timestamp
    default: return .text
    }
  }

  /// The texts as values of the kind, which all of them are.
  fileprivate func column(_ texts: ByteColumn, _ column: Column) -> Column {
    func values<Value>(_ zero: Value, _ value: (UnsafeBufferPointer<UInt8>) -> Value?) -> [Value] {
      (0..<column.count).map { row in
        column.isNull(row) ? zero : texts.withBytes(row, value) ?? zero
      }
    }
    func made(_ type: DataType, _ values: Column.Values) -> Column {
      Column(type: type, count: column.count, validity: column.validity, values: values)
    }
    switch self {
    case .text: return column
    case .boolean:
      var bits = Bitmap()
      for bit in values(false, { $0.count == 4 }) { bits.append(bit) }
      return made(.boolean, .boolean(bits))
    case .integer:
      return made(.int64, .int64(values(0) { Int64(String(decoding: $0, as: UTF8.self)) }))
    case .double:
      return made(.float64, .double(values(0) { Double(String(decoding: $0, as: UTF8.self)) }))
    case .date: return made(.date, .int32(values(0) { scanDate($0) }))
    case .timestamp:
      return made(
        .timestamp(.microseconds, isUTC: true), .int64(values(0) { scanTimestamp($0) }))
    }
  }
}

extension ByteColumn {
  fileprivate func withBytes<Result>(
    _ row: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    let view = views[row]
    if view.length == 0 { return body(UnsafeBufferPointer(start: nil, count: 0)) }
    return buffers[Int(view.buffer)].withUnsafeBufferPointer {
      body(UnsafeBufferPointer(rebasing: $0[Int(view.offset)..<Int(view.offset + view.length)]))
    }
  }
}
