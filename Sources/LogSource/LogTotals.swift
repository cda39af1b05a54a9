internal import Base
internal import Connector

/// The part of the bookmark that is not in the ledger: how many generations, lines and bytes a
/// stream has read.
struct LogTotals: Hashable, Sendable {
  var nextGeneration = 1
  var lines = 0
  var bytes = 0

  init() {}

  /// - Throws: `.refused` where the bookmark is not one of files.
  init(_ bookmark: Bookmark?) throws(ConnectorError) {
    guard let bookmark else { return }
    guard bookmark.kind == .files,
      let next = bookmark.state["next_generation"]?.integer.flatMap({ Int(exactly: $0) }),
      let lines = bookmark.state["lines"]?.integer.flatMap({ Int(exactly: $0) }),
      let bytes = bookmark.state["bytes"]?.integer.flatMap({ Int(exactly: $0) }),
      (1..<1 << 60).contains(next)
    else {
      throw ConnectorError(
        .refused, "the bookmark '\(bookmark.mark)' is not one of log files",
        remedy: "Use 'bookmark reset' if the stream's source was changed on purpose.")
    }
    nextGeneration = next
    self.lines = lines
    self.bytes = bytes
  }

  var isEmpty: Bool { nextGeneration == 1 }

  mutating func add(_ other: LogTotals) {
    nextGeneration = max(nextGeneration, other.nextGeneration)
    lines = lines.addingReportingOverflow(other.lines).partialValue
    bytes = bytes.addingReportingOverflow(other.bytes).partialValue
  }

  /// Notes that the generation of a key is in the ledger.
  mutating func noteGeneration(_ key: String) {
    if let number = Int(key.drop { !$0.isNumber }) {
      nextGeneration = max(nextGeneration, number + 1)
    }
  }

  var mark: String {
    "\(Units.describe(nextGeneration - 1, "file")), \(Units.describe(lines, "line")), "
      + "\(Units.describe(count: bytes)) bytes"
  }

  var bookmark: Bookmark {
    Bookmark(
      kind: .files, mark: mark,
      state: [
        "next_generation": .init(nextGeneration), "lines": .init(lines), "bytes": .init(bytes),
      ])
  }
}
