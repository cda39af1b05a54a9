internal import Records

/// Says what becomes of columns whose types the new file does not have.
enum RewriteNotes {
  /// - Parameter schema: stores the same fields, so leaf for leaf.
  static func notes(from file: ParquetFile, to schema: ParquetSchema) -> [RewriteNote] {
    zip(leaves(of: file), schema.leaves).compactMap { old, new in
      message(old, new).map { RewriteNote(column: old.leaf.name, message: $0) }
    }
  }

  /// The leaf columns with the types that their values are read as.
  private static func leaves(of file: ParquetFile) -> [(leaf: LeafColumn, type: DataType)] {
    var types: [Int: DataType] = [:]
    var left = file.nodes
    while let node = left.popLast() {
      switch node.content {
      case .leaf(let index): types[index] = node.field.type
      case .structure(let children): left += children
      case .list(let element): left.append(element)
      case .map(let key, let value): left += [key, value]
      }
    }
    return file.parquetSchema.leaves.map { ($0, types[$0.index] ?? $0.dataType) }
  }

  private static func message(
    _ old: (leaf: LeafColumn, type: DataType), _ new: LeafColumn
  ) -> String? {
    if old.leaf.primitiveType == .int96 {
      return "INT96 becomes \(new.dataType)"
    }
    if old.type != new.dataType {
      return "\(old.type) becomes \(new.dataType)\(loss(old.type, new.dataType))"
    }
    guard let annotation = old.leaf.logicalType, annotation != new.logicalType else { return nil }
    switch annotation {
    // Says nothing that a text does not; times are local or in UTC by the writer's habit alone.
    case .enumeration, .time, .null: return nil
    default: return "\(annotation) becomes \(new.dataType) without its annotation"
    }
  }

  private static func loss(_ old: DataType, _ new: DataType) -> String {
    switch (old, new) {
    case (.timestamp(let from, _), .timestamp(let to, _)) where from.perSecond > to.perSecond:
      ", rounded down"
    case (.time(.nanoseconds), .int64): " of microseconds, rounded down"
    case (.time, .int64): " of microseconds"
    default: ""
    }
  }
}
