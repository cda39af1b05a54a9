/// A column that rows are sorted by. Nulls come last, whichever way; numbers that are not a number
/// count as the greatest; texts and bytes compare byte by byte.
public struct SortKey: Hashable, Sendable {
  /// The name of a column, or the dotted path of a field in structs.
  public var column: String
  public var isDescending: Bool

  public init(_ column: String, isDescending: Bool = false) {
    self.column = column
    self.isDescending = isDescending
  }

  /// `price`, `price:asc` or `price:desc`.
  public init(parsing text: String) {
    if text.hasSuffix(":desc") {
      self.init(String(text.dropLast(5)), isDescending: true)
    } else if text.hasSuffix(":asc") {
      self.init(String(text.dropLast(4)))
    } else {
      self.init(text)
    }
  }
}
