internal import Base
internal import Connector

/// The bookmark's record of a first read that is under way: its ceiling, which stays, and the key
/// up to which all rows below it have been read.
struct BackfillState: Equatable {
  private static let member = "backfill"

  /// Microseconds in the cursor's own calendar.
  var ceiling: Int64
  /// The key's columns.
  var key: [String]
  /// The values of the first of them, or of all.
  var through: [String]

  func bookmark(_ cursors: [CursorColumn]) -> Bookmark {
    let ceilingText = cursors.first.map { $0.text(ceiling) } ?? ""
    let state: JSONValue = [
      "ceiling": .string(ceilingText), "key": .array(key.map { .string($0) }),
      "through": .array(through.map { .string($0) }),
    ]
    let position = zip(key, through).map { "\($0) \($1)" }.joined(separator: ", ")
    let limit = cursors.first.map { $0.markText(ceiling) } ?? ""
    return Bookmark(
      kind: cursors.count > 1 ? .tuple : .time,
      mark: "first read up to \(limit), through \(position)",
      state: .object([.init(key: Self.member, value: state)]))
  }

  init(ceiling: Int64, key: [String], through: [String]) {
    self.ceiling = ceiling
    self.key = key
    self.through = through
  }

  /// nil where the bookmark is of another kind.
  init?(_ bookmark: Bookmark) {
    guard let json = bookmark.state[Self.member],
      let ceiling = json["ceiling"]?.string.flatMap({ CivilTime.parse($0) })
    else { return nil }
    self.ceiling = ceiling
    key = json["key"]?.array?.compactMap(\.string) ?? []
    through = json["through"]?.array?.compactMap(\.string) ?? []
  }
}
