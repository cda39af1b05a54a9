internal import Base
internal import Connector
internal import Records

/// The rows of a window, as batches.
final class TableReader: BatchReader {
  private let relation: Relation
  private let settings: StreamSettings
  private let connection: Connection
  private let progress: any WindowProgress
  private let options: ReadOptions
  /// Whether the connection is nobody else's, and ends with the reader.
  private let ownsConnection: Bool
  /// Marks the statement in the server's process list.
  private let tag: String
  private let statement: Statement
  private let stream: RowStream
  private var decoder: BlockDecoder
  private var cancelTicket: Int?
  /// The last rows that were handed out.
  private var last: Batch?
  private var hasEnded = false
  private var isClosed = false
  /// Whether the connection was given up with rows still to come.
  private(set) var hasBrokenOff = false

  init(
    relation: Relation, settings: StreamSettings, statement text: String, connection: Connection,
    ownsConnection: Bool = false, tag: String, progress: any WindowProgress, pace: ReadPace,
    options: ReadOptions
  ) throws(ConnectorError) {
    self.relation = relation
    self.settings = settings
    self.connection = connection
    self.ownsConnection = ownsConnection
    self.progress = progress
    self.options = options
    self.tag = tag
    do throws(ServerError) {
      statement = try Statement(connection, "/* \(tag) */ \(text)")
    } catch {
      throw error.connectorError(place: settings.name)
    }
    try Self.check(statement, against: relation, settings)
    guard relation.fits(statement.columns, zeroDates: settings.zeroDates) else {
      throw ConnectorError(
        .refused, "the types of the table's columns have changed since the stream was opened",
        remedy: "Run again: the columns are looked up anew.", place: settings.name,
        isRetryable: true)
    }
    decoder = BlockDecoder(
      plans: relation.plans, zeroDates: settings.zeroDates, place: settings.name)
    stream = RowStream(
      statement, Self.limits(relation, pace, options),
      queueBytes: min(8 << 20, max(1 << 20, options.memoryBytes / 4)), pace)
    cancelTicket = options.cancellation.onCancel { [connection] in connection.interrupt() }
  }

  /// - Throws: `.refused` where a query's rows would come in another form than was looked up: its
  ///   columns may be made of the window's bounds.
  private static func check(
    _ statement: Statement, against relation: Relation, _ settings: StreamSettings
  ) throws(ConnectorError) {
    guard relation.table == nil else { return }
    let own = relation.schema.fields.count
    let wires = statement.columns.enumerated().map { index, column in
      ColumnPlan(column, comment: nil, zeroDates: index < own ? settings.zeroDates : .null).wire
    }
    if wires == relation.plans.map(\.wire) { return }
    throw ConnectorError(
      .refused, "the query's columns have other types than when it was looked at",
      remedy: "Use {from}, {to} and {window} in conditions only, not among the columns; where"
        + " tables were just altered, run again.",
      place: settings.name, isRetryable: true)
  }

  /// One row may take two fifths of a reader's memory: with what the rows before and behind it
  /// take on their way through the writer, the run then keeps to its own.
  ///
  /// A block becomes a batch: it closes early enough that its columns stay within the bound.
  private static func limits(
    _ relation: Relation, _ pace: ReadPace, _ options: ReadOptions
  ) -> BlockReader.Limits {
    // What a row takes in columns, over what it takes on the wire: views of texts, wide numbers.
    let wireBytes = relation.plans.reduce(7) { $0 + max(1, $1.fixedWidth) }
    let columnBytes = relation.plans.reduce(0) { $0 + ($1.fixedWidth == 0 ? 13 : 8) }
    let factor = max(1, (columnBytes + wireBytes) / wireBytes)
    return BlockReader.Limits(
      blockBytes: max(16 << 10, min(512 << 10, options.batchBytes / factor)),
      rowsMax: pace.rowsAtOnceMax(max(1, options.batchRowsMax)),
      rowBytesMax: max(1 << 20, options.memoryBytes / 5 * 2))
  }

  func next() throws(ConnectorError) -> SourceBatch? {
    while !hasEnded {
      guard let block = try nextBlock() else {
        hasEnded = true
        break
      }
      if let batch = try batch(block) {
        last = batch
        return SourceBatch(batch)
      }
      if progress.isSatisfied {
        hasEnded = true
        breakOff()
        endOnServer()
      }
    }
    return nil
  }

  private func nextBlock() throws(ConnectorError) -> RowBlock? {
    if isClosed || options.cancellation.isCancelled { throw cancelled() }
    do throws(ServerError) {
      return try stream.next()
    } catch {
      breakOff()
      if options.cancellation.isCancelled {
        endOnServer()
        throw cancelled()
      }
      if error.code == 1054 || error.code == 1146 {
        throw ConnectorError(
          .refused, "the table has changed since the stream was opened: \(error.message)",
          remedy: "Run again: the columns are looked up anew.", place: settings.name,
          isRetryable: true)
      }
      var result = error.connectorError(place: settings.name)
      if let bytes = error.rowBytes, let needed = options.memoryNeeded?(bytes / 2 * 5) {
        result.remedy =
          "Give the run at least --memory \(needed / 1_000_000 + 1)MB (less where fewer streams"
          + " run at once), or leave the column out with `exclude`."
      }
      throw result
    }
  }

  private func batch(_ block: RowBlock) throws(ConnectorError) -> Batch? {
    let columns = try decoder.decode(block)
    let own = Array(columns.prefix(relation.schema.fields.count))
    let rows = Batch(schema: relation.schema, columns: own, rowCount: block.rowCount)
    let kept = try progress.keep(
      cursors: relation.cursorIndexes.map { columns[$0] }, columns: own, schema: relation.schema,
      rowCount: block.rowCount)
    guard let kept else { return rows }
    return kept.isEmpty ? nil : rows.gather(kept)
  }

  private func cancelled() -> ConnectorError {
    ConnectorError(
      .cancelled, options.cancellation.reason ?? "reading was stopped",
      remedy: "Run again: what was committed stays.", place: settings.name)
  }

  func finish() throws(ConnectorError) -> Advance {
    var advance = try progress.finish()
    if let history = last.flatMap({ TableHistory(relation, last: $0) }) {
      advance.bookmark = history.added(to: advance.bookmark)
    }
    last = nil
    if decoder.zeroDateCount > 0 { advance.counts["zero_dates"] = decoder.zeroDateCount }
    if decoder.brokenTextCount > 0 { advance.counts["invalid_utf8"] = decoder.brokenTextCount }
    close()
    return advance
  }

  private func breakOff() {
    hasBrokenOff = true
    stream.join(breakingOff: true)
    connection.close()
  }

  func close() {
    if isClosed { return }
    isClosed = true
    if let cancelTicket { options.cancellation.forget(cancelTicket) }
    defer { if ownsConnection { connection.close() } }
    if hasBrokenOff {
      statement.close()
    } else if hasEnded {
      stream.join(breakingOff: false)
      if ownsConnection { return statement.close() }
      // The snapshot keeps the server from cleaning up behind it.
      do throws(ServerError) {
        try connection.run(["COMMIT"])
      } catch {
        hasBrokenOff = true
      }
    } else {
      breakOff()
      endOnServer()
      statement.close()
    }
  }

  /// Ends the statement on the server, which would else look for rows until it has one to send.
  /// A courtesy: where it fails, the statement ends later.
  private func endOnServer() {
    var endpoint = connection.endpoint
    endpoint.connectTimeoutSeconds = min(2, endpoint.connectTimeoutSeconds)
    guard let killer = try? Connection(endpoint) else { return }
    defer { killer.close() }
    let find =
      "SELECT ID FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() "
      + "AND INFO LIKE \(SQLText.literal("/* \(tag) */%"))"
    guard let id = (try? killer.value(find)).flatMap({ Int64($0) }) else { return }
    try? killer.run(["KILL QUERY \(id)"])
  }
}
