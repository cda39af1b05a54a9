public import Base

/// What a server says of the budget of calls that it grants: the `RateLimit` and `RateLimit-Policy`
/// fields of the IETF drafts, and the `X-RateLimit-…` ones from before. Of several budgets the
/// tightest.
public struct RateLimit: Hashable, Sendable {
  /// Calls left.
  public var remaining: Int?
  /// Calls that the whole budget has.
  public var limit: Int?
  /// When there are new ones: seconds from now, or since the epoch where the number is that large.
  public var reset: Double?

  /// nil where the headers say nothing of what is left.
  public init?(_ headers: [HTTPHeader]) {
    let policies = Self.policies(headers.all("ratelimit-policy"))
    var budgets = headers.all("ratelimit").flatMap { Self.budgets($0, policies) }
    for prefix in ["ratelimit-", "x-ratelimit-", "x-rate-limit-"] {
      var budget = RateLimit()
      budget.remaining = headers.first(prefix + "remaining").flatMap(Self.count)
      budget.limit = headers.first(prefix + "limit").flatMap(Self.count)
      budget.reset = headers.first(prefix + "reset").flatMap(Self.moment)
      if budget.remaining != nil || budget.reset != nil { budgets.append(budget) }
    }
    guard let tightest = budgets.min(by: Self.isTighter) else { return nil }
    self = tightest
  }

  private init() {}

  private static func isTighter(_ a: RateLimit, than b: RateLimit) -> Bool {
    let (left, other) = (a.remaining ?? .max, b.remaining ?? .max)
    return left == other ? a.reset ?? 0 > b.reset ?? 0 : left < other
  }

  // MARK: Parsing

  /// `limit=100, remaining=0, reset=5` is one budget, `"burst";r=0;t=5, "day";r=9;t=99` are two.
  private static func budgets(_ value: String, _ policies: [String: RateLimit]) -> [RateLimit] {
    var budgets: [RateLimit] = []
    var plain = RateLimit()
    for item in value.split(separator: ",").prefix(16) {
      let parts = item.split(separator: ";").map(\.trimmingSpaces)
      guard let first = parts.first else { continue }
      if first.contains("=") {
        for part in parts { plain.read(part) }
        continue
      }
      let policy = policies[first]
      var budget = RateLimit()
      for part in parts.dropFirst() { budget.read(part) }
      // The window of the policy bounds when there are new calls.
      budget.reset = budget.reset ?? policy?.reset
      budget.limit = budget.limit ?? policy?.limit
      if budget.remaining != nil || budget.reset != nil { budgets.append(budget) }
    }
    if plain.remaining != nil || plain.reset != nil { budgets.append(plain) }
    return budgets
  }

  private mutating func read(_ parameter: String) {
    let parts = parameter.split(separator: "=", maxSplits: 1).map(\.trimmingSpaces)
    guard parts.count == 2 else { return }
    switch parts[0].lowercased() {
    case "r", "remaining": remaining = Self.count(parts[1])
    case "t", "reset": reset = Self.moment(parts[1])
    case "q", "limit": limit = Self.count(parts[1])
    default: break
    }
  }

  /// `"burst";q=100;w=60`: by their names, the window as the reset.
  private static func policies(_ values: [String]) -> [String: RateLimit] {
    var policies: [String: RateLimit] = [:]
    for item in values.flatMap({ $0.split(separator: ",") }).prefix(16) {
      let parts = item.split(separator: ";").map(\.trimmingSpaces)
      guard let name = parts.first else { continue }
      var policy = RateLimit()
      for part in parts.dropFirst() {
        policy.read(part)
        if part.hasPrefix("w=") { policy.reset = moment(String(part.dropFirst(2))) }
      }
      policies[name] = policy
    }
    return policies
  }

  private static func count(_ text: String) -> Int? {
    // `100, 100;w=60`: the first number counts.
    let number = text.prefix { $0 != "," && $0 != ";" }
    guard let value = Double(number.trimmingSpaces), let count = Int(exactly: value.rounded()),
      count >= 0
    else { return nil }
    return count
  }

  /// A number, or a date as seconds since the epoch.
  private static func moment(_ text: String) -> Double? {
    let text = text.trimmingSpaces
    guard let number = Double(text) else {
      return (HTTPDate.parse(text) ?? Instant(text)).map(\.seconds).flatMap { $0 >= 1e9 ? $0 : nil }
    }
    return number.isFinite && number >= 0 ? number : nil
  }

  // MARK: What follows

  /// Seconds until there are new calls; nil where the server does not say.
  public func secondsToReset(now: Instant) -> Double? {
    guard let reset else { return nil }
    switch reset {
    case 1e12...: return max(0, reset / 1000 - now.seconds)
    case 1e9...: return max(0, reset - now.seconds)
    default: return reset
    }
  }

  /// Whether so little is left that what is left should be spread out: a tenth of the budget, or
  /// fewer than ten calls where its size is not known.
  var isNearlySpent: Bool {
    guard let remaining else { return false }
    return limit.map { remaining <= $0 / 10 } ?? (remaining < 10)
  }
}
