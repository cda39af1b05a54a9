public import Base

/// What there is to say about a file, for programs and for people.
public struct Report: Hashable, Sendable {
  public var json: JSONValue
  public var text: String

  public init(json: JSONValue, text: String) {
    self.json = json
    self.text = text
  }
}

/// Rows of text in columns as wide as their widest cell.
struct TextTable {
  private var rows: [[String]]
  private let rightAligned: Set<Int>

  /// - Parameter rightAligned: the numbers of the columns that hold numbers.
  init(_ header: [String], rightAligned: Set<Int> = []) {
    rows = [header]
    self.rightAligned = rightAligned
  }

  mutating func add(_ cells: [String]) { rows.append(cells) }

  var text: String {
    let columnCount = rows.map(\.count).max() ?? 0
    let widths = (0..<columnCount).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    var output = ""
    for row in rows {
      var line = ""
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        line += rightAligned.contains(column) ? padding + cell : cell + padding
        if column + 1 < row.count { line += "  " }
      }
      while line.hasSuffix(" ") { line.removeLast() }
      output += line + "\n"
    }
    return output
  }
}
