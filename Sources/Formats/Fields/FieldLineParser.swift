internal import Base
internal import Kernels
internal import Records

/// Finds the fields of lines in one format. One thread uses it.
protocol FieldScanner: AnyObject {
  /// The columns, which only grow: while a line is scanned, or when a file begins.
  var columns: [FieldColumn] { get }

  /// As `LineParser.begin`.
  func begin(_ file: TextFile)

  /// As `LineParser.fileState`.
  var fileState: JSONValue? { get }

  /// Puts the fields of a line into the row, which is clear and has room for `columns`.
  /// - Parameters:
  ///   - bytes: the block; readable for 8 bytes behind the line.
  ///   - range: the line, which is not empty, without its end.
  func scan(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ row: inout FieldRow)
    -> FieldLine
}

/// What a line is.
enum FieldLine {
  case row
  /// A header or directive, which is no row and no reject.
  case directive
  /// None of the format, with the reason.
  case fault(String)
}

extension FieldScanner {
  func begin(_ file: TextFile) {}
  var fileState: JSONValue? { nil }
}

/// Lines whose fields a scanner finds, to columns. Blank lines are passed over.
final class FieldLineParser: LineParser {
  private let scanner: any FieldScanner
  private let known: Set<String>
  private var columns = FieldColumns()
  private var row = FieldRow()
  private var block = LineBlock([])
  private var blockIsText = true
  private var position = 0
  private var line = 0

  /// - Throws: `.invalidOption` where columns are declared.
  init(_ scanner: any FieldScanner, _ options: LineOptions, knownSchema: Schema?)
    throws(FormatError)
  {
    if let field = options.declared.first {
      throw FormatError(
        .invalidOption, "the columns of this format have their types already",
        remedy: "Remove 'columns'; cast in a query or a derived stream.", place: field.name)
    }
    self.scanner = scanner
    known = Set((knownSchema?.names ?? []).map(foldedName))
    addColumns()
  }

  private func addColumns() {
    for column in scanner.columns.dropFirst(columns.columnCount) {
      columns.add(column, isKnown: known.contains(foldedName(column.name)))
    }
  }

  var rowCount: Int { columns.rowCount }
  var byteCount: Int { columns.byteCount }
  var fileState: JSONValue? { scanner.fileState }
  func finish() -> Batch { columns.finish() }

  func begin(_ file: TextFile) throws(FormatError) {
    scanner.begin(file)
    addColumns()
  }

  func begin(_ block: LineBlock) throws(FormatError) {
    self.block = block
    position = 0
    line = block.firstLine
    blockIsText = TextValidation.isUTF8(block.bytes.span, 0..<block.count)
    columns.begin(block.bytes)
  }

  func step(_ outcome: inout LineOutcome) throws(FormatError) -> Bool {
    let count = block.count
    block.bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      for _ in 0..<Self.stepRowsMax where position < count {
        let end = scanNewline(base, position..<count) ?? count
        let range = trimmed(bytes, position..<end)
        if !range.isEmpty { take(bytes, range, &outcome) }
        position = end + 1
        line += 1
      }
    }
    return position < count
  }

  private func take(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ outcome: inout LineOutcome
  ) {
    row.clear(columns: columns.columnCount)
    switch scanner.scan(bytes, range, &row) {
    case .row:
      var isText = true
      if !blockIsText {
        isText = TextValidation.isUTF8(block.bytes.span, range)
        if !isText { outcome.repairedCount += 1 }
      }
      outcome.rowLines.append(line)
      columns.append(row, isText: isText, bytes)
    case .directive: addColumns()
    case .fault(let reason):
      outcome.rejects.append(LineReject(line: line, bytes: bytes[range], reason: reason))
    }
  }

  /// The line without spaces and a carriage return at its end, and without zeros at its start,
  /// which a writer leaves that goes on at its old place in a truncated file.
  private func trimmed(_ bytes: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) -> Range<Int> {
    var (start, end) = (line.lowerBound, line.upperBound)
    while end > start, bytes[end - 1] == 0x0D || bytes[end - 1] == 0x20 { end -= 1 }
    while start < end, bytes[start] == 0 { start += 1 }
    return start..<end
  }
}
