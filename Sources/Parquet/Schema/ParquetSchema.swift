public import Records

/// The schema of a file, three ways: the elements as stored, the tree of fields as rows have
/// them, and the leaf columns.
public struct ParquetSchema: Hashable, Sendable {
  /// Depth first, the root at the front.
  public let elements: [SchemaElement]
  /// One a top-level field.
  public let nodes: [SchemaNode]
  public let leaves: [LeafColumn]

  /// The fields as rows have them.
  public var schema: Schema { Schema(nodes.map(\.field)) }

  /// How deep groups may nest.
  public static let depthMax = 96

  /// Builds the tree of a file's elements, old ways of spelling lists and maps included.
  /// - Throws: `.corrupt` where the child counts do not make one tree or a leaf has no usable
  ///   type; `.limitExceeded` beyond 96 levels.
  /// - SeeAlso: parquet-format, LogicalTypes.md, "Backward-compatibility rules".
  public init(elements: [SchemaElement]) throws(ParquetError) {
    var builder = SchemaTreeBuilder(elements: elements)
    nodes = try builder.build()
    leaves = builder.leaves
    self.elements = elements
  }
}

/// Walks the elements once, depth first.
private struct SchemaTreeBuilder {
  let elements: [SchemaElement]
  var leaves: [LeafColumn] = []
  private var next = 0
  private var path: [String] = []

  init(elements: [SchemaElement]) { self.elements = elements }

  /// Where a node stands: the levels that its ancestors add up to.
  struct Place {
    var definitionLevel = 0
    var repetitionLevel = 0
    var depth = 0
  }

  mutating func build() throws(ParquetError) -> [SchemaNode] {
    guard let root = elements.first else { throw corrupt("no elements") }
    next = 1
    let count = try childCount(root)
    guard root.type == nil else { throw corrupt("the root is a leaf") }
    var nodes: [SchemaNode] = []
    for _ in 0..<count { nodes.append(try field(Place())) }
    guard next == elements.count else {
      throw corrupt("\(elements.count - next) elements are left over behind the tree")
    }
    return nodes
  }

  private func corrupt(_ message: String) -> ParquetError {
    ParquetError(.corrupt, "schema: \(message)", at: .init(column: path.joined(separator: ".")))
  }

  private func childCount(_ element: SchemaElement) throws(ParquetError) -> Int {
    let count = Int(element.childCount ?? 0)
    guard count >= 0, count <= elements.count - next else {
      throw corrupt(
        "\(element.name) has \(count) children, \(elements.count - next) elements are left")
    }
    return count
  }

  /// The field whose element is next, whatever it is.
  private mutating func field(_ place: Place) throws(ParquetError) -> SchemaNode {
    guard next < elements.count else { throw corrupt("an element is missing at the end") }
    let element = elements[next]
    guard element.repetition == .repeated else { return try value(place) }
    // A repeated field outside of a list group is a list that is never null.
    let index = next
    var inner = place
    inner.repetitionLevel += 1
    let item = try value(inner, isRepeated: true)
    return SchemaNode(
      field: Field(
        element.name, .list(Self.renamed(item.field, "element", isNullable: false)),
        isNullable: false),
      definitionLevel: place.definitionLevel, repetitionLevel: inner.repetitionLevel,
      content: .list(element: item), elementIndex: index)
  }

  private static func renamed(_ field: Field, _ name: String, isNullable: Bool) -> Field {
    Field(name, field.type, isNullable: isNullable)
  }

  /// The next element as one value: a leaf, a struct, a list or a map.
  /// - Parameter isRepeated: the element's own repetition is that of the list around it.
  private mutating func value(_ place: Place, isRepeated: Bool = false) throws(ParquetError)
    -> SchemaNode
  {
    guard place.depth < ParquetSchema.depthMax else {
      throw ParquetError(
        .limitExceeded, "schema: groups nest deeper than \(ParquetSchema.depthMax) levels")
    }
    let index = next
    let element = elements[index]
    next += 1
    path.append(element.name)
    defer { path.removeLast() }
    let isNullable = !isRepeated && element.repetition == .optional
    var place = place
    place.depth += 1
    if isNullable || isRepeated { place.definitionLevel += 1 }

    let count = try childCount(element)
    if count == 0 {
      return try leaf(element, index, place, isNullable: isNullable)
    }
    guard element.type == nil else { throw corrupt("\(element.name) has a type and children") }
    if count == 1, Self.isList(element), elements[next].repetition == .repeated {
      return try list(element, index, place, isNullable: isNullable)
    }
    if count == 1, Self.isMap(element), isEntryGroup(elements[next]) {
      return try map(element, index, place, isNullable: isNullable)
    }
    var children: [SchemaNode] = []
    for _ in 0..<count { children.append(try field(place)) }
    return SchemaNode(
      field: Field(element.name, .structure(children.map(\.field)), isNullable: isNullable),
      definitionLevel: place.definitionLevel, repetitionLevel: place.repetitionLevel,
      content: .structure(children), elementIndex: index)
  }

  private static func isList(_ element: SchemaElement) -> Bool {
    if let logical = element.logicalType { return logical == .list }
    return element.convertedType == .list
  }

  private static func isMap(_ element: SchemaElement) -> Bool {
    if let logical = element.logicalType { return logical == .map }
    return element.convertedType == .map || element.convertedType == .mapKeyValue
  }

  private func isEntryGroup(_ element: SchemaElement) -> Bool {
    element.repetition == .repeated && element.type == nil
      && (element.childCount == 1 || element.childCount == 2)
  }

  /// - Precondition: the next element is repeated.
  private mutating func list(
    _ element: SchemaElement, _ index: Int, _ place: Place, isNullable: Bool
  ) throws(ParquetError) -> SchemaNode {
    let repeated = elements[next]
    var inner = place
    inner.repetitionLevel += 1
    inner.depth += 1
    let item: SchemaNode
    // The old, two-level forms: the repeated field is the element itself.
    let isElement =
      repeated.childCount != 1 || repeated.name == "array"
      || repeated.name == element.name + "_tuple" || isGroupAround(.repeated)
    if isElement {
      item = try value(inner, isRepeated: true)
    } else {
      next += 1
      path.append(repeated.name)
      inner.definitionLevel += 1
      item = try value(inner)
      path.removeLast()
    }
    return SchemaNode(
      field: Field(element.name, .list(item.field), isNullable: isNullable),
      definitionLevel: place.definitionLevel, repetitionLevel: place.repetitionLevel + 1,
      content: .list(element: item), elementIndex: index)
  }

  /// Whether the element behind the next one, its only child, has this repetition.
  private func isGroupAround(_ repetition: Repetition) -> Bool {
    next + 1 < elements.count && elements[next + 1].repetition == repetition
  }

  /// - Precondition: the next element is a repeated group of one or two fields.
  private mutating func map(
    _ element: SchemaElement, _ index: Int, _ place: Place, isNullable: Bool
  ) throws(ParquetError) -> SchemaNode {
    let entries = elements[next]
    let hasValue = entries.childCount == 2
    next += 1
    path.append(entries.name)
    defer { path.removeLast() }
    var inner = place
    inner.definitionLevel += 1
    inner.repetitionLevel += 1
    inner.depth += 1
    let key = try field(inner)
    let type: DataType
    let content: SchemaNode.Content
    if hasValue {
      let value = try field(inner)
      type = .map(key: key.field, value: value.field)
      content = .map(key: key, value: value)
    } else {
      // A map without values is a set: the list of its keys.
      type = .list(key.field)
      content = .list(element: key)
    }
    return SchemaNode(
      field: Field(element.name, type, isNullable: isNullable),
      definitionLevel: place.definitionLevel, repetitionLevel: inner.repetitionLevel,
      content: content, elementIndex: index)
  }

  private mutating func leaf(
    _ element: SchemaElement, _ index: Int, _ place: Place, isNullable: Bool
  ) throws(ParquetError) -> SchemaNode {
    guard let type = element.type else {
      throw corrupt("\(element.name) has neither a type nor children")
    }
    let typeLength = type == .fixedLengthByteArray ? Int(element.typeLength ?? 0) : 0
    if type == .fixedLengthByteArray, typeLength <= 0 {
      throw corrupt("\(element.name) is of a fixed length of \(typeLength) bytes")
    }
    let (dataType, logicalType) = LeafTypes.read(element, type, typeLength: typeLength)
    let leaf = LeafColumn(
      index: leaves.count, path: path, primitiveType: type, typeLength: typeLength,
      logicalType: logicalType, maxDefinitionLevel: place.definitionLevel,
      maxRepetitionLevel: place.repetitionLevel, dataType: dataType)
    leaves.append(leaf)
    return SchemaNode(
      field: Field(element.name, dataType, isNullable: isNullable),
      definitionLevel: place.definitionLevel, repetitionLevel: place.repetitionLevel,
      content: .leaf(leaf.index), elementIndex: index)
  }
}
