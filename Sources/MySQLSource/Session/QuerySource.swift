internal import Connector

/// A stream's `query` behind FROM, limited to a window or not.
struct QuerySource: Sendable {
  private let template: QueryTemplate
  private let cursors: [CursorColumn]

  /// - Throws: `.misconfigured` where the placeholders do not fit the cursor: rows would be left
  ///   out that the window's own condition takes.
  init(
    _ template: QueryTemplate, cursors: [CursorColumn], settings: StreamSettings
  ) throws(ConnectorError) {
    self.template = template
    self.cursors = cursors
    func problem(_ message: String, _ remedy: String) -> ConnectorError {
      ConnectorError(.misconfigured, message, remedy: remedy, place: settings.name)
    }
    guard template.hasPlaceholders else { return }
    guard let cursor = settings.cursor, let first = cursors.first else {
      throw problem(
        "the query has places for a window, and the stream has no `bookmark`",
        "Add `bookmark: {by: COLUMN}` with a column of the query's result, or take them out.")
    }
    for case .window(let columns) in template.pieces
    where !columns.isEmpty && columns.count != cursors.count {
      throw problem(
        "{window: …} names \(columns.count) columns, and `bookmark.by` \(cursors.count)",
        "Name those that stand for \(cursors.map(\.name).joined(separator: ", ")), in this order.")
    }
    guard template.hasFrom || template.hasTo else { return }
    if !first.isTime, template.hasTo {
      throw problem(
        "the query has {to}, and the window of whole numbers is open at the top",
        "Take {to} out, or write {window} for the whole condition.")
    }
    if !first.isTime, cursors.count > 1 {
      throw problem(
        "the query has {from}, and the window begins with a tuple",
        "Write {window} for the whole condition.")
    }
    if cursors.contains(where: { $0.isNullable && (first.isTime ? $0 == first : true) }),
      cursor.nulls != .skip
    {
      throw problem(
        "the cursor `\(first.name)` may be NULL, and a query with {from} or {to} leaves such rows"
          + " out before anyone sees them",
        "Say so with `nulls: skip`, or write {window} for the whole condition.")
    }
  }

  /// The query with the window's condition and bounds in it; with all rows where there are none.
  func text(condition: String?, from: String?, to: String?) -> String {
    Self.text(
      template,
      QueryTemplate.Filling(
        from: from ?? lowest, to: to ?? "'9999-12-31 23:59:59.999999'",
        condition: condition ?? "TRUE", cursors: cursors.map(\.sql)))
  }

  /// The query with nothing known about the cursor: to look at its columns.
  static func probe(_ template: QueryTemplate) -> String {
    text(template, QueryTemplate.Filling(from: "NULL", to: "NULL", condition: "TRUE"))
  }

  /// The query's last line may be a comment.
  private static func text(_ template: QueryTemplate, _ filling: QueryTemplate.Filling) -> String {
    "(\(template.text(filling))\n) AS tidemark_query"
  }

  /// Below whatever the column may hold.
  private var lowest: String {
    guard let first = cursors.first, !first.isTime else { return "'0000-00-00 00:00:00'" }
    return "-" + String(repeating: "9", count: 38)
  }
}
