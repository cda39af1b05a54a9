internal import Connector
internal import Formats
internal import Records

/// Parses units. One thread uses it.
final class UnitParser {
  private let session: LogSession
  private let parser: any LineParser
  private var assembly: RowAssembly
  /// The text whose lines were parsed last.
  private var current: (key: String, path: String)?

  /// What became of a unit's lines.
  struct Parsed: Sendable {
    var batches: [SourceBatch] = []
    var lineCount = 0
    var rejectedCount = 0
    var repairedCount = 0
    /// Lines that go on a record.
    var continuedCount = 0
    /// Files that ended, and what is known of them now; nil where nothing was read of one.
    var ended: [(task: FileTask, generation: Generation?)] = []
  }

  /// - Parameter schema: the columns so far.
  init(_ session: LogSession, _ schema: Schema?, _ options: LineOptions, _ reading: ReadOptions)
    throws(ConnectorError)
  {
    self.session = session
    do {
      parser = try session.settings.format.recordParser(options, knownSchema: schema)
    } catch {
      throw ConnectorError(error, place: session.settings.streamName)
    }
    assembly = RowAssembly(parser, reading)
  }

  /// The columns as of the last batch.
  var schema: Schema { assembly.schema }

  /// Parses the lines of a unit; rows that do not fill a batch are kept for the next ones.
  func parse(_ unit: LogUnit) throws(ConnectorError) -> Parsed {
    var parsed = Parsed()
    for part in unit.parts {
      if current?.key != part.task.key || current?.path != part.textPath {
        try formatting(part) { () throws(FormatError) in try parser.begin(part.text) }
        assembly.begin(file: part.textPath)
        current = (part.task.key, part.textPath)
      }
      for piece in part.pieces { try parse(piece, part, &parsed) }
      switch part.end {
      case .known(let generation): parsed.ended.append((part.task, generation))
      case .unfinished(let file):
        if part.pieces.isEmpty {
          // Another parser had the lines before: this one is told that there were some.
          let none = LineBlock([], firstLine: file.nextLine)
          try formatting(part) { () throws(FormatError) in try parser.begin(none) }
        }
        parsed.ended.append((part.task, try file.finish(parser.fileState)))
      case nil: break
      }
    }
    return parsed
  }

  /// The rows that are left.
  func rest() -> [SourceBatch] { assembly.takeRest() }

  private func parse(
    _ piece: LineSplitter<ConnectorError>.Piece, _ part: LogUnit.Part, _ parsed: inout Parsed
  ) throws(ConnectorError) {
    switch piece {
    case .reject(let reject):
      assembly.add(reject)
      parsed.lineCount += 1
      parsed.rejectedCount += 1
      parsed.batches += assembly.takeFull()
    case .block(let block):
      try formatting(part) { () throws(FormatError) in try parser.begin(block) }
      var hasMore = true
      while hasMore {
        var outcome = LineOutcome()
        hasMore = try formatting(part) { () throws(FormatError) in try parser.step(&outcome) }
        assembly.add(outcome)
        parsed.lineCount += outcome.rowLines.count + outcome.rejects.count
        parsed.rejectedCount += outcome.rejects.count
        parsed.repairedCount += outcome.repairedCount
        parsed.continuedCount += outcome.continuedCount
        parsed.batches += assembly.takeFull()
      }
    }
  }

  private func formatting<Result>(_ part: LogUnit.Part, _ body: () throws(FormatError) -> Result)
    throws(ConnectorError) -> Result
  {
    do {
      return try body()
    } catch {
      throw ConnectorError(error, place: part.path)
    }
  }
}
