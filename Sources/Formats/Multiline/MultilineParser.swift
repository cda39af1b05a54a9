internal import Base
internal import Kernels
public import Records

/// Gives the parser of a format records of several lines.
///
/// The parser counts records as if they were lines; their numbers become those of the first line
/// of each. A parser that knows nothing of records (`LineFormat.newlineMask`) sees a record as one
/// line in which vertical tabs stand for the newlines; they are newlines again in the texts of its
/// columns. So a vertical tab that the text had itself becomes one too.
final class MultilineParser: LineParser {
  private let inner: any LineParser
  private let scan: MultilineScan
  private let newlineMask: UInt8?
  private var block = LineBlock([])
  private var recordEnds: [Int] = []
  /// The number of the first line of each record.
  private var recordLines: [Int] = []
  /// Whether there are masked newlines in the block, and whether rows of the batch may have them.
  private var blockIsMasked = false
  private var batchIsMasked = false
  private var outcome = LineOutcome()

  /// A control character that logs do not use, which patterns and parsers take for a blank.
  static let verticalTab: UInt8 = 0x0B

  init(_ inner: any LineParser, _ multiline: Multiline, newlineMask: UInt8?) throws(FormatError) {
    self.inner = inner
    self.newlineMask = newlineMask
    scan = try MultilineScan(multiline)
  }

  var fileState: JSONValue? { inner.fileState }
  var rowCount: Int { inner.rowCount }
  var byteCount: Int { inner.byteCount }

  func begin(_ file: TextFile) throws(FormatError) { try inner.begin(file) }

  func begin(_ block: LineBlock) throws(FormatError) {
    self.block = block
    let isText = TextValidation.isUTF8(block.bytes.span, 0..<block.count)
    recordEnds = block.bytes.withUnsafeBufferPointer { bytes in
      bytes.baseAddress.map { scan.ends($0, block.count, isText: isText) } ?? []
    }
    countLines()
    guard let newlineMask else {
      return try inner.begin(
        LineBlock(bytes: block.bytes, count: block.count, firstLine: 1, recordEnds: recordEnds))
    }
    blockIsMasked = recordLines.count < lineCount
    batchIsMasked = batchIsMasked || blockIsMasked
    let bytes = blockIsMasked ? masked(newlineMask) : block.bytes
    try inner.begin(LineBlock(bytes: bytes, count: block.count, firstLine: 1))
  }

  private var lineCount = 0

  private func countLines() {
    recordLines.removeAll(keepingCapacity: true)
    var line = block.firstLine
    var start = 0
    for end in recordEnds {
      recordLines.append(line)
      // The last one may lack its newline.
      line += scanNewlineCount(block.bytes, start..<end - 1) + 1
      start = end
    }
    lineCount = line - block.firstLine
  }

  /// The block with each record on a line of its own.
  private func masked(_ mask: UInt8) -> [UInt8] {
    var bytes = block.bytes
    var start = 0
    for end in recordEnds {
      var last = end
      // Blank lines behind a record are none of its text.
      while last > start, bytes[last - 1] == 0x0A || bytes[last - 1] == 0x0D { last -= 1 }
      for index in start..<last where bytes[index] == 0x0A { bytes[index] = mask }
      if last < end - 1 {
        for index in last..<end - 1 { bytes[index] = 0x0D }
      }
      start = end
    }
    return bytes
  }

  func step(_ outcome: inout LineOutcome) throws(FormatError) -> Bool {
    self.outcome.rowLines.removeAll(keepingCapacity: true)
    self.outcome.rejects.removeAll(keepingCapacity: true)
    self.outcome.repairedCount = 0
    let hasMore = try inner.step(&self.outcome)
    for record in self.outcome.rowLines {
      outcome.rowLines.append(firstLine(record))
      outcome.continuedCount += continuedCount(record)
    }
    for var reject in self.outcome.rejects {
      let record = reject.line
      reject.line = firstLine(record)
      if blockIsMasked {
        reject = LineReject(line: reject.line, bytes: text(record), reason: reject.reason)
      }
      outcome.rejects.append(reject)
      outcome.continuedCount += continuedCount(record)
    }
    outcome.repairedCount += self.outcome.repairedCount
    return hasMore
  }

  /// - Parameter record: the number of a record in the block, from 1, as the inner parser says it.
  private func firstLine(_ record: Int) -> Int {
    recordLines.indices.contains(record - 1) ? recordLines[record - 1] : block.firstLine
  }

  private func continuedCount(_ record: Int) -> Int {
    guard recordLines.indices.contains(record - 1) else { return 0 }
    let next = record < recordLines.count ? recordLines[record] : block.firstLine + lineCount
    return next - recordLines[record - 1] - 1
  }

  private func text(_ record: Int) -> ArraySlice<UInt8> {
    guard recordEnds.indices.contains(record - 1) else { return [] }
    let start = record > 1 ? recordEnds[record - 2] : 0
    var text = block.bytes[start..<recordEnds[record - 1]]
    while let last = text.last, last == 0x0A || last == 0x0D { text.removeLast() }
    return text
  }

  func finish() -> Batch {
    let batch = inner.finish()
    guard batchIsMasked, newlineMask == Self.verticalTab else { return batch }
    // The rest of the block goes into the next batch.
    batchIsMasked = blockIsMasked
    var unmasking = NewlineUnmasking()
    return Batch(
      schema: batch.schema, columns: batch.columns.map { unmasking.column($0) },
      rowCount: batch.rowCount)
  }
}

/// Makes newlines of vertical tabs in the texts of columns.
private struct NewlineUnmasking {
  /// Columns share the blocks that their texts lie in: those done so far, by where they lie.
  private var done: [UnsafeRawPointer: [UInt8]] = [:]

  mutating func column(_ column: Column) -> Column {
    Column(
      type: column.type, count: column.count, validity: column.validity,
      values: values(column.values))
  }

  private mutating func values(_ values: Column.Values) -> Column.Values {
    switch values {
    case .bytes(let texts):
      return .bytes(ByteColumn(views: texts.views, buffers: texts.buffers.map { buffer($0) }))
    case .list(let offsets, let child): return .list(offsets: offsets, column(child))
    case .structure(let children): return .structure(children.map { column($0) })
    case .map(let offsets, let keys, let values):
      return .map(offsets: offsets, keys: column(keys), values: column(values))
    default: return values
    }
  }

  private mutating func buffer(_ bytes: [UInt8]) -> [UInt8] {
    let place = bytes.withUnsafeBytes { $0.baseAddress }
    guard let place, !bytes.isEmpty else { return bytes }
    if let known = done[place] { return known }
    let unmasked = bytes.map { $0 == MultilineParser.verticalTab ? 0x0A : $0 }
    done[place] = unmasked
    return unmasked
  }
}

extension LineFormat {
  /// The parser that the options ask for: records of several lines where they say so.
  public static func recordParser(_ options: LineOptions, knownSchema: Schema?)
    throws(FormatError) -> any LineParser
  {
    let parser = try parser(options, knownSchema: knownSchema)
    guard let multiline = options.multiline else { return parser }
    return try MultilineParser(parser, multiline, newlineMask: newlineMask)
  }

  /// Where records end; nil where each line is one.
  /// - Throws: `.invalidOption` where the format has records over several lines by itself.
  public static func recordFraming(_ options: LineOptions) throws(FormatError)
    -> (any RecordFraming)?
  {
    let framing = try framing(options)
    guard let multiline = options.multiline else { return framing }
    if framing != nil {
      throw FormatError(
        .invalidOption, "the format '\(name)' says itself where its records end",
        remedy: "Remove 'multiline'.", place: "multiline")
    }
    return multiline
  }
}
