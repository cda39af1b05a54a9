internal import Records

/// A pattern of lines and the columns that its groups fill.
struct PatternSource: Sendable {
  struct Column: Sendable {
    let name: String
    /// The first that takes part in a match counts.
    var groups: [Int]
  }

  /// The type of a column, where it is not found as values come.
  struct ColumnType: Sendable {
    let type: DataType
    /// How a date or timestamp is written; nil for ISO 8601.
    let time: TimePattern?
  }

  let pattern: Pattern
  let columns: [Column]
  /// What stands at a byte of the pattern's text, as the person wrote it; nil where that is just
  /// the text.
  let source: @Sendable (Int) -> String?

  init(
    _ pattern: Pattern, columns: [Column],
    source: @escaping @Sendable (Int) -> String? = { _ in nil }
  ) {
    self.pattern = pattern
    self.columns = columns
    self.source = source
  }

  /// What the pattern goes on with at a place that a trace reached.
  func expected(_ reach: PatternTrace.Reach) -> String {
    if let written = source(reach.patternOffset) { return written }
    let text = Array(pattern.text.utf8)
    guard reach.patternOffset < text.count else { return "its end" }
    // An item alone says little where it is one character.
    let end = min(text.count, reach.patternOffset + max(reach.itemLength, 16))
    return String(decoding: text[reach.patternOffset..<end], as: UTF8.self)
      + (end < text.count ? "…" : "")
  }
}
