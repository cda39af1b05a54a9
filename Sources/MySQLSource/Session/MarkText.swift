internal import Base
internal import Connector

/// The bookmark that a person means by a text.
struct MarkText {
  let cursors: [CursorColumn]
  let isSerial: Bool
  let place: String

  func bookmark(_ text: String) throws(ConnectorError) -> Bookmark {
    guard let first = cursors.first else {
      throw ConnectorError(
        .refused, "the stream has no cursor: every run reads the table whole",
        remedy: "Add `bookmark: {by: COLUMN}` to the stream.", place: place)
    }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map {
      String(String($0).trimmed)
    }
    guard parts.count <= cursors.count else {
      throw problem(text, "at most \(cursors.count) values, with commas between them")
    }
    if first.isTime {
      guard let mark = time(parts[0], first) else {
        throw problem(
          text,
          first.isLocal
            ? "a local time such as 2026-11-21 07:34:00"
            : "a time such as 2026-11-21T07:34:00Z")
      }
      return TimeState(mark: mark, then: Array(parts.dropFirst())).bookmark(cursors)
    }
    let numbers = zip(parts, cursors).compactMap { part, cursor in
      cursor.isTime ? time(part, cursor).map { Int128($0) } : Int128(part)
    }
    guard numbers.count == parts.count, parts.count == cursors.count else {
      throw problem(
        text, cursors.count == 1 ? "a whole number" : "\(cursors.count) values with commas")
    }
    if isSerial { return SerialState(mark: numbers[0]).bookmark }
    return SettledWindow.State(mark: numbers, floor: numbers).bookmark(cursors)
  }

  private func time(_ text: String, _ cursor: CursorColumn) -> Int64? {
    if cursor.isLocal {
      // A local time has no zone: with one it would be taken for another time.
      let hasZone =
        text.last.map { "zZ".contains($0) } ?? false
        || text.dropFirst(10).contains { $0 == "+" || $0 == "-" }
      if hasZone { return nil }
    }
    return CivilTime.parse(text).map(cursor.floored)
  }

  private func problem(_ text: String, _ expected: String) -> ConnectorError {
    ConnectorError(
      .misconfigured, "'\(text)' is no mark for \(cursors.map(\.name).joined(separator: ", "))",
      remedy: "Write \(expected).", place: place)
  }
}
