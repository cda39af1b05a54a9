public import Records

/// Finds the types of columns whose values all came as texts: those of CSV and XML.
///
/// A batch's texts decide together, so that a column of which one value is no number keeps the
/// spelling of all of them. From batch to batch types only widen, from the table's columns on:
///
/// The kinds and how they widen are `TextKind`'s, as for the lines of files.
public struct TextTypes {
  /// By the column's name, and those of the structs that it is in.
  private var known: [[String]: TextKind] = [:]
  /// Columns whose types the config gives.
  private let declared: Set<String>
  private let times: TextTimes

  /// - Parameter zone: of times that name none.
  public init(knownSchema: Schema?, declared: [Field] = [], zone: TimeZoneRules = .utc) {
    times = TextTimes(zone)
    self.declared = Set(declared.map { foldedName($0.name) })
    note(knownSchema?.fields ?? [], [])
  }

  private mutating func note(_ fields: [Field], _ path: [String]) {
    for field in fields where !path.isEmpty || !declared.contains(foldedName(field.name)) {
      let place = path + [field.name]
      if case .structure(let inner) = field.type {
        note(inner, place)
      } else if let kind = TextKind(found: field.type) {
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
      } else if TextKind(found: field.type) != nil {
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
      return kind.column(texts, column, times)
    default: return column
    }
  }

  /// - Returns: nil where there is neither a text nor a type known.
  private func kind(_ texts: ByteColumn, _ column: Column, _ known: TextKind?) -> TextKind? {
    var kind = known ?? .undetermined
    var text = PaddedText()
    for row in 0..<column.count where kind != .string && !column.isNull(row) {
      // An empty text is a value where it is not null, and no other type has it.
      let found = text.with(texts, row) { $0.isEmpty ? .string : TextKind($0, times: times) }
      kind = kind.widened(with: found)
    }
    return kind == .undetermined ? nil : kind
  }
}

/// A text with the bytes behind it that parsers may read.
private struct PaddedText {
  private var bytes: [UInt8] = []

  mutating func with<Result>(
    _ texts: ByteColumn, _ row: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    let count = texts.withBytes(row) { text in
      bytes.removeAll(keepingCapacity: true)
      bytes.append(contentsOf: text)
      bytes.append(contentsOf: repeatElement(0, count: 8))
      return text.count
    }
    return bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[0..<count])) }
  }
}

extension TextKind {
  /// nil: of no type that texts are found to have.
  fileprivate init?(found type: DataType) {
    switch type {
    case .boolean, .int8, .int16, .int32, .int64, .float32, .float64, .date, .string,
      .decimal(_, scale: 0), .timestamp(.microseconds, isUTC: true):
      self.init(known: type)
    default: return nil
    }
  }

  /// The texts as values of the kind, which all of them are.
  fileprivate func column(_ texts: ByteColumn, _ column: Column, _ times: TextTimes) -> Column {
    var padded = PaddedText()
    func values<Value>(_ zero: Value, _ value: (UnsafeBufferPointer<UInt8>) -> Value?) -> [Value] {
      (0..<column.count).map { row in
        column.isNull(row) ? zero : padded.with(texts, row, value) ?? zero
      }
    }
    func made(_ values: Column.Values) -> Column {
      Column(type: type ?? .string, count: column.count, validity: column.validity, values: values)
    }
    switch self {
    case .string, .undetermined: return column
    case .boolean:
      var bits = Bitmap()
      for bit in values(false, { $0.count == 4 }) { bits.append(bit) }
      return made(.boolean(bits))
    case .integer: return made(.int64(values(0) { Int64(String(decoding: $0, as: UTF8.self)) }))
    case .decimal: return made(.int128(values(0) { TextNumber.wide($0) }))
    case .double: return made(.double(values(0) { Double(String(decoding: $0, as: UTF8.self)) }))
    case .date: return made(.int32(values(0) { times.date($0) }))
    case .timestamp: return made(.int64(values(0) { times.timestamp($0) }))
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
