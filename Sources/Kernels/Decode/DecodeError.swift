/// What is wrong with encoded bytes, and where.
public struct DecodeError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The input ends before the values that it should hold.
    case truncated
    /// A run of no values.
    case emptyRun
    /// A run, or a whole encoded stream, holds more values than there can be.
    case tooManyValues
    /// A bit width that the encoding does not have.
    case bitWidth
    /// A dictionary index past the end of the dictionary.
    case dictionaryIndex
    /// A definition or repetition level above the column's maximum.
    case level
    /// A delta header whose numbers contradict each other.
    case deltaHeader
    /// A negative length, or a prefix longer than the value before it.
    case length
    /// Text that is not UTF-8.
    case text
    /// A number that its column's type cannot hold.
    case range
    /// Values that would take more memory than allowed.
    case memory
  }

  public var kind: Kind
  /// Bytes from the start of the input.
  public var offset: Int
  public var message: String

  public init(_ kind: Kind, at offset: Int, _ message: String) {
    self.kind = kind
    self.offset = offset
    self.message = message
  }

  public var description: String { "\(message) at byte \(offset)" }
}

extension DecodeError {
  @usableFromInline
  static func truncated(at offset: Int, wanted: Int, have: Int) -> DecodeError {
    DecodeError(.truncated, at: offset, "expected \(wanted) bytes, found \(have)")
  }
}
