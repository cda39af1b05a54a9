import Base

/// One line on standard error that says how far work has come; nothing where no one looks.
final class ProgressLine {
  private let isLive: Bool
  private let clock = WallClock.system
  private let begun: Instant
  private var drawnAt: Instant
  private var isDrawn = false

  /// - Parameter isQuiet: draws nothing on a terminal either.
  init(isQuiet: Bool = false) {
    isLive = !isQuiet && Terminal.isTerminal(.standardError)
    begun = clock.now
    drawnAt = begun
  }

  var seconds: Double { clock.now.seconds(since: begun) }

  /// Draws at most ten times a second.
  /// - Parameter share: of the work that is done, 0…1.
  func show(_ text: @autoclosure () -> String, share: Double) {
    guard isLive else { return }
    let now = clock.now
    guard now.seconds(since: drawnAt) > 0.1 else { return }
    drawnAt = now
    var line = "\(Int(share * 100)) %  \(text())"
    let elapsed = now.seconds(since: begun)
    if share > 0.01, elapsed > 1 {
      line += "  about \(Units.describe(seconds: elapsed * (1 - share) / share)) left"
    }
    Terminal.write("\r\u{1B}[2K" + String(line.prefix(100)), to: .standardError)
    isDrawn = true
  }

  func end() {
    if isDrawn { Terminal.write("\r\u{1B}[2K", to: .standardError) }
    isDrawn = false
  }
}
