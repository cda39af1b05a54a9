/// Names of columns from the fields of a header.
enum CSVHeader {
  /// Spaces around names do not count. A field that cannot name a column is `column_<number>`, and
  /// one that was there before (exactly so) gets a number behind it: `price`, `price_2`.
  static func names(_ fields: [String]) -> [String] {
    let cleaned = fields.enumerated().map { index, field in
      let name = clean(field)
      return ColumnName.problem(name.utf8) == nil ? name : numbered(index)
    }
    var taken = Set(cleaned)
    var seen: Set<String> = []
    return cleaned.map { name in
      if seen.insert(name).inserted { return name }
      var number = 2
      while !taken.insert("\(name)_\(number)").inserted { number += 1 }
      return "\(name)_\(number)"
    }
  }

  /// Names where there is no header: `column_1`, …
  static func names(count: Int) -> [String] { (0..<count).map(numbered) }

  private static func numbered(_ index: Int) -> String { "column_\(index + 1)" }

  /// Control characters are spaces, and spaces around the name do not count.
  private static func clean(_ field: String) -> String {
    let bytes = field.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }
    guard let first = bytes.firstIndex(where: { $0 != 0x20 }),
      let last = bytes.lastIndex(where: { $0 != 0x20 })
    else { return "" }
    return String(decoding: bytes[first...last], as: UTF8.self)
  }
}
