/// Why text could not be read in a format, or what was asked of a format cannot be.
public struct FormatError: Error, Sendable, CustomStringConvertible {
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The text is not what the format demands.
    case malformed
    /// No format has this name.
    case unknownFormat
    /// An option of the format cannot be used.
    case invalidOption
    /// Two names that differ would be one column.
    case nameCollision
    /// More columns than a table can take.
    case tooManyColumns
    /// The system gave no memory.
    case outOfMemory
  }

  public var kind: Kind
  /// What was found and what was expected.
  public var message: String
  /// What to do next.
  public var remedy: String
  /// The byte, column or option it is about.
  public var place: String?

  public init(_ kind: Kind, _ message: String, remedy: String, place: String? = nil) {
    self.kind = kind
    self.message = message
    self.remedy = remedy
    self.place = place
  }

  public var description: String { (place.map { "\($0): " } ?? "") + message }

  static var outOfMemory: FormatError {
    FormatError(
      .outOfMemory, "the system gave no memory",
      remedy: "Lower the memory budget or the number of threads, and run again.")
  }
}
