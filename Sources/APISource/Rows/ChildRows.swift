internal import Connector
internal import Formats

/// Takes the rows of child tables out of records.
struct ChildRows {
  /// Parents before what lies in them.
  let tables: [ChildTable]
  private let roots: [ChildTable]
  private let places: [String: Int]
  private let parentColumns: [(name: String, path: JSONPath)]
  private let omitted: [JSONPath]

  init(_ endpoint: EndpointSettings) {
    roots = endpoint.children
    var tables: [ChildTable] = []
    func add(_ children: [ChildTable]) {
      for child in children {
        tables.append(child)
        add(child.children)
      }
    }
    add(roots)
    self.tables = tables
    places = Dictionary(
      tables.enumerated().map { ($0.element.side, $0.offset) }, uniquingKeysWith: { a, _ in a })
    parentColumns = ChildTable.parentColumns(key: endpoint.key, endpoint.progress)
    omitted = roots.compactMap(\.omitted)
  }

  /// The records without what child tables take from them.
  func parentRows(_ records: [JSONCursor]) throws(FormatError) -> [JSONCursor] {
    if omitted.isEmpty { return records }
    var composer = JSONComposer()
    for record in records { try composer.append([], record, omitting: omitted) }
    // What is no object stays what it is, and is rejected for it.
    return zip(try composer.document().root.elements, records).map { row, record in
      record.kind == .object ? row : record
    }
  }

  /// The rows of each table that lie in the records; nil where there are none.
  func childRows(_ records: [JSONCursor]) throws(FormatError) -> [JSONDocument?] {
    if tables.isEmpty { return [] }
    var composers = tables.map { _ in JSONComposer() }
    for record in records {
      let parent = parentColumns.map { column in
        (name: column.name, value: Self.value(record.value(at: column.path)))
      }
      for child in roots { try add(child, in: record, parent, &composers) }
    }
    var documents: [JSONDocument?] = []
    for index in composers.indices {
      documents.append(composers[index].count == 0 ? nil : try composers[index].document())
    }
    return documents
  }

  private typealias Member = (name: String, value: JSONComposer.Value)

  private static func value(_ cursor: JSONCursor?) -> JSONComposer.Value {
    cursor.map { .cursor($0) } ?? .null
  }

  /// Recursion is as deep as tables lie in one another.
  private func add(
    _ table: ChildTable, in parent: JSONCursor, _ columns: [Member],
    _ composers: inout [JSONComposer]
  ) throws(FormatError) {
    guard let place = places[table.side] else { return }
    var position = 0
    for value in parent.values(at: table.path) where !value.isNull {
      let children = value.kind == .array ? Array(value.elements) : [value]
      for child in children {
        let isObject = child.kind == .object
        var members = columns
        members.append((ChildTable.indexColumn, .integer(position)))
        if !isObject { members.append(("value", .cursor(child))) }
        try composers[place].append(
          members, isObject ? child : nil, omitting: table.children.compactMap(\.omitted))
        if isObject, !table.children.isEmpty {
          let own = table.ownColumns.map { column -> Member in
            (column.name, column.path.map { Self.value(child.value(at: $0)) } ?? .integer(position))
          }
          for grandchild in table.children {
            try add(grandchild, in: child, columns + own, &composers)
          }
        }
        position += 1
      }
    }
  }
}
