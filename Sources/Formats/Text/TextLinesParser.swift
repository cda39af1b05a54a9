internal import Base
internal import Records

/// What a format makes of one line.
protocol TextLineReader {
  /// Sets the values of a row; does not end it.
  /// - Parameters:
  ///   - line: neither empty nor blank; without zeros at its start and a carriage return.
  /// - Returns: nil; or why the line is no row.
  /// - Throws: where the batch cannot go on.
  mutating func read(
    _ line: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>, into builder: TextRowsBuilder
  ) throws(FormatError) -> String?
}

/// Lines, each a row or a reject, to columns of texts.
final class TextLinesParser<Reader: TextLineReader>: LineParser {
  private let builder: TextRowsBuilder
  private var reader: Reader
  /// Lines at the start of a file that are passed over.
  private let skippedLines: Int
  private var linesToSkip = 0
  private var block = LineBlock([])
  private var position = 0
  private var line = 0

  init(_ builder: TextRowsBuilder, _ reader: Reader, skippedLines: Int = 0) {
    self.builder = builder
    self.reader = reader
    self.skippedLines = skippedLines
    linesToSkip = skippedLines
  }

  var rowCount: Int { builder.rowCount }
  var byteCount: Int { builder.byteCount }
  func finish() -> Batch { builder.finish() }

  func begin(_ file: TextFile) throws(FormatError) {
    builder.reference = file.modified
    let left = file.state?["skip"]?.integer.flatMap { Int(exactly: $0) }
    linesToSkip = left ?? (file.isAtStart ? skippedLines : 0)
  }

  var fileState: JSONValue? {
    linesToSkip == 0
      ? nil : .object([.init(key: "skip", value: .integer(Int64(linesToSkip)))])
  }

  func begin(_ block: LineBlock) throws(FormatError) {
    builder.begin(block)
    self.block = block
    position = 0
    line = block.firstLine
  }

  func step(_ outcome: inout LineOutcome) throws(FormatError) -> Bool {
    try block.bytes.withUnsafeBufferPointer { bytes throws(FormatError) in
      guard let base = bytes.baseAddress else { return }
      for _ in 0..<Self.stepRowsMax where position < block.count {
        let text = TextLine.text(base, &position, end: block.count)
        if linesToSkip > 0 {
          linesToSkip -= 1
        } else if !text.isEmpty {
          if let reason = try reader.read(text, bytes, into: builder) {
            builder.abandonRow()
            outcome.rejects.append(
              LineReject(line: line, bytes: bytes[text], reason: reason))
          } else {
            builder.endRow(line: line, text: text, &outcome)
          }
        }
        line += 1
      }
    }
    return position < block.count
  }
}
