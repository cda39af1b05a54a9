internal import Records

/// The columns of a reader: whole ones and parts of nested ones.
///
/// A path names fields from the top down with dots between, and may leave out the groups that
/// Parquet needs to spell lists: of `a: list<struct<b, c>>` the field `c` is `a.c`, as well as
/// `a.element.c` and `a.list.element.c`. Names may have dots of their own; the whole name of a
/// column comes before paths.
struct Projection {
  let elements: [SchemaElement]
  let nodes: [SchemaNode]

  /// - Returns: one node a column, in the order in which paths name them first; paths of the same
  ///   column are put together.
  /// - Throws: `.schemaMismatch` where a path names nothing.
  func columns(_ paths: [String]) throws(ParquetError) -> [SchemaNode] {
    var order: [Int] = []
    var wanted: [Int: Set<Int>] = [:]
    for path in paths {
      guard let (index, leaves) = find(path[...]) else {
        throw ParquetError(
          .schemaMismatch, "no column \(path); there are \(known)")
      }
      if wanted[index] == nil { order.append(index) }
      wanted[index, default: []].formUnion(leaves)
    }
    return order.map { index in
      wanted[index].flatMap { nodes[index].keeping($0) } ?? nodes[index]
    }
  }

  /// The names of the columns, as many as a message holds.
  private var known: String {
    let names = nodes.prefix(20).map(\.field.name).joined(separator: ", ")
    return nodes.count > 20 ? "\(names) and \(nodes.count - 20) more" : names
  }

  private func find(_ path: Substring) -> (index: Int, leaves: [Int])? {
    if let index = nodes.firstIndex(where: { $0.field.name == path }) {
      return (index, nodes[index].leafIndices)
    }
    for (index, node) in nodes.enumerated() {
      if let rest = path.behind(node.field.name), let leaves = leaves(of: node, at: rest) {
        return (index, leaves)
      }
    }
    return nil
  }

  /// The leaves that a path within a node names; nil where it names nothing.
  private func leaves(of node: SchemaNode, at path: Substring) -> [Int]? {
    switch node.content {
    case .leaf: return nil
    case .structure(let children): return leaves(ofAny: children, at: path)
    case .list(let element):
      // The repeated group, unless the repeated field is the element itself.
      let group = elements[node.elementIndex + 1].name
      let isGroup = element.elementIndex > node.elementIndex + 1
      if isGroup, let rest = path.behind(group) {
        if let leaves = leaves(ofAny: [element], at: rest) { return leaves }
      }
      return leaves(ofAny: [element], at: path) ?? leaves(of: element, at: path)
    case .map(let key, let value):
      let group = elements[node.elementIndex + 1].name
      if let rest = path.behind(group), let leaves = leaves(ofAny: [key, value], at: rest) {
        return leaves
      }
      return leaves(ofAny: [key, value], at: path)
    }
  }

  private func leaves(ofAny children: [SchemaNode], at path: Substring) -> [Int]? {
    for child in children where matches(child, path) { return child.leafIndices }
    for child in children {
      for name in names(of: child) {
        if let rest = path.behind(name), let leaves = leaves(of: child, at: rest) {
          return leaves
        }
      }
    }
    return nil
  }

  private func matches(_ node: SchemaNode, _ path: Substring) -> Bool {
    names(of: node).contains { $0 == path }
  }

  /// What a field is called in rows and in the file: elements of lists may differ.
  private func names(of node: SchemaNode) -> [String] {
    let stored = elements[node.elementIndex].name
    return stored == node.field.name ? [stored] : [node.field.name, stored]
  }
}

extension Substring {
  /// What follows a name and a dot; nil where it does not begin so.
  fileprivate func behind(_ name: String) -> Substring? {
    guard hasPrefix(name) else { return nil }
    let rest = dropFirst(name.count)
    return rest.first == "." ? rest.dropFirst() : nil
  }
}

extension SchemaNode {
  /// The numbers of the leaf columns below, ascending.
  var leafIndices: [Int] {
    switch content {
    case .leaf(let index): return [index]
    case .list(let element): return element.leafIndices
    case .map(let key, let value): return key.leafIndices + value.leafIndices
    case .structure(let children): return children.flatMap(\.leafIndices)
    }
  }

  /// The node with some of its leaves alone; nil where none is left. Of a map without its keys or
  /// its values, a list of the others is left.
  func keeping(_ leaves: Set<Int>) -> SchemaNode? {
    switch content {
    case .leaf(let index): return leaves.contains(index) ? self : nil
    case .structure(let children):
      let kept = children.compactMap { $0.keeping(leaves) }
      if kept.isEmpty { return nil }
      return with(.structure(kept.map(\.field)), .structure(kept))
    case .list(let element):
      guard let kept = element.keeping(leaves) else { return nil }
      return with(.list(kept.field.named(field.type)), .list(element: kept))
    case .map(let key, let value):
      switch (key.keeping(leaves), value.keeping(leaves)) {
      case (let key?, let value?):
        return with(.map(key: key.field, value: value.field), .map(key: key, value: value))
      case (let one?, nil), (nil, let one?):
        return with(.list(one.field), .list(element: one))
      case (nil, nil): return nil
      }
    }
  }

  private func with(_ type: DataType, _ content: Content) -> SchemaNode {
    var field = field
    field.type = type
    return SchemaNode(
      field: field, definitionLevel: definitionLevel, repetitionLevel: repetitionLevel,
      content: content, elementIndex: elementIndex)
  }
}

extension Field {
  /// The field with the name and nullability that a list's type gives its element.
  fileprivate func named(_ list: DataType) -> Field {
    guard case .list(let element) = list else { return self }
    return Field(
      element.name, type, isNullable: element.isNullable, comment: element.comment)
  }
}
