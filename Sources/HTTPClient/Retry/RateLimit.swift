public import Base

/// What a server says of the budget of calls that it grants: the `RateLimit` fields of the IETF
/// drafts, and the `X-RateLimit-…` ones from before.
public struct RateLimit: Hashable, Sendable {
  /// Calls left.
  public var remaining: Int?
  /// When there are new ones: seconds from now, or since the epoch where the number is that large.
  public var reset: Double?

  /// nil where the headers say nothing of limits.
  public init?(_ headers: [HTTPHeader]) {
    for value in headers.all("ratelimit") { read(value) }
    for prefix in ["ratelimit-", "x-ratelimit-", "x-rate-limit-"] {
      if let text = headers.first(prefix + "remaining") { note(remaining: text) }
      if let text = headers.first(prefix + "reset") { note(reset: text) }
    }
    if remaining == nil && reset == nil { return nil }
  }

  /// `limit=100, remaining=0, reset=5` and `"default";r=0;t=5`. Of several the tightest counts.
  private mutating func read(_ value: String) {
    for item in value.split(whereSeparator: { $0 == "," || $0 == ";" }) {
      let parts = item.split(separator: "=", maxSplits: 1).map(\.trimmingSpaces)
      guard parts.count == 2 else { continue }
      switch parts[0].lowercased() {
      case "r", "remaining": note(remaining: parts[1])
      case "t", "reset": note(reset: parts[1])
      default: break
      }
    }
  }

  private mutating func note(remaining text: String) {
    guard let number = Double(text.trimmingSpaces), let count = Int(exactly: number.rounded()),
      count >= 0
    else { return }
    remaining = min(remaining ?? .max, count)
  }

  private mutating func note(reset text: String) {
    guard let number = Double(text.trimmingSpaces), number.isFinite, number >= 0 else { return }
    reset = max(reset ?? 0, number)
  }

  /// Seconds until there are new calls; nil where the server does not say.
  public func secondsToReset(now: Instant) -> Double? {
    guard let reset else { return nil }
    switch reset {
    case 1e12...: return max(0, reset / 1000 - now.seconds)
    case 1e9...: return max(0, reset - now.seconds)
    default: return reset
    }
  }
}
