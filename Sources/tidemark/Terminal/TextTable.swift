/// A table for people: columns as wide as they need to be, numbers to the right.
struct TextTable {
  enum Alignment { case left, right }

  private let headers: [String]
  private let alignments: [Alignment]
  private var rows: [[String]] = []

  /// A header that ends with `#` aligns its column to the right.
  init(_ headers: String...) {
    self.init(headers: headers)
  }

  init(headers: [String]) {
    self.headers = headers.map { $0.hasSuffix("#") ? String($0.dropLast()) : $0 }
    alignments = headers.map { $0.hasSuffix("#") ? .right : .left }
  }

  mutating func add(_ cells: String?...) { rows.append(cells.map { $0 ?? "–" }) }

  /// - Precondition: as many as there are headers.
  mutating func add(cells: [String]) { rows.append(cells) }

  var isEmpty: Bool { rows.isEmpty }

  func print() {
    let all = [headers] + rows
    let widths = headers.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    for (index, row) in all.enumerated() {
      var line = ""
      for column in headers.indices {
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        line += alignments[column] == .right ? padding + row[column] : row[column] + padding
        if column < headers.count - 1 { line += "  " }
      }
      while line.hasSuffix(" ") { line.removeLast() }
      Terminal.write((index == 0 ? Terminal.styled(line, .dim) : line) + "\n")
    }
  }
}
