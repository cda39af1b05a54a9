public import Base

/// One invocation over some streams.
public struct RunRecord: Hashable, Sendable {
  /// Its start and a few random digits: `20261121-073400-3f2a`; sorts by time.
  public var id: String
  public var startedAt: Instant
  /// nil while it goes on, or where it was killed.
  public var endedAt: Instant?
  /// The command as typed.
  public var command: String
  public var host: String

  public init(
    id: String, startedAt: Instant, endedAt: Instant? = nil, command: String, host: String
  ) {
    self.id = id
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.command = command
    self.host = host
  }

  public static func makeID(at now: Instant, _ randomness: Randomness) -> String {
    let time = CivilTime(microseconds: now.microseconds)
    let clock = "\(padded(time.hour, 2))\(padded(time.minute, 2))\(padded(time.second, 2))"
    let suffix = String(randomness.next() & 0xFFFF | 0x10000, radix: 16).dropFirst()
    return time.dateText.filter { $0 != "-" } + "-\(clock)-\(suffix)"
  }
}

/// What a run did to one stream.
public struct StreamOutcome: Hashable, Sendable {
  public enum Status: String, Hashable, Sendable, CaseIterable {
    case committed, unchanged, failed, held
  }

  public var stream: String
  public var status: Status
  /// Rows written to the stream's table.
  public var rows = 0
  public var bytes = 0
  public var files = 0
  public var commits = 0
  public var seconds = 0.0
  /// The mark before and after.
  public var from: String?
  public var to: String?
  public var counts: [String: Int] = [:]
  public var error: String?
  public var remedy: String?

  public init(stream: String, status: Status) {
    self.stream = stream
    self.status = status
  }
}
