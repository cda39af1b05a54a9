internal import Base
internal import Connector
internal import Foundation
internal import Records

/// Parses the units of a feed on several threads and gives what became of them in their order.
///
/// Who has nothing to do cuts the next unit from the feed, one thread at a time: reading and
/// decompressing go on while others parse. What was cut and not yet taken is bounded in bytes.
///
/// Inference stays as if one parser had read everything: each thread goes on from the columns
/// taken so far, and a unit whose columns came out as others all the same (narrower, or in another
/// order, because its lines were parsed before those ahead of them were known) is parsed again
/// when its turn comes.
final class ParserThreads: @unchecked Sendable {
  typealias Outcome = Result<UnitParser.Parsed, ConnectorError>

  private let feed: LogFeed
  private let makeParser: (Schema?) throws(ConnectorError) -> UnitParser
  private let cancellation: Cancellation
  private let streamName: String
  private let bytesMax: Int
  /// Held by the thread that uses the feed.
  private let feeding = NSLock()

  /// Guards what follows.
  private let condition = NSCondition()
  private var outcomes: [Int: (unit: LogUnit, outcome: Outcome)] = [:]
  /// Units cut from the feed, and units taken.
  private var cutCount = 0
  private var takenCount = 0
  /// Of text, cut and not taken.
  private var bytesUnderWay = 0
  private var hasEnded = false
  private var isStopped = false
  private var threadCount: Int
  /// The columns of the table before anything was read.
  private let knownSchema: Schema?
  /// The columns as of the last unit taken.
  private var schema: Schema?

  /// - Parameters:
  ///   - bytesMax: of text that may be under way. One unit may be, whatever its size.
  ///   - makeParser: of the columns so far; called on several threads.
  init(
    _ feed: LogFeed, threads: Int, bytesMax: Int, knownSchema: Schema?, cancellation: Cancellation,
    streamName: String,
    makeParser: @escaping (Schema?) throws(ConnectorError) -> UnitParser
  ) {
    self.feed = feed
    self.bytesMax = bytesMax
    self.knownSchema = knownSchema
    self.cancellation = cancellation
    self.streamName = streamName
    self.makeParser = makeParser
    threadCount = threads
    for number in 1...threads {
      // Deeply nested documents recurse.
      WorkerThread("tidemark-log-\(number)", stackBytes: 4 << 20) { [self] in work() }
    }
  }

  /// What became of the next unit; waits for it. nil at the end.
  func take() throws(ConnectorError) -> UnitParser.Parsed? {
    guard let (unit, outcome) = awaitNext() else { return nil }
    var parsed: UnitParser.Parsed
    switch outcome {
    case .success(let found): parsed = found
    case .failure(let error):
      stop()
      throw error
    }
    if let known = schema, !parsed.goesOn(from: known) {
      let parser = try makeParser(known)
      parsed = try parser.parse(unit)
      parsed.batches += parser.rest()
    }
    condition.lock()
    schema = parsed.schema ?? schema
    bytesUnderWay -= unit.byteCount
    takenCount += 1
    condition.broadcast()
    condition.unlock()
    return parsed
  }

  /// Stops and waits until all threads have let go.
  func stop() {
    condition.lock()
    hasEnded = true
    isStopped = true
    outcomes = [:]
    condition.broadcast()
    while threadCount > 0 { condition.wait() }
    condition.unlock()
  }

  private func awaitNext() -> (unit: LogUnit, outcome: Outcome)? {
    condition.lock()
    defer { condition.unlock() }
    while outcomes[takenCount] == nil && !isStopped && !(hasEnded && takenCount >= cutCount) {
      condition.wait()
    }
    return outcomes.removeValue(forKey: takenCount)
  }

  // MARK: Threads

  private func work() {
    var parser: UnitParser?
    while let (number, unit, known) = cut() {
      post(number, unit, Outcome { () throws(ConnectorError) in try parse(unit, known, &parser) })
    }
    condition.lock()
    threadCount -= 1
    condition.broadcast()
    condition.unlock()
  }

  private func parse(_ unit: LogUnit, _ known: Schema?, _ parser: inout UnitParser?)
    throws(ConnectorError) -> UnitParser.Parsed
  {
    let current: UnitParser
    if let parser, known.map({ parser.schema.goesOn(from: $0) }) ?? true {
      current = parser
    } else {
      current = try makeParser(known ?? knownSchema)
      parser = current
    }
    var parsed = try current.parse(unit)
    parsed.batches += current.rest()
    return parsed
  }

  /// The next unit, as soon as there is room for it; nil where there is none, or none is wanted.
  private func cut() -> (number: Int, unit: LogUnit, schema: Schema?)? {
    feeding.lock()
    defer { feeding.unlock() }
    guard let number = awaitRoom() else { return nil }
    do throws(ConnectorError) {
      if let reason = cancellation.reason { throw .cancelled(reason, place: streamName) }
      let unit = try feed.next()
      condition.lock()
      defer { condition.unlock() }
      guard let unit, !hasEnded else {
        hasEnded = true
        condition.broadcast()
        return nil
      }
      cutCount += 1
      bytesUnderWay += unit.byteCount
      return (number, unit, schema)
    } catch {
      condition.lock()
      cutCount += 1
      condition.unlock()
      post(number, LogUnit(), .failure(error))
      return nil
    }
  }

  /// The number of the next unit; nil where no more are wanted.
  private func awaitRoom() -> Int? {
    condition.lock()
    defer { condition.unlock() }
    while !hasEnded && bytesUnderWay > 0 && bytesUnderWay + feed.unitBytes > bytesMax {
      condition.wait()
    }
    return hasEnded ? nil : cutCount
  }

  private func post(_ number: Int, _ unit: LogUnit, _ outcome: Outcome) {
    condition.lock()
    if !isStopped { outcomes[number] = (unit, outcome) }
    // What comes behind a failure is not wanted.
    if case .failure = outcome { hasEnded = true }
    condition.broadcast()
    condition.unlock()
  }
}

extension UnitParser.Parsed {
  /// The columns of the last rows; nil where there are none.
  fileprivate var schema: Schema? { batches.last { $0.table == .main }?.batch.schema }

  /// Whether the rows have at least these columns.
  fileprivate func goesOn(from known: Schema) -> Bool {
    batches.allSatisfy { $0.table != .main || $0.batch.schema.goesOn(from: known) }
  }
}

extension Schema {
  /// Whether it begins with all columns of another, in the same types. Those that a reader adds
  /// stand behind the parser's.
  fileprivate func goesOn(from known: Schema) -> Bool {
    let own = LogSettings.withoutPlace(fields)
    let others = LogSettings.withoutPlace(known.fields)
    return own.count >= others.count && zip(own, others).allSatisfy(==)
  }
}
