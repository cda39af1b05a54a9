internal import Records

/// What a file says of a column beyond the type that its values are read as: that a text is one
/// of a few (ENUM), that bytes are BSON, a geometry, an interval.
public struct ColumnAnnotation: Hashable, Sendable {
  public var logicalType: LogicalType?
  public var convertedType: ConvertedType?

  public init(logicalType: LogicalType? = nil, convertedType: ConvertedType? = nil) {
    self.logicalType = logicalType
    self.convertedType = convertedType
  }

  /// Whether the format defines an order of the values.
  var isOrdered: Bool {
    if convertedType == .interval { return false }
    switch logicalType {
    case .geometry, .geography, .variant, .unknown, .null: return false
    default: return true
    }
  }

  /// For messages.
  var text: String {
    logicalType.map { "\($0)" } ?? convertedType.map { "\($0)" } ?? "no annotation"
  }
}

extension ParquetSchema {
  /// The annotations of this schema that would be lost if its rows were written as they are read,
  /// by the path that the leaf, or the group of a variant, would have in the new file. For
  /// `WriteOptions.annotations`.
  public var foreignAnnotations: [String: ColumnAnnotation] {
    var found: [String: ColumnAnnotation] = [:]
    for node in nodes { collect(node, node.field.name, &found) }
    return found
  }

  private func collect(
    _ node: SchemaNode, _ path: String, _ found: inout [String: ColumnAnnotation]
  ) {
    let element = elements[node.elementIndex]
    switch node.content {
    case .leaf: found[path] = Self.foreign(element, node.field)
    case .structure(let children):
      if case .variant = element.logicalType {
        found[path] = ColumnAnnotation(logicalType: element.logicalType)
      }
      for child in children { collect(child, path + "." + child.field.name, &found) }
    case .list(let inner): collect(inner, path + ".list.element", &found)
    case .map(let key, let value):
      collect(key, path + ".key_value.key", &found)
      collect(value, path + ".key_value.value", &found)
    }
  }

  private static func foreign(_ element: SchemaElement, _ field: Field) -> ColumnAnnotation? {
    let written = LeafTypes.element(field)
    guard element.type == written.type, element.typeLength ?? 0 == written.typeLength ?? 0 else {
      return nil
    }
    if element.logicalType == nil, element.convertedType == .interval, element.typeLength == 12 {
      return ColumnAnnotation(convertedType: .interval)
    }
    guard let type = element.type else { return nil }
    let typeLength = Int(element.typeLength ?? 0)
    switch element.logicalType {
    case .unknown(field: 0): return nil
    case .unknown: return ColumnAnnotation(logicalType: element.logicalType)
    default: break
    }
    let (dataType, logical) = LeafTypes.read(element, type, typeLength: typeLength)
    guard dataType == field.type, let logical, logical != written.logicalType else { return nil }
    return ColumnAnnotation(logicalType: logical, convertedType: element.convertedType)
  }

  /// The schema with annotations stated, by dotted path.
  /// - Throws: `.schemaMismatch` where a path names no leaf (or struct, for a variant), or values
  ///   would be read as another type.
  func annotated(_ annotations: [String: ColumnAnnotation]) throws(ParquetError) -> ParquetSchema {
    if annotations.isEmpty { return self }
    var elements = elements
    var missing = Set(annotations.keys)
    for (index, path) in elementPaths.enumerated() {
      guard let annotation = annotations[path] else { continue }
      let isVariant = if case .variant = annotation.logicalType { true } else { false }
      guard isVariant == (elements[index].type == nil), elements[index].logicalType != .list,
        elements[index].logicalType != .map
      else { continue }
      missing.remove(path)
      elements[index].logicalType = annotation.logicalType
      elements[index].convertedType = annotation.convertedType
    }
    if let path = missing.min() {
      throw ParquetError(
        .schemaMismatch,
        "there is no column \(path) that could be marked as "
          + (annotations[path]?.text ?? ""))
    }
    let result = try ParquetSchema(elements: elements)
    for (before, after) in zip(leaves, result.leaves) where before.dataType != after.dataType {
      throw ParquetError(
        .schemaMismatch,
        "\(before.dataType) marked as \(annotations[before.name]?.text ?? "another") would be "
          + "read as \(after.dataType)", at: .init(column: before.name))
    }
    return result
  }

  /// The dotted path of each element; empty for the root.
  private var elementPaths: [String] {
    var paths: [String] = []
    // The groups that are open, and how many of their children are still to come.
    var open: [(path: String, left: Int)] = []
    for element in elements {
      while let last = open.last, last.left == 0 { open.removeLast() }
      let above = open.last?.path ?? ""
      if !open.isEmpty { open[open.count - 1].left -= 1 }
      let path = paths.isEmpty ? "" : above.isEmpty ? element.name : above + "." + element.name
      paths.append(path)
      if element.type == nil { open.append((path, Int(element.childCount ?? 0))) }
    }
    return paths
  }
}
