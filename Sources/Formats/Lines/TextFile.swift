public import Base

/// What a parser may know of a file before its first block.
public struct TextFile: Sendable {
  /// As `_file` has it.
  public var path: String
  /// When it was last written: years that lines leave out are resolved by it. nil where unknown.
  public var modified: Instant?
  /// Whether reading begins with the file's first byte.
  public var isAtStart: Bool
  /// The first bytes of the file's text, at most `headBytesMax`, for those formats that ask for
  /// them: also where reading goes on further behind.
  public var head: [UInt8]
  /// What the parser's `fileState` was when the file was last read; nil at its start.
  public var state: JSONValue?

  public static let headBytesMax = 1 << 16

  public init(
    path: String = "", modified: Instant? = nil, isAtStart: Bool = true, head: [UInt8] = [],
    state: JSONValue? = nil
  ) {
    self.path = path
    self.modified = modified
    self.isAtStart = isAtStart
    self.head = head
    self.state = state
  }
}
