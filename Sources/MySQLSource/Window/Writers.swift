internal import Base

/// Who may still commit rows that carry a time or a number from before now, and when that was.
struct Writers: Sendable {
  /// A transaction or statement that is under way.
  struct Writer: Sendable, Equatable {
    /// The server's connection; 0 for a prepared transaction that has none.
    var connectionID: Int64
    /// When it began, at the latest; nil where nobody knows.
    var start: Instant?
    /// For people: `transaction of connection 17`.
    var name: String
    /// Whether it may have written rows already.
    var isTransaction = false
  }

  /// Why writers are not seen, and how far behind them this server is.
  struct Hidden: Sendable, Equatable {
    var reason: String
    var lagSeconds: Double
  }

  /// The server's clock, read before looking for writers.
  var now: Instant
  var active: [Writer]
  /// nil where all writers are seen.
  var hidden: Hidden?

  /// The margin of `settle: auto`.
  static let autoMarginSeconds = 2.0
  /// The stand-in for writers that are not seen.
  static let hiddenSettleSeconds = 300.0

  /// A point before which no row can come any more, and why it is there; nil where nobody knows.
  ///
  /// - Parameter settleSeconds: the configured margin; nil for auto.
  func ceiling(settleSeconds: Double?) -> (at: Instant?, reason: String) {
    if let hidden {
      let settle = settleSeconds ?? Self.hiddenSettleSeconds
      let reason =
        "the server's clock less \(Units.describe(seconds: settle)) of settling"
        + (hidden.lagSeconds > 0
          ? " and \(Units.describe(seconds: hidden.lagSeconds)) of replication lag" : "")
        + ": \(hidden.reason)"
      return (now.advanced(seconds: -(settle + hidden.lagSeconds)), reason)
    }
    var oldest = now
    var reason = "the server's clock"
    for writer in active {
      guard let start = writer.start else {
        return (nil, "the \(writer.name) may have begun at any time")
      }
      if start < oldest {
        oldest = start
        reason = "the start of the \(writer.name)"
      }
    }
    let margin = settleSeconds ?? Self.autoMarginSeconds
    if margin > 0 { reason += ", less \(Units.describe(seconds: margin))" }
    return (oldest.advanced(seconds: -margin), reason)
  }

  /// Whether rows may be written and not committed, with times from before their transaction.
  var mayHaveWritten: Bool { hidden == nil && active.contains(where: \.isTransaction) }

  /// Whether one of the connections is still at what it was doing at a time before, or some
  /// prepared transaction from then is left.
  func stillBusy(_ connectionIDs: Set<Int64>, since: Instant) -> Bool {
    active.contains { writer in
      guard writer.connectionID == 0 || connectionIDs.contains(writer.connectionID) else {
        return false
      }
      // Starts are told in whole seconds.
      guard let start = writer.start else { return true }
      return start <= since.advanced(seconds: 1)
    }
  }
}

/// What a statement in the process list may do.
enum StatementText {
  /// Whether a statement plainly only reads, by its first words.
  static func isPlainRead(_ text: String) -> Bool {
    let lowered = text.lowercased()
    switch firstWord(lowered) {
    case "select", "show", "desc", "describe", "explain", "use", "help", "checksum", "values",
      "table":
      return true
    case "with":
      return !["insert", "update", "delete", "replace"].contains { lowered.contains($0) }
    default: return false
    }
  }

  /// The first word behind white space, comments and opening brackets.
  static func firstWord(_ text: String) -> Substring {
    var rest = Substring(text)
    while let first = rest.first {
      if first.isWhitespace || first == "(" {
        rest = rest.dropFirst()
      } else if rest.hasPrefix("/*"), !rest.hasPrefix("/*!"), let end = rest.firstRange(of: "*/") {
        rest = rest[end.upperBound...]
      } else if first == "#" || rest.hasPrefix("-- ") {
        rest = rest.drop { !$0.isNewline }
      } else {
        break
      }
    }
    return rest.prefix { $0.isLetter }
  }
}
