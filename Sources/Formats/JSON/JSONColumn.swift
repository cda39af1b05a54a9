internal import CSimdJSON
internal import Records

/// A column under construction whose type may still widen.
final class JSONColumn {
  let name: String
  private(set) var kind: Kind
  /// The type that the config gives; values arrive converted to it.
  let declared: DeclaredColumn?
  /// The node of the shredder that holds its values; nil while no key names it.
  var node: UInt32?
  /// Whether objects make it a struct and arrays a list, or text.
  var isEntered = true
  /// Whether its values are converted to the declared type as they come: those in lists, which
  /// were only looked at before.
  var convertsSlots = false
  /// Tags that count as null in this column.
  var nullTags: UInt8 = JSONSlot.null
  private(set) var count = 0
  private(set) var validity = ColumnBits()

  // What `kind` says is filled; the others are empty.
  private(set) var bits = ColumnBits()
  private(set) var integers: [Int64] = []
  private(set) var decimals: [Int128] = []
  private(set) var doubles: [Double] = []
  private(set) var texts = TextViews()
  var children: [JSONColumn] = []
  /// Places in `children` by folded name.
  private(set) var childPlaces: [String: Int] = [:]
  /// Where the elements of each row end, and a zero before the first.
  private(set) var offsets: [Int32] = [0]
  /// The elements of all rows.
  private(set) var element: JSONColumn?

  enum Kind {
    case undetermined, boolean, integer, decimal, double, string, json, structure, list
  }

  init(name: String, kind: Kind, declared: DeclaredColumn? = nil) {
    self.name = name
    self.kind = kind
    self.declared = declared
  }

  convenience init(declared: DeclaredColumn) {
    self.init(name: declared.field.name, kind: declared.kind, declared: declared)
    switch kind {
    case .list: element = declared.inner.first.map { JSONColumn(declared: $0) }
    case .structure: for inner in declared.inner { addChild(JSONColumn(declared: inner)) }
    default: break
    }
  }

  /// The column of a table as inference would have made it: at least as wide as the known type.
  convenience init(known field: Field, takesLists: Bool) {
    switch field.type {
    case .boolean: self.init(name: field.name, kind: .boolean)
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32:
      self.init(name: field.name, kind: .integer)
    case .uint64, .decimal(precision: 1...20, scale: 0):
      self.init(name: field.name, kind: .decimal)
    case .float16, .float32, .float64: self.init(name: field.name, kind: .double)
    case .list(let known) where takesLists:
      self.init(name: field.name, kind: .list)
      element = JSONColumn(known: known, takesLists: takesLists)
    case .json, .list, .map: self.init(name: field.name, kind: .json)
    case .structure(let fields):
      self.init(name: field.name, kind: .structure)
      for field in fields { addChild(JSONColumn(known: field, takesLists: takesLists)) }
    default: self.init(name: field.name, kind: .string)
    }
  }

  /// - Parameter rows: that the column lacks so far; they are null in it.
  func addChild(_ child: JSONColumn, rows: Int = 0) {
    childPlaces[foldedName(child.name)] = children.count
    children.append(child)
    child.appendNulls(rows)
  }

  /// The column of the elements of its arrays; nil where those are text.
  func elementColumn(_ options: JSONRowOptions) -> JSONColumn? {
    if kind == .undetermined, options.takesLists, element == nil {
      element = JSONColumn(name: "element", kind: .undetermined)
    }
    return element
  }

  /// Whether the column has a type that is worth a column.
  var isTyped: Bool {
    switch kind {
    case .undetermined: false
    case .structure: children.contains(where: \.isTyped)
    case .list: element?.isTyped ?? false
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
    case .list: own = count * 4 + (element?.byteCount ?? 0)
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
    case .list: appendEmptyLists(rows)
    }
    count += rows
  }

  private func appendEmptyLists(_ rows: Int) {
    offsets.append(contentsOf: repeatElement(offsets[offsets.count - 1], count: rows))
  }

  /// Appends the rows of the slots.
  func append(_ builder: JSONRowsBuilder, _ chunk: JSONChunk, rows: Int) {
    guard let node else { return appendNulls(rows) }
    let slots = JSONSlots(
      tags: builder.tags(of: node), values: builder.values(of: node), count: rows)
    if convertsSlots, let declared { slots.convert(declared, chunk) }
    let found = slots.tagsUnion & ~nullTags
    if found == 0 { return appendNulls(rows) }
    let wider = kind.widened(
      with: Kind(tags: found, takesObjects: isEntered, takesLists: isEntered && element != nil))
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
    case .list: appendLists(builder, chunk, rows: rows)
    }
    count += rows
  }

  /// Appends the arrays of the slots, some hundred elements at a time.
  private func appendLists(_ builder: JSONRowsBuilder, _ chunk: JSONChunk, rows: Int) {
    guard let node, let element, let elementNode = element.node else {
      return appendEmptyLists(rows)
    }
    let start = offsets.count
    var position = tidemark_json_elements()
    position.count = UInt32(bitPattern: offsets[start - 1])
    appendEmptyLists(rows)
    while true {
      let filled = offsets.withUnsafeMutableBufferPointer { offsets in
        tidemark_json_shredder_elements(
          builder.shredder, node, chunk.words, chunk.strings, UInt32(rows), &position,
          offsets.baseAddress.map { $0 + start })
      }
      if filled == 0 { break }
      element.append(builder, chunk, rows: Int(filled))
      tidemark_json_shredder_clear(builder.shredder, elementNode, filled)
    }
  }

  // MARK: Widening

  /// Makes what is there the values of a wider type.
  private func widen(to wider: Kind) {
    switch (kind, wider) {
    case (.undetermined, .structure):
      for child in children { child.appendNulls(count - child.count) }
    case (.undetermined, .list): appendEmptyLists(count)
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
      offsets = [0]
    }
    kind = wider
    if wider != .list { element = nil }
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
    case .undetermined, .structure, .list: break
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
      _ = takeElements()
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
    case .list:
      guard let (ends, elements) = takeElements() else { return nil }
      return column(
        .list(Field("element", elements.type)), .list(offsets: ends, elements))
    }
  }

  private func takeElements() -> (offsets: [Int32], elements: Column)? {
    defer { offsets = [0] }
    return element?.take().map { (offsets, $0) }
  }
}

extension JSONColumn.Kind {
  /// The narrowest kind for values with these tags, of which there is at least one.
  init(tags: UInt8, takesObjects: Bool, takesLists: Bool) {
    switch tags {
    case JSONSlot.boolean: self = .boolean
    case JSONSlot.integer: self = .integer
    case JSONSlot.unsigned, JSONSlot.unsigned | JSONSlot.integer: self = .decimal
    case JSONSlot.string: self = .string
    case JSONSlot.object: self = takesObjects ? .structure : .json
    case JSONSlot.array: self = takesLists ? .list : .json
    case JSONSlot.array | JSONSlot.object: self = .json
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
    case (.json, .structure), (.structure, .json), (.json, .list), (.list, .json),
      (.structure, .list), (.list, .structure):
      return .json
    default: return .string
    }
  }
}
