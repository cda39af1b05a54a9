internal import Records

/// A column under construction whose type may still widen.
final class JSONColumn {
  let name: String
  private(set) var kind: Kind
  /// The type that the config gives; values arrive converted to it.
  let declared: DeclaredColumn?
  /// The node of the shredder that holds its values; nil while no key names it.
  var node: UInt32?
  /// Whether objects make it a struct, or text.
  var isEntered = true
  /// Tags that count as null in this column.
  var nullTags: UInt8 = JSONSlot.null
  private(set) var count = 0
  private var validity = ColumnBits()

  // What `kind` says is filled; the others are empty.
  private var bits = ColumnBits()
  private var integers: [Int64] = []
  private var decimals: [Int128] = []
  private var doubles: [Double] = []
  private var texts = TextViews()
  var children: [JSONColumn] = []
  /// Places in `children` by folded name.
  private(set) var childPlaces: [String: Int] = [:]

  enum Kind {
    case undetermined, boolean, integer, decimal, double, string, json, structure
  }

  init(name: String, kind: Kind, declared: DeclaredColumn? = nil) {
    self.name = name
    self.kind = kind
    self.declared = declared
  }

  convenience init(declared: DeclaredColumn) {
    self.init(name: declared.field.name, kind: declared.kind, declared: declared)
  }

  /// The column of a table as inference would have made it: at least as wide as the known type.
  convenience init(known field: Field) {
    switch field.type {
    case .boolean: self.init(name: field.name, kind: .boolean)
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32:
      self.init(name: field.name, kind: .integer)
    case .uint64, .decimal(precision: 1...20, scale: 0):
      self.init(name: field.name, kind: .decimal)
    case .float16, .float32, .float64: self.init(name: field.name, kind: .double)
    case .json, .list, .map: self.init(name: field.name, kind: .json)
    case .structure(let fields):
      self.init(name: field.name, kind: .structure)
      for field in fields { addChild(JSONColumn(known: field)) }
    default: self.init(name: field.name, kind: .string)
    }
  }

  /// - Parameter rows: that the column lacks so far; they are null in it.
  func addChild(_ child: JSONColumn, rows: Int = 0) {
    childPlaces[foldedName(child.name)] = children.count
    children.append(child)
    child.appendNulls(rows)
  }

  /// Whether the column has a type that is worth a column.
  var isTyped: Bool {
    switch kind {
    case .undetermined: false
    case .structure: children.contains(where: \.isTyped)
    default: true
    }
  }

  var byteCount: Int {
    let own: Int
    switch kind {
    case .undetermined: own = 0
    case .boolean: own = count / 8
    case .integer, .double: own = count * 8
    case .decimal: own = count * 16
    case .string, .json: own = count * 12 + texts.byteCount
    case .structure: own = children.reduce(0) { $0 + $1.byteCount }
    }
    return own + count / 8
  }

  // MARK: Appending

  /// Counts rows that the children have had appended.
  func countRows(_ rows: Int) { count += rows }

  func appendNulls(_ rows: Int) {
    guard rows > 0 else { return }
    validity.append(false, count: rows)
    switch kind {
    case .undetermined: break
    case .boolean: bits.append(false, count: rows)
    case .integer: integers.append(contentsOf: repeatElement(0, count: rows))
    case .decimal: decimals.append(contentsOf: repeatElement(0, count: rows))
    case .double: doubles.append(contentsOf: repeatElement(0, count: rows))
    case .string, .json: texts.appendNulls(rows)
    case .structure: for child in children { child.appendNulls(rows) }
    }
    count += rows
  }

  /// Appends the rows of the slots.
  func append(_ builder: JSONRowsBuilder, _ chunk: JSONChunk, rows: Int) {
    guard let node else { return appendNulls(rows) }
    let slots = JSONSlots(
      tags: builder.tags(of: node), values: builder.values(of: node), count: rows)
    let found = slots.tagsUnion & ~nullTags
    if found == 0 { return appendNulls(rows) }
    let wider = kind.widened(with: Kind(tags: found, isEntered: isEntered))
    if wider != kind && declared == nil {
      widen(to: wider)
      if wider == .string || wider == .json {
        builder.stopEntering(node)
        isEntered = false
      }
    }
    validity.append(slots, notNull: found, hasNulls: slots.tagsUnion & nullTags != 0)
    switch kind {
    case .undetermined: break
    case .boolean: bits.append(slots.booleans)
    case .integer: slots.appendIntegers(to: &integers)
    case .decimal: slots.appendDecimals(to: &decimals)
    case .double: slots.appendDoubles(to: &doubles)
    case .string: texts.append(slots, chunk, nullTags: nullTags, asJSON: false)
    case .json: texts.append(slots, chunk, nullTags: nullTags, asJSON: true)
    case .structure: for child in children { child.append(builder, chunk, rows: rows) }
    }
    count += rows
  }

  // MARK: Widening

  /// Makes what is there the values of a wider type.
  private func widen(to wider: Kind) {
    switch (kind, wider) {
    case (.undetermined, .structure):
      for child in children { child.appendNulls(count - child.count) }
    case (.undetermined, _): fillNulls(wider)
    case (.integer, .decimal): decimals = integers.map { Int128($0) }
    case (.integer, .double): doubles = integers.map { Double($0) }
    case (.decimal, .double): doubles = decimals.map { Double($0) }
    case (.json, .string): break
    default:
      var rewritten = TextViews()
      for row in 0..<count {
        if validity[row] {
          rewritten.append { appendText(row, to: &$0) }
        } else {
          rewritten.appendNulls(1)
        }
      }
      texts = rewritten
      children = []
      childPlaces = [:]
    }
    kind = wider
    if wider != .integer { integers = [] }
    if wider != .decimal { decimals = [] }
    if wider != .double { doubles = [] }
    if wider != .boolean { bits = ColumnBits() }
  }

  private func fillNulls(_ wider: Kind) {
    switch wider {
    case .boolean: bits.append(false, count: count)
    case .integer: integers = Array(repeating: 0, count: count)
    case .decimal: decimals = Array(repeating: 0, count: count)
    case .double: doubles = Array(repeating: 0, count: count)
    case .string, .json: texts.appendNulls(count)
    case .undetermined, .structure: break
    }
  }

  /// Appends one value as the text that it has in a column of text.
  private func appendText(_ row: Int, to output: inout [UInt8]) {
    switch kind {
    case .string, .json: texts.appendBytes(row, to: &output)
    default: appendJSON(row, to: &output)
    }
  }

  private func appendJSON(_ row: Int, to output: inout [UInt8]) {
    switch kind {
    case .undetermined: output.append(contentsOf: "null".utf8)
    case .boolean: output.append(contentsOf: (bits[row] ? "true" : "false").utf8)
    case .integer: output.append(contentsOf: String(integers[row]).utf8)
    case .decimal: output.append(contentsOf: String(decimals[row]).utf8)
    case .double: JSONTextWriter.appendNumber(doubles[row], to: &output)
    case .json: texts.appendBytes(row, to: &output)
    case .string:
      var bytes: [UInt8] = []
      texts.appendBytes(row, to: &bytes)
      JSONTextWriter.appendQuoted(bytes, to: &output)
    case .structure:
      output.append(UInt8(ascii: "{"))
      var isFirst = true
      for child in children where child.validity[row] {
        if !isFirst { output.append(UInt8(ascii: ",")) }
        isFirst = false
        JSONTextWriter.appendQuoted(Array(child.name.utf8), to: &output)
        output.append(UInt8(ascii: ":"))
        child.appendJSON(row, to: &output)
      }
      output.append(UInt8(ascii: "}"))
    }
  }

  // MARK: Finishing

  /// The typed children with their rows; they go on with none.
  func takeChildren(rows: Int) -> [(field: Field, column: Column)] {
    var taken: [(field: Field, column: Column)] = []
    for child in children {
      child.appendNulls(rows - child.count)
      if let column = child.take() { taken.append((Field(child.name, column.type), column)) }
    }
    count = 0
    return taken
  }

  /// The column, or nil while it has no type; it goes on with no rows.
  private func take() -> Column? {
    let rows = count
    let valid = validity.take()
    let bitmap = valid.map { Bitmap(words: $0, count: rows) }
    defer { count = 0 }
    guard isTyped else {
      if kind == .structure { _ = takeChildren(rows: rows) }
      return nil
    }
    func column(_ type: DataType, _ values: Column.Values) -> Column {
      Column(type: type, count: rows, validity: bitmap, values: values)
    }
    switch kind {
    case .undetermined: return nil
    case .boolean:
      let words = bits.takeWords()
      return column(.boolean, .boolean(Bitmap(words: words, count: rows)))
    case .integer:
      defer { integers = [] }
      let type = declared?.field.type ?? .int64
      if type.physicalType == .int32 {
        return column(type, .int32(integers.map { Int32(truncatingIfNeeded: $0) }))
      }
      return column(type, .int64(integers))
    case .decimal:
      defer { decimals = [] }
      return column(.decimal(precision: 20, scale: 0), .int128(decimals))
    case .double:
      defer { doubles = [] }
      if let type = declared?.field.type, type.physicalType == .float {
        return column(type, .float(doubles.map { Float($0) }))
      }
      return column(.float64, .double(doubles))
    case .string: return column(.string, .bytes(texts.take()))
    case .json: return column(.json, .bytes(texts.take()))
    case .structure:
      let taken = takeChildren(rows: rows)
      return column(.structure(taken.map(\.field)), .structure(taken.map(\.column)))
    }
  }
}

extension JSONColumn.Kind {
  /// The narrowest kind for values with these tags, of which there is at least one.
  init(tags: UInt8, isEntered: Bool) {
    switch tags {
    case JSONSlot.boolean: self = .boolean
    case JSONSlot.integer: self = .integer
    case JSONSlot.unsigned, JSONSlot.unsigned | JSONSlot.integer: self = .decimal
    case JSONSlot.string: self = .string
    case JSONSlot.object: self = isEntered ? .structure : .json
    case JSONSlot.array, JSONSlot.array | JSONSlot.object: self = .json
    default:
      let numbers = JSONSlot.integer | JSONSlot.unsigned | JSONSlot.double
      self = tags & ~numbers == 0 ? .double : .string
    }
  }

  /// The narrowest kind that holds the values of both.
  func widened(with other: Self) -> Self {
    if self == other { return self }
    switch (self, other) {
    case (.undetermined, _): return other
    case (_, .undetermined): return self
    case (.integer, .decimal), (.decimal, .integer): return .decimal
    case (.integer, .double), (.double, .integer), (.decimal, .double), (.double, .decimal):
      return .double
    case (.json, .structure), (.structure, .json): return .json
    default: return .string
    }
  }
}
