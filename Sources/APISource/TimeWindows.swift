internal import Base
internal import Connector

/// Cuts the time between the bookmark and the ceiling into windows, each read and committed by
/// itself.
struct TimeWindows {
  private let time: TimeProgress

  /// Whether there is more than one window.
  private let isCut: Bool

  init(_ time: TimeProgress, isCut: Bool = true) {
    self.time = time
    self.isCut = isCut
  }

  /// - Parameters:
  ///   - from: nil: everything before `to` is one window.
  ///   - recentFrom: late records are known from here on, as the ledger knows the others.
  func windows(from: Instant?, to: Instant, recentFrom: Instant?) throws(ConnectorError)
    -> [TimeWindow]
  {
    guard let from else { return [TimeWindow(from: nil, to: to, lateFrom: nil, isWhole: false)] }
    guard from < to else { return [] }
    guard isCut, let length = time.windowSeconds else {
      return [window(from, to, recentFrom, isWhole: false)]
    }
    guard to.seconds(since: from) / length <= Double(TimeProgress.windowsMax) else {
      throw ConnectorError(
        .misconfigured,
        "from \(from) to \(to) there are more than \(TimeProgress.windowsMax) windows of "
          + Units.describe(seconds: length),
        remedy: "Choose a longer bookmark.window, or a later start.")
    }
    var windows: [TimeWindow] = []
    var start = from
    while start < to {
      let end = start.advanced(seconds: length)
      windows.append(
        window(
          start, min(end, to), windows.isEmpty ? recentFrom : from.earlier(than: recentFrom),
          isWhole: end <= to))
      start = end
    }
    return windows
  }

  private func window(_ from: Instant, _ to: Instant, _ recentFrom: Instant?, isWhole: Bool)
    -> TimeWindow
  {
    var late: Instant?
    if time.lookbackSeconds > 0, let recentFrom {
      late = min(from, max(from.advanced(seconds: -time.lookbackSeconds), recentFrom))
    }
    return TimeWindow(from: from, to: to, lateFrom: late, isWhole: isWhole)
  }
}

extension Instant {
  /// The earlier of the two.
  fileprivate func earlier(than other: Instant?) -> Instant { other.map { min(self, $0) } ?? self }
}
