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
    /// When it began.
    var at: ContinuousClock.Instant
    var endedAt = ContinuousClock.now
    var users: Set<String>
  }

  private static let ageMax = Duration.seconds(1)
  /// How long nobody may have asked for a list to be fresh, and a little more.
  private static let quietSeconds = 0.105

  private let context: SourceContext
  private let last = Mutex<Entry?>(nil)

  init(_ context: SourceContext) { self.context = context }

  /// The writers as of some moment of the last second, for one stream.
  func writers(for stream: String, _ connection: Connection) throws(ServerError) -> Writers {
    try last.withLock { entry throws(ServerError) in
      if let found = entry, !found.users.contains(stream), found.at.duration(to: .now) < Self.ageMax
      {
        entry?.users.insert(stream)
        return found.writers
      }
      let start = ContinuousClock.now
      let writers = try lookup(connection)
      entry = Entry(writers: writers, at: start, users: [stream])
      return writers
    }
  }

  /// The writers as of now: of a look that began after this was called. Streams that wait for
  /// their turn meanwhile share the next one.
  func look(_ connection: Connection) throws(ServerError) -> Writers {
    let asked = ContinuousClock.now
    return try last.withLock { entry throws(ServerError) in
      if let found = entry {
        if found.at >= asked { return found.writers }
        // Rather wait before the look than in it: who asks meanwhile shares it.
        let age = found.endedAt.duration(to: .now) / .seconds(1)
        context.clock.sleep(seconds: Self.quietSeconds - age)
      }
      let start = ContinuousClock.now
      let writers = try lookup(connection)
      entry = Entry(writers: writers, at: start, users: [])
      return writers
    }
  }

  private func lookup(_ connection: Connection) throws(ServerError) -> Writers {
    let clock = context.clock
    let nonce = String(context.randomness.next(), radix: 36)
    return try WriterLookup(connection: connection, nonce: nonce) { clock.sleep(seconds: $0) }
      .look()
  }
}
