internal import Base
internal import Connector
internal import HTTPClient

/// What time it is at the server: windows end by its clock, which stamps the records, and not by
/// this machine's.
struct ServerClock: Sendable {
  var now: Instant
  /// Whether it is the server's own; where that does not say, this machine's stands in.
  var isServers: Bool
  /// Seconds by which the server is ahead of this machine.
  var skewSeconds: Double

  /// Asks for the head of a page; where that brings no date, for the page.
  /// - Parameter texts: what to ask for, as if this machine's clock were right.
  static func ask(
    _ fetcher: PageFetcher, _ texts: WindowTexts, _ place: PagePlace, clock: WallClock,
    responseBytesMax: Int
  ) throws(ConnectorError) -> ServerClock {
    var request = try fetcher.builder.request(texts, place)
    request.method = .head
    request.body = nil
    request.retry = .never
    // Nor is it worth waiting for where a server does not answer it.
    request.timeouts.totalSeconds = min(10, request.timeouts.totalSeconds ?? 10)
    // What status it is does not matter: servers that know no HEAD have a clock too.
    if let response = try? fetcher.http.send(request), let date = response.head.date {
      return ServerClock(date, clock: clock)
    }
    request = try fetcher.builder.request(texts, place)
    request.responseBytesMax = responseBytesMax
    let response = try fetcher.send(request, nil)
    do throws(HTTPError) {
      try response.requireSuccess(of: request)
    } catch {
      throw ConnectorError(error)
    }
    if let date = response.head.date { return ServerClock(date, clock: clock) }
    return ServerClock(now: clock.now, isServers: false, skewSeconds: 0)
  }

  private init(_ date: Instant, clock: WallClock) {
    self.init(now: date, isServers: true, skewSeconds: date.seconds(since: clock.now))
  }

  private init(now: Instant, isServers: Bool, skewSeconds: Double) {
    self.now = now
    self.isServers = isServers
    self.skewSeconds = skewSeconds
  }

  /// How far windows stay behind where the server has no clock, at least: this machine's may be
  /// ahead of it.
  static let unknownSettleSeconds = 300.0

  /// Where the window ends.
  func ceiling(_ time: TimeProgress) -> Instant {
    let settle = isServers ? time.settleSeconds : max(time.settleSeconds, Self.unknownSettleSeconds)
    return time.ceiling(now.advanced(seconds: -settle))
  }

  func reason(_ time: TimeProgress) -> String {
    guard isServers else {
      let settle = max(time.settleSeconds, Self.unknownSettleSeconds)
      return "the server sends no date; this machine's clock, \(now), less "
        + Units.describe(seconds: settle)
    }
    var text = "the server's clock, \(now)"
    if abs(skewSeconds) >= 60 {
      text +=
        ", \(Units.describe(seconds: abs(skewSeconds)))"
        + " \(skewSeconds > 0 ? "ahead of" : "behind") this machine's"
    }
    return text + ", less \(Units.describe(seconds: time.settleSeconds)) to settle"
  }
}
