/// Tables of one shape whose names differ in numbers at the end: `orders_2024_01`, `orders_2024_02`.
struct TableFamily: Sendable, Equatable {
  /// Fewer are as well written one by one.
  static let membersMin = 3

  /// What follows the source's name: `orders_*`.
  var pattern: String
  var members: [String]

  /// The families among tables.
  ///
  /// - Parameters:
  ///   - tables: by name, in order.
  ///   - others: names that no pattern may match, because they are not read, or under another name.
  static func find(_ tables: [TableFacts], avoiding others: [String]) -> [TableFamily] {
    struct Kin: Hashable {
      var stem: String
      var shape: String
    }
    var groups: [Kin: [TableFacts]] = [:]
    for table in tables {
      let stem = stem(table.name)
      if stem.isEmpty || stem.count == table.name.count { continue }
      groups[Kin(stem: stem, shape: shape(table)), default: []].append(table)
    }
    var families: [TableFamily] = []
    var candidates = groups.filter { $0.value.count >= membersMin }
    // A stem with two shapes gets one pattern, of the shape that most tables have.
    for (kin, members) in candidates {
      let rivals = candidates.filter { $0.key.stem == kin.stem && $0.key.shape != kin.shape }
      if rivals.contains(where: {
        ($0.value.count, $0.key.shape) > (members.count, kin.shape)
      }) {
        candidates[kin] = nil
      }
    }
    let stems = candidates.keys.map(\.stem)
    for (kin, members) in candidates {
      // A longer stem would have its tables taken by the shorter one's pattern.
      if stems.contains(where: { $0 != kin.stem && $0.hasPrefix(kin.stem) }) { continue }
      if others.contains(where: { $0.hasPrefix(kin.stem) }) { continue }
      families.append(TableFamily(pattern: kin.stem + "*", members: members.map(\.name)))
    }
    return families.sorted { $0.pattern < $1.pattern }
  }

  /// The name without the numbers at its end: `orders_` of `orders_2024_01`.
  static func stem(_ name: String) -> String {
    var stem = Substring(name)
    while let last = stem.last, last.isASCII && last.isNumber || last == "_" { stem.removeLast() }
    // A stem keeps the `_` behind it: `orders_*` must not take `orders`.
    let rest = name.dropFirst(stem.count)
    guard rest.contains(where: \.isNumber) else { return name }
    return String(stem) + rest.prefix { $0 == "_" }
  }

  /// All that decides how a table is read, as one text.
  private static func shape(_ table: TableFacts) -> String {
    let columns = table.columns.map {
      "\($0.name) \($0.type) \($0.isNullable) \($0.isReadable) \($0.extra)"
    }
    let leading = Set(table.indexes.compactMap { $0.columns.first ?? nil }).sorted()
    return (columns + table.key + leading + [table.engine ?? ""]).joined(separator: "\u{1F}")
  }
}
