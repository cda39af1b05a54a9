internal import Connector
internal import Records

/// Follows the rows of a window: which of them are new, and what becomes of the bookmark.
protocol WindowProgress: AnyObject {
  /// The rows of a batch to keep, in order; nil where all are new.
  ///
  /// - Parameters:
  ///   - cursors: the cursor's columns, in the order of the bookmark.
  ///   - columns: all columns of the stream.
  func keep(
    cursors: [Column], columns: [Column], schema: Schema, rowCount: Int
  ) throws(ConnectorError) -> [Int32]?

  /// Whether further rows would be dropped anyway: the window ends here.
  var isSatisfied: Bool { get }

  /// What became of the bookmark when all rows were seen.
  func finish() throws(ConnectorError) -> Advance
}

extension WindowProgress {
  var isSatisfied: Bool { false }
}

/// What a session has found out about the next read.
struct PreparedWindow {
  var window: Window
  /// The rows' condition; nil for all rows.
  var condition: String?
  var bounds = WindowBounds()
  /// In words: `updated_at … 2026-11-21`.
  var label: String
  /// Whether there is anything to read.
  var isEmpty: Bool
  var warnings: [String] = []
  /// What of it can be read in parts.
  var splittable: Splittable?
  /// Why the server may not show all that was read up to the mark; nil where it does.
  var behind: String?
  /// A fresh one for every read of the window.
  var makeProgress: () throws(ConnectorError) -> any WindowProgress
}

/// The ends of a window as literals, for queries that limit themselves by them; nil where it is
/// open.
struct WindowBounds: Sendable {
  /// Of a time: the first that belongs to the window; of a number: the last that does not.
  var from: String?
  /// The first that does not belong to it any more.
  var to: String?
}

/// A window whose rows are all new.
final class PlainProgress: WindowProgress {
  private let advance: Advance
  private let name: String
  /// Whether a NULL in the cursor stops the run.
  private let refusesNulls: Bool
  private let place: String

  init(_ advance: Advance, refusesNulls: Bool, cursorName: String, place: String) {
    self.advance = advance
    self.refusesNulls = refusesNulls
    name = cursorName
    self.place = place
  }

  func keep(
    cursors: [Column], columns: [Column], schema: Schema, rowCount: Int
  ) throws(ConnectorError) -> [Int32]? {
    if refusesNulls, let cursor = cursors.first, cursor.nullCount > 0 {
      throw Self.nullError(name, place: place)
    }
    return nil
  }

  func finish() throws(ConnectorError) -> Advance { advance }

  /// A row was found whose cursor is NULL, and nobody said what that means.
  static func nullError(_ name: String, place: String) -> ConnectorError {
    ConnectorError(
      .misconfigured, "there are rows whose cursor `\(name)` is NULL",
      remedy: "Say what they mean: `nulls: skip` leaves them out, `nulls: include` takes each "
        + "once; or go by an expression such as coalesce(\(name), created_at).",
      place: place)
  }
}
