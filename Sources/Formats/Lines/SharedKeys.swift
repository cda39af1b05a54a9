internal import Synchronization

/// The keys that several parsers of one reading have met, each in its own part of the lines: what
/// one parser would have refused, had it read them all, is refused by whichever meets it.
public final class SharedKeys: Sendable {
  /// The key that fills each place of the table.
  private let keys = Mutex<[String: String]>([:])

  public init() {}

  /// Notes that a key fills a place.
  /// - Returns: another key that fills it already; nil where there is none.
  func claim(_ place: String, for key: String) -> String? {
    keys.withLock { keys in
      if let other = keys[place] { return other == key ? nil : other }
      keys[place] = key
      return nil
    }
  }

  var count: Int { keys.withLock { $0.count } }
}
