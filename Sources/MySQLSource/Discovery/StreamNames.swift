/// What streams are called: their tables' names where these can stand in a config and fill tables
/// of their own in the lake, and others where not.
struct StreamNames: Sendable {
  private var items: [String: String] = [:]

  /// - Parameter tables: names of one database, in order.
  init(_ tables: [String]) {
    var taken: Set<String> = []
    // Tables whose names can stay have the first say.
    let plain = tables.filter { $0.allSatisfy(Self.isPlain) }
    for table in plain + tables.filter({ !$0.allSatisfy(Self.isPlain) }) {
      let base = table.allSatisfy(Self.isPlain) ? table : Self.cleaned(table)
      var item = base
      var number = 2
      while !taken.insert(item.lowercased()).inserted {
        item = "\(base)_\(number)"
        number += 1
      }
      items[table] = item
    }
  }

  func item(of table: String) -> String { items[table] ?? table }

  /// Whether the stream has the table's name.
  func isPlain(_ table: String) -> Bool { item(of: table) == table }

  private static func isPlain(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber) || character == "_"
  }

  private static func cleaned(_ name: String) -> String {
    String(name.lowercased().map { isPlain($0) ? $0 : "_" })
  }
}
