internal import Base
internal import Connector
internal import Synchronization

/// The last look for writers, shared by the streams of a run.
///
/// The server gives its list of transactions afresh only when nobody has asked for 100 ms. A look
/// that is a moment old is as good as a new one for a stream that has not opened its snapshot:
/// its ceiling is merely a moment lower. No stream gets the same look twice.
final class WriterBoard: Sendable {
  private struct Entry {
    var writers: Writers
    var at: ContinuousClock.Instant
    var users: Set<String>
    /// The next AUTO_INCREMENT numbers before the look, by table; nil where nobody asked.
    var numbers: [String: Int128]?
  }

  private struct State {
    var last: Entry?
    /// Streams of numbers that a look was made for.
    var numbered: Set<String> = []
  }

  private static let ageMax = Duration.seconds(1)

  private let context: SourceContext
  private let state = Mutex(State())

  init(_ context: SourceContext) { self.context = context }

  /// The writers as of some moment of the last second, for one stream.
  func writers(for stream: String, _ connection: Connection) throws(ServerError) -> Writers {
    try state.withLock { state throws(ServerError) in
      if let found = Self.shared(&state, stream) { return found.writers }
      let writers = try lookup(connection)
      state.last = Entry(writers: writers, at: .now, users: [stream])
      return writers
    }
  }

  /// The writers as of some moment of the last second, and the highest number of the table that
  /// had been given out before it; for one stream.
  ///
  /// A look is shared only with the numbers from before it. They are asked for all tables of the
  /// schema at once, and that only when a second stream needs them.
  /// - Parameters:
  ///   - mark: up to where the stream was read. Another process may have moved it since the look:
  ///     numbers up to it must have been given out before.
  ///   - highest: looks up the highest number of the stream's own table.
  func writers(
    for stream: String, numbersOf table: TableDescription, mark: Int128?,
    _ connection: Connection, highest: () throws(ServerError) -> Int128?
  ) throws(ServerError) -> (highest: Int128?, writers: Writers) {
    try state.withLock { state throws(ServerError) in
      if let next = state.last?.numbers?[table.sqlName], next > mark ?? 0,
        let found = Self.shared(&state, stream)
      {
        return (next - 1, found.writers)
      }
      // Numbers up to its next mark may be given out after older looks: they serve it no more.
      state.last?.users.insert(stream)
      state.numbered.insert(stream)
      let numbers = state.numbered.count > 1 ? try nextNumbers(table.schema, connection) : [:]
      if let next = numbers[table.sqlName] {
        let writers = try lookup(connection)
        state.last = Entry(writers: writers, at: .now, users: [stream], numbers: numbers)
        return (next - 1, writers)
      }
      let highest = try highest()
      return (highest, try lookup(connection))
    }
  }

  private static func shared(_ state: inout State, _ stream: String) -> Entry? {
    guard let found = state.last, !found.users.contains(stream),
      found.at.duration(to: .now) < ageMax
    else { return nil }
    state.last?.users.insert(stream)
    return found
  }

  /// By the tables' names as they stand in statements.
  private func nextNumbers(
    _ schema: String, _ connection: Connection
  ) throws(ServerError) -> [String: Int128] {
    let rows = try connection.rows(
      "SELECT TABLE_NAME, AUTO_INCREMENT FROM information_schema.TABLES "
        + "WHERE TABLE_SCHEMA = \(SQLText.literal(schema)) AND AUTO_INCREMENT IS NOT NULL")
    var numbers: [String: Int128] = [:]
    for row in rows {
      if let name = row[0], let next = row[1].flatMap({ Int128($0) }), next > 0 {
        numbers["\(SQLText.name(schema)).\(SQLText.name(name))"] = next
      }
    }
    return numbers
  }

  /// The writers as of now.
  func look(_ connection: Connection) throws(ServerError) -> Writers {
    try state.withLock { _ throws(ServerError) in try lookup(connection) }
  }

  private func lookup(_ connection: Connection) throws(ServerError) -> Writers {
    let clock = context.clock
    let nonce = String(context.randomness.next(), radix: 36)
    return try WriterLookup(connection: connection, nonce: nonce) { clock.sleep(seconds: $0) }
      .look()
  }
}
