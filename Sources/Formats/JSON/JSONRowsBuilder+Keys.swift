internal import CSimdJSON

extension JSONRowsBuilder {
  /// Makes what the shredder has to know before it goes on with the row.
  /// - Returns: nil; or why it cannot, which rejects the row.
  func resolve(_ stop: tidemark_json_stop, strings: [UInt8]) throws(FormatError) -> String? {
    switch stop.reason {
    case TIDEMARK_STOP_KEY:
      let start = Int(stop.key_offset)
      return try addKey(strings[start..<start + Int(stop.key_length)], parent: Int(stop.node))
    case TIDEMARK_STOP_ARRAY:
      try addElement(of: stop.node)
      return nil
    case TIDEMARK_STOP_LARGE:
      return
        "its arrays need more than \(Self.rowSlotsMax) values (elements × their keys); declare "
        + "the column that holds them as json to take it"
    default: throw .outOfMemory
    }
  }

  /// Makes a node for the elements of a node's arrays where they become lists, and its column.
  private func addElement(of node: UInt32) throws(FormatError) {
    let info = nodes[Int(node)]
    guard let column = info.column, let element = column.elementColumn(options),
      info.depth < options.nestingMax
    else { return tidemark_json_shredder_skip_arrays(shredder, node) }
    guard nodes.count <= options.columnsMax else { throw tooManyColumns(info.name) }
    let place = tidemark_json_shredder_add_element(shredder, node)
    guard place != UInt32.max else { throw .outOfMemory }
    var elementInfo = NodeInfo(
      column: nil, name: info.name, depth: info.depth + 1, keyPath: info.keyPath + "\0[]")
    elementInfo.isInList = true
    nodes.append(elementInfo)
    take(element, for: place)
  }

  /// Makes a node, and a column where needed, for a key met for the first time.
  /// - Returns: nil; or why no column can have the name.
  private func addKey(_ bytes: ArraySlice<UInt8>, parent: Int) throws(FormatError) -> String? {
    if let problem = ColumnName.problem(bytes) { return problem }
    if !nodes[parent].isFlat, !ColumnName.canBeField(bytes), let column = nodes[parent].column,
      column.declared == nil
    {
      // No type has such a field: the objects are text.
      stopEntering(UInt32(parent))
      column.isEntered = false
      return nil
    }
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
    let parentInfo = nodes[parent]
    let isTop = parentInfo.isFlat
    var name = isTop && parent != 0 ? parentInfo.name + "_" + key : key
    if isTop, options.reservedNames.contains(where: { foldedName($0) == foldedName(name) }) {
      name += "_"
    }
    var info = NodeInfo(
      column: nil, name: name, depth: parentInfo.depth + 1,
      keyPath: parentInfo.keyPath + "\0" + key)
    info.isFlat = parentInfo.isFlat && options.flattens(level: info.depth)
    info.isInList = parentInfo.isInList
    var found: JSONColumn?
    if let owner = isTop ? root : parentInfo.column {
      if let place = owner.childPlaces[foldedName(name)] {
        let column = owner.children[place]
        if let other = column.node { throw collision(name, nodes[Int(other)].name) }
        found = column
      } else if owner.declared == nil {
        let column = JSONColumn(name: name, kind: .undetermined)
        owner.addChild(column, rows: owner.count)
        found = column
      }
    }
    nodes.append(info)
    if let found {
      take(found, for: node)
    } else {
      // A key that a declared struct does not have.
      stopEntering(node)
    }
  }

  /// Lets a column have the values of a node, which is the last that was made.
  private func take(_ column: JSONColumn, for node: UInt32) {
    if case .structure? = column.declared?.kind { nodes[Int(node)].isFlat = false }
    let info = nodes[Int(node)]
    column.node = node
    if column.kind == .string || column.kind == .json || info.depth >= options.nestingMax {
      stopEntering(node)
      column.isEntered = false
    } else if info.isFlat {
      column.nullTags |= UInt8(TIDEMARK_TAG_OBJECT)
    }
    if let declared = column.declared {
      if info.isInList {
        column.convertsSlots = declared.changesSlots
      } else {
        declaredNodes.append((node, declared))
      }
    }
    nodes[Int(node)].column = column
  }

  /// Checks the key against those that other builders have met.
  private func share(_ key: String, parent: Int) throws(FormatError) {
    guard let sharedKeys else { return }
    let info = nodes[parent]
    let isColumn = info.isFlat && parent != 0
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
