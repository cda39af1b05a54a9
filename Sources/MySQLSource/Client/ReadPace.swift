internal import Base
internal import Connector

/// When a reader may go on: within the rates of its source and its stream, and while the server
/// is not too busy.
struct ReadPace: Sendable {
  /// Somebody may want to stop a reader that waits.
  private static let napSeconds = 0.05

  private let rates: [RowRate]
  private let load: ServerLoad?
  private let clock: WallClock
  private let cancellation: Cancellation

  init(
    rates: [RowRate], load: ServerLoad?, clock: WallClock, cancellation: Cancellation
  ) {
    self.rates = rates
    self.load = load
    self.clock = clock
    self.cancellation = cancellation
  }

  /// The most rows to read between two waits.
  func rowsAtOnceMax(_ rows: Int) -> Int { rates.reduce(rows) { min($0, $1.rowsAtOnceMax) } }

  /// Waits until the next rows may be read.
  /// - Parameters:
  ///   - rows: have just been read.
  ///   - isStopped: asked again and again; ends the wait.
  func wait(after rows: Int, unless isStopped: () -> Bool) {
    if rates.isEmpty && load == nil { return }
    let start = clock.now
    var goOn = start
    for rate in rates { goOn = max(goOn, rate.take(rows, at: start)) }
    // What is slept is summed up: the clock may be set while this waits.
    var left = goOn.seconds(since: start)
    while left > 0, !cancellation.isCancelled, !isStopped() {
      let nap = min(left, Self.napSeconds)
      clock.sleep(seconds: nap)
      left -= nap
    }
    guard let load else { return }
    var paused = 0.0
    while paused < ServerLoad.pauseSecondsMax, !cancellation.isCancelled, !isStopped(),
      load.isHigh()
    {
      clock.sleep(seconds: Self.napSeconds)
      paused += Self.napSeconds
    }
  }
}
