internal import Connector
internal import Formats
internal import Records

/// Puts `_file` and `_line` to the rows of a parser, and lines that are no rows into batches of
/// their own.
struct RowAssembly {
  private let parser: any LineParser
  private let options: ReadOptions
  private var fileViews: [ByteView] = []
  private var names: [UInt8] = []
  private var lines: [Int64] = []
  private var rejectFiles = BytesBuilder()
  private var rejectLines: [Int64] = []
  private var rejectTexts = BytesBuilder()
  private var rejectReasons = BytesBuilder()
  private var fileView = ByteView(offset: 0, length: 0)
  private var fileName = ""
  /// The columns of the table as of the last batch.
  private(set) var schema = Schema([])

  static let rejectsTable = "rejects"

  init(_ parser: any LineParser, _ options: ReadOptions) {
    self.parser = parser
    self.options = options
  }

  /// Says whose lines come next.
  mutating func begin(file: String) {
    fileName = file
    rememberName()
  }

  private mutating func rememberName() {
    fileView = ByteView(offset: UInt32(names.count), length: UInt32(fileName.utf8.count))
    names.append(contentsOf: fileName.utf8)
  }

  mutating func add(_ outcome: LineOutcome) {
    lines.append(contentsOf: outcome.rowLines.lazy.map { Int64($0) })
    fileViews.append(contentsOf: repeatElement(fileView, count: outcome.rowLines.count))
    for reject in outcome.rejects { add(reject) }
  }

  mutating func add(_ reject: LineReject) {
    rejectFiles.append(fileName)
    rejectLines.append(Int64(reject.line))
    rejectTexts.append(reject.text)
    rejectReasons.append(reject.reason)
  }

  /// Batches that are full.
  mutating func takeFull() -> [SourceBatch] {
    var full: [SourceBatch] = []
    let rows = parser.rowCount
    if rows >= options.batchRowsMax || parser.byteCount + rows * 20 >= options.batchBytes {
      full += takeRows()
    }
    if rejectLines.count >= options.batchRowsMax
      || rejectTexts.byteCount + rejectLines.count * 200 >= options.batchBytes
    {
      full += takeRejects()
    }
    return full
  }

  /// All that is left.
  mutating func takeRest() -> [SourceBatch] { takeRows() + takeRejects() }

  private mutating func takeRows() -> [SourceBatch] {
    let batch = parser.finish()
    schema = batch.schema
    schema.fields += [
      Field(LogSettings.fileColumn, .string), Field(LogSettings.lineColumn, .int64),
    ]
    guard batch.rowCount > 0 else { return [] }
    let files = Column(
      type: .string, count: batch.rowCount,
      values: .bytes(ByteColumn(views: fileViews, buffers: [names])))
    let numbers = Column(type: .int64, count: batch.rowCount, values: .int64(lines))
    fileViews = []
    names = []
    lines = []
    rememberName()
    return slices(
      Batch(schema: schema, columns: batch.columns + [files, numbers], rowCount: batch.rowCount),
      .main)
  }

  private mutating func takeRejects() -> [SourceBatch] {
    let count = rejectLines.count
    guard count > 0 else { return [] }
    let numbers = Column(type: .int64, count: count, values: .int64(rejectLines))
    rejectLines = []
    let batch = Batch(
      schema: Schema([
        Field(LogSettings.fileColumn, .string), Field(LogSettings.lineColumn, .int64),
        Field("text", .string), Field("reason", .string),
      ]),
      columns: [
        rejectFiles.finish(.string), numbers, rejectTexts.finish(.string),
        rejectReasons.finish(.string),
      ],
      rowCount: count)
    return slices(batch, .side(Self.rejectsTable))
  }

  private func slices(_ batch: Batch, _ table: TableRole) -> [SourceBatch] {
    let size = max(1, options.batchRowsMax)
    return stride(from: 0, to: batch.rowCount, by: size).map { start in
      SourceBatch(batch.slice(start..<min(batch.rowCount, start + size)), table: table)
    }
  }
}
