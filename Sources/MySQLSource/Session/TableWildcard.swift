internal import Base
internal import Connector

/// A stream whose name holds `*`: which tables of the database it stands for.
struct TableWildcard: Sendable {
  /// The stream's name, for messages.
  let name: String
  let pattern: String
  let included: [String]
  let excluded: [String]
  let takesViews: Bool

  /// The keys of a stream that only a wildcard has.
  static let keys = ["include_tables", "exclude_tables", "views"]

  /// - Returns: nil where the stream names its one table or query.
  /// - Throws: where keys say that several tables are meant, and the stream's name does not.
  init?(_ stream: StreamConfiguration) throws(ConnectorError) {
    let options = stream.options
    name = stream.name
    pattern = stream.item
    included = options["include_tables"]?.strings ?? []
    excluded = options["exclude_tables"]?.strings ?? []
    takesViews = options["views"]?.boolean ?? false
    let isPattern = stream.item.contains("*")
    if !isPattern {
      guard let key = Self.keys.first(where: { options[$0] != nil }) else { return nil }
      throw ConnectorError(
        .misconfigured, "`\(key)` chooses among tables, and the stream's name stands for one",
        remedy: "Name the stream with a `*`, such as SOURCE.* or SOURCE.audit_*, or take `\(key)`"
          + " out.",
        place: stream.name)
    }
    if let key = ["table", "query"].first(where: { options[$0] != nil }) {
      throw ConnectorError(
        .misconfigured, "`\(key)` is one thing to read, and the stream's name stands for many",
        remedy: "Give the stream a name without `*`, or take `\(key)` out.", place: stream.name)
    }
  }

  /// The tables that are meant, in order.
  /// - Throws: `.notFound` where there are none.
  func tables(among all: [String], database: String) throws(ConnectorError) -> [String] {
    let matching = all.filter { Wildcard.matches(pattern, $0) }
    let wanted = matching.filter { table in
      included.isEmpty || included.contains { Wildcard.matches($0, table) }
    }
    let left = wanted.filter { table in !excluded.contains { Wildcard.matches($0, table) } }
    guard left.isEmpty else { return left }
    throw ConnectorError(
      .notFound, emptiness(all, matching, wanted, database),
      remedy: remedy(all, matching, wanted), place: name)
  }

  private func emptiness(
    _ all: [String], _ matching: [String], _ wanted: [String], _ database: String
  ) -> String {
    let kind = takesViews ? "table or view" : "table"
    if matching.isEmpty {
      return "no \(kind) of the database `\(database)` that the user may see matches `\(pattern)`"
    }
    if wanted.isEmpty {
      return "none of the \(matching.count) tables that match `\(pattern)` is named by"
        + " `include_tables`"
    }
    return "`exclude_tables` leaves out all \(wanted.count) tables that are meant"
  }

  private func remedy(_ all: [String], _ matching: [String], _ wanted: [String]) -> String {
    let candidates = matching.isEmpty ? all : matching
    let asked = matching.isEmpty ? [pattern] : included
    if wanted.isEmpty {
      let near = asked.compactMap { asked in
        nearestName(to: asked.filter { $0 != "*" }, among: candidates)
      }
      if let near = near.first { return "Did you mean `\(near)`?" }
    }
    if all.isEmpty {
      return "Check the database's name, and grant SELECT on its tables to the user"
        + (takesViews ? "." : "; views are taken only with `views: true`.")
    }
    return "Tables here: \(candidates.prefix(12).joined(separator: ", "))"
      + (candidates.count > 12 ? " and \(candidates.count - 12) more." : ".")
  }

  /// Patterns of the config that stand for nothing, which a person will want to know of.
  func idlePatterns(among all: [String]) -> [String] {
    (included.map { ("include_tables", $0) } + excluded.map { ("exclude_tables", $0) })
      .filter { pattern in !all.contains { Wildcard.matches(pattern.1, $0) } }
      .map { "`\($0.0)` names `\($0.1)`, and no table here is called so" }
  }

  /// What can be done about a table that does not fit the wildcard's settings, besides mending it.
  func leaveOut(_ table: String) -> String {
    "Or leave the table out: `exclude_tables: [\((excluded + [table]).joined(separator: ", "))]`"
      + " under \(name)."
  }
}

/// Names with `*` for any characters.
enum Wildcard {
  static func matches(_ pattern: String, _ name: String) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard parts.count > 1, let first = parts.first, let last = parts.last else {
      return pattern == name
    }
    guard name.hasPrefix(first) else { return false }
    var rest = Substring(name).dropFirst(first.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let found = rest.firstRange(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return rest.count >= last.count && rest.hasSuffix(last)
  }
}
