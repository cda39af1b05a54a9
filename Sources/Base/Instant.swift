/// A point in time: whole microseconds since 1970-01-01T00:00:00Z.
public struct Instant: Hashable, Comparable, Sendable, Codable {
  public var microseconds: Int64

  @inlinable
  public init(microseconds: Int64) { self.microseconds = microseconds }

  /// - Parameter seconds: since the epoch; clamped to what 64 bits of microseconds hold.
  public init(seconds: Double) {
    let scaled = (seconds * 1_000_000).rounded()
    microseconds = scaled.isNaN ? 0 : Int64(max(-9.2e18, min(9.2e18, scaled)))
  }

  public var seconds: Double { Double(microseconds) / 1_000_000 }

  public init(from decoder: any Decoder) throws {
    microseconds = try decoder.singleValueContainer().decode(Int64.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(microseconds)
  }

  public static func < (a: Instant, b: Instant) -> Bool { a.microseconds < b.microseconds }

  public func advanced(seconds: Double) -> Instant {
    let step = Instant(seconds: seconds).microseconds
    let (sum, overflow) = microseconds.addingReportingOverflow(step)
    return Instant(microseconds: overflow ? (step < 0 ? .min : .max) : sum)
  }

  /// Seconds from `other` to this instant.
  public func seconds(since other: Instant) -> Double { seconds - other.seconds }
}

extension Instant: CustomStringConvertible {
  /// ISO 8601 in UTC, with as many fraction digits as it needs: `2026-11-21T07:34:00Z`.
  public var description: String { CivilTime(microseconds: microseconds).text + "Z" }

  /// Parses `2026-11-21`, `2026-11-21T07:34:00Z`, `2026-11-21 07:34:00.5+01:00`; no zone means UTC.
  public init?(_ text: some StringProtocol) {
    guard let micros = CivilTime.parse(text) else { return nil }
    microseconds = micros
  }
}
