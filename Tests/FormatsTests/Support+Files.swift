import Base
import Formats
import Records

/// One file through a parser as it is read: cut into blocks by the splitter with the format's
/// framing, with its head and state.
struct ParsedFile {
  var parsed = Parsed()
  var state: JSONValue?

  /// - Parameters:
  ///   - state: where reading goes on; then `text` is the rest of a file that begins with `head`.
  ///   - readBytes: how much a read gives at most.
  init(
    _ format: String, _ text: [UInt8], options: LineOptions = LineOptions(),
    parser given: (any LineParser)? = nil, knownSchema: Schema? = nil, head: [UInt8]? = nil,
    isAtStart: Bool = true, state: JSONValue? = nil, blockBytes: Int = 1 << 16,
    lineBytesMax: Int = 16 << 20
  ) throws {
    let type = try LineFormats.named(format)
    let parser = try given ?? type.parser(options, knownSchema: knownSchema)
    try parser.begin(
      TextFile(
        path: "a", isAtStart: isAtStart,
        head: type.needsHead ? Array((head ?? text).prefix(TextFile.headBytesMax)) : [],
        state: state))
    var read = 0
    let splitter = LineSplitter<Never>(
      firstLine: 1, isAtStart: isAtStart, blockBytes: blockBytes, lineBytesMax: lineBytesMax,
      framing: try type.framing(options)
    ) { carry, count, _ in
      let bytes = text[read..<min(text.count, read + count)]
      read += bytes.count
      return Array(carry) + bytes
    }
    var piece = splitter.next()
    while let current = piece {
      try take(current, parser)
      piece = splitter.next()
    }
    if let tail = splitter.takeTail() { try take(tail, parser) }
    self.state = parser.fileState
    parsed.batches.append(parser.finish())
  }

  private mutating func take(_ piece: LineSplitter<Never>.Piece, _ parser: any LineParser) throws {
    switch piece {
    case .reject(let reject): parsed.outcome.rejects.append(reject)
    case .block(let block):
      try parser.begin(block)
      while try parser.step(&parsed.outcome) {}
    }
  }

  init(
    _ format: String, _ text: String, options: LineOptions = LineOptions(),
    parser: (any LineParser)? = nil, knownSchema: Schema? = nil
  ) throws {
    try self.init(
      format, Array(text.utf8), options: options, parser: parser, knownSchema: knownSchema)
  }
}

/// Options of a format as the config gives them.
func formatOptions(
  _ values: [(String, JSONValue)], zone: String = "UTC", declared: [Field] = [],
  reservedNames: [String] = [], mergesCase: Bool = false
) -> LineOptions {
  LineOptions(
    format: FormatOptions(.object(values.map { .init(key: $0.0, value: $0.1) })), zone: zone,
    declared: declared, reservedNames: reservedNames, mergesCase: mergesCase)
}
