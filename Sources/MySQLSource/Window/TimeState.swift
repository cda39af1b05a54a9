internal import Base
internal import Connector

/// The bookmark's record of a time cursor.
struct TimeState: Equatable {
  /// Everything before it has been read; microseconds in the cursor's own calendar.
  var mark: Int64
  /// Where a person set a mark for several columns: the values that the others must pass at `mark`.
  var then: [String] = []
  /// How far before the mark the ledger knows the rows, in microseconds.
  var lookback: Int64 = 0

  func bookmark(_ cursors: [CursorColumn]) -> Bookmark {
    guard let cursor = cursors.first else { return Bookmark(kind: .time, mark: "", state: .null) }
    var members: [JSONValue.Member] = [.init(key: "mark", value: .string(cursor.text(mark)))]
    if !then.isEmpty {
      members.append(.init(key: "then", value: .array(then.map { .string($0) })))
    }
    if lookback > 0 { members.append(.init(key: "lookback", value: .integer(lookback))) }
    return Bookmark(
      kind: cursors.count > 1 ? .tuple : .time,
      mark: ([cursor.markText(mark)] + then).joined(separator: ", "), state: .object(members))
  }

  init(mark: Int64, then: [String] = [], lookback: Int64 = 0) {
    self.mark = mark
    self.then = then
    self.lookback = lookback
  }

  init?(_ bookmark: Bookmark) {
    guard bookmark.kind == .time || bookmark.kind == .tuple,
      let mark = bookmark.state["mark"]?.string.flatMap({ CivilTime.parse($0) })
    else { return nil }
    self.mark = mark
    then = bookmark.state["then"]?.array?.compactMap(\.string) ?? []
    lookback = max(0, bookmark.state["lookback"]?.integer ?? 0)
  }
}
