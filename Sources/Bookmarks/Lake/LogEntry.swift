internal import Base
internal import Storage

/// One step of a log that is kept in the lake: what was decided together, in an object that is
/// put only where none of its number is there yet. The put is the decision.
///
///     _tidemark/log/00000000000000000042.json
struct LogEntry: Hashable, Sendable {
  /// The log's name.
  var log: String
  /// 1, 2, 3, … without gaps.
  var sequence: Int
  /// Unique: tells whose put it was that succeeded, when an answer was lost.
  var id: String
  var at: Instant
  /// Who decided it, for people.
  var by: String
  var operations: [LogOperation]

  static let folder = "_tidemark/log/"

  static func key(_ sequence: Int) -> String { folder + padded(sequence, 20) + ".json" }

  var key: String { Self.key(sequence) }

  var bytes: [UInt8] {
    let json: JSONValue = [
      "log": .string(log), "sequence": .init(sequence), "id": .string(id),
      "at": .string(at.description), "by": .string(by),
      "operations": .array(operations.map(\.json)),
    ]
    return Array(json.text().utf8)
  }

  init(log: String, sequence: Int, id: String, at: Instant, by: String, operations: [LogOperation])
  {
    self.log = log
    self.sequence = sequence
    self.id = id
    self.at = at
    self.by = by
    self.operations = operations
  }

  /// - Throws: `.corrupt` where the bytes are no entry of this number.
  init(_ bytes: [UInt8], sequence expected: Int) throws(BookmarksError) {
    let json: JSONValue
    do {
      json = try JSONValue(parsing: bytes)
    } catch {
      throw Self.unreadable(expected, error.description)
    }
    guard let log = json["log"]?.string, let id = json["id"]?.string,
      json["sequence"]?.integer == Int64(expected), let items = json["operations"]?.array
    else { throw Self.unreadable(expected, "it is no entry of that number") }
    var operations: [LogOperation] = []
    for item in items { operations.append(try LogOperation(json: item)) }
    self.init(
      log: log, sequence: expected, id: id,
      at: json["at"]?.string.flatMap { Instant($0) } ?? Instant(microseconds: 0),
      by: json["by"]?.string ?? "", operations: operations)
  }

  private static func unreadable(_ sequence: Int, _ cause: String) -> BookmarksError {
    BookmarksError(
      .corrupt, "an entry of the lake's log cannot be read",
      remedy: "Restore the object from a backup or an older version; nothing was changed.",
      place: key(sequence), cause: cause)
  }
}
