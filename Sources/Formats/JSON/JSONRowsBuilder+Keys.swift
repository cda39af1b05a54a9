internal import CSimdJSON

extension JSONRowsBuilder {
  /// Makes a node, and a column where needed, for a key met for the first time.
  /// - Returns: nil; or why no column can have the name, which rejects the row.
  func addKey(_ unknown: tidemark_json_unknown_key, strings: [UInt8]) throws(FormatError) -> String?
  {
    let start = Int(unknown.key_offset)
    return try addKey(
      strings[start..<start + Int(unknown.key_length)], parent: Int(unknown.parent))
  }

  private func addKey(_ bytes: ArraySlice<UInt8>, parent: Int) throws(FormatError) -> String? {
    if let problem = ColumnName.problem(bytes) { return problem }
    let key = String(decoding: bytes, as: UTF8.self)
    if let other = nodes[parent].keys[foldedName(key)] {
      guard options.mergesCase else { throw ColumnName.caseCollision(key, other.key) }
      let isAdded = bytes.withUnsafeBufferPointer {
        tidemark_json_shredder_alias(
          shredder, UInt32(parent), $0.baseAddress, $0.count, other.node)
      }
      guard isAdded == 1 else { throw .outOfMemory }
      return nil
    }
    guard nodes.count <= options.columnsMax else { throw tooManyColumns(key) }
    try share(key, parent: parent)
    let node = bytes.withUnsafeBufferPointer {
      tidemark_json_shredder_add(shredder, UInt32(parent), $0.baseAddress, $0.count)
    }
    guard node != UInt32.max else { throw .outOfMemory }
    nodes[parent].keys[foldedName(key)] = (key, node)
    try addColumn(node, key: key, parent: parent)
    return nil
  }

  private func addColumn(_ node: UInt32, key: String, parent: Int) throws(FormatError) {
    let isTop = options.flattens(level: nodes[parent].depth)
    var name = isTop && parent != 0 ? nodes[parent].name + "_" + key : key
    if isTop, options.reservedNames.contains(where: { foldedName($0) == foldedName(name) }) {
      name += "_"
    }
    var info = NodeInfo(
      column: nil, name: name, depth: nodes[parent].depth + 1,
      keyPath: nodes[parent].keyPath + "\0" + key)
    if let owner = isTop ? root : nodes[parent].column {
      let column: JSONColumn
      if let place = owner.childPlaces[foldedName(name)] {
        column = owner.children[place]
        if let other = column.node { throw collision(name, nodes[Int(other)].name) }
      } else {
        column = JSONColumn(name: name, kind: .undetermined)
        owner.addChild(column, rows: owner.count)
      }
      column.node = node
      if column.kind == .string || column.kind == .json || info.depth >= options.nestingMax {
        stopEntering(node)
        column.isEntered = false
      } else if isTop && options.flattens(level: info.depth) {
        column.nullTags |= UInt8(TIDEMARK_TAG_OBJECT)
      }
      if let declared = column.declared { declaredNodes.append((node, declared)) }
      info.column = column
    }
    nodes.append(info)
  }

  /// Checks the key against those that other builders have met.
  private func share(_ key: String, parent: Int) throws(FormatError) {
    guard let sharedKeys else { return }
    let info = nodes[parent]
    let isColumn = options.flattens(level: info.depth) && parent != 0
    let place = isColumn ? info.name + "_" + key : info.keyPath + "\0" + key
    let path = info.keyPath + "\0" + key
    if let other = sharedKeys.claim(foldedName(place), for: path) {
      let otherKey = other.split(separator: "\0").last.map(String.init) ?? other
      guard foldedName(other) == foldedName(path) else { throw collision(key, otherKey) }
      if !options.mergesCase { throw ColumnName.caseCollision(key, otherKey) }
    }
    guard sharedKeys.count <= options.columnsMax else { throw tooManyColumns(key) }
  }
  private func collision(_ name: String, _ other: String) -> FormatError {
    FormatError(
      .nameCollision, "two keys would fill the column '\(other)'",
      remedy: options.flattens
        ? "Set 'flatten: false', or rename one of the keys where they are written."
        : "Rename one of the keys where they are written.",
      place: name)
  }

  private func tooManyColumns(_ key: String) -> FormatError {
    FormatError(
      .tooManyColumns, "the objects have more than \(options.columnsMax) keys",
      remedy: "Where keys are data (ids, dates), declare the column that holds them as json: "
        + "'columns: {name: json}'.",
      place: key)
  }
}
