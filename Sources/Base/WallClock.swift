internal import Foundation
internal import Synchronization

/// The clock and the dice of the program, injected so that tests own time and chance.
public struct WallClock: Sendable {
  private let readNow: @Sendable () -> Instant
  private let pause: @Sendable (Double) -> Void

  public init(now: @escaping @Sendable () -> Instant, sleep: @escaping @Sendable (Double) -> Void) {
    readNow = now
    pause = sleep
  }

  public var now: Instant { readNow() }

  public func sleep(seconds: Double) {
    if seconds > 0 { pause(seconds) }
  }

  public static let system = WallClock(
    now: { Instant(seconds: Date().timeIntervalSince1970) },
    sleep: { Thread.sleep(forTimeInterval: $0) })

  /// Stands still at `start`; sleeping moves it.
  public static func manual(start: Instant) -> WallClock {
    let current = SharedInstant(start)
    return WallClock(now: { current.value.withLock { $0 } }) { seconds in
      current.value.withLock { $0 = $0.advanced(seconds: seconds) }
    }
  }
}

private final class SharedInstant: Sendable {
  let value: Mutex<Instant>
  init(_ instant: Instant) { value = Mutex(instant) }
}

/// Random bits, injected: `system` for the program, `seeded` for tests that must repeat.
public struct Randomness: Sendable {
  private let draw: @Sendable () -> UInt64

  public init(next: @escaping @Sendable () -> UInt64) { draw = next }

  public func next() -> UInt64 { draw() }

  /// Uniform in [0, 1).
  public func unit() -> Double { Double(draw() >> 11) / 9_007_199_254_740_992 }

  public static let system = Randomness {
    var generator = SystemRandomNumberGenerator()
    return generator.next()
  }

  /// SplitMix64 (Steele, Lea, Flood 2014).
  public static func seeded(_ seed: UInt64) -> Randomness {
    let state = SharedSeed(seed)
    return Randomness {
      state.value.withLock { value in
        value &+= 0x9E37_79B9_7F4A_7C15
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
      }
    }
  }
}

private final class SharedSeed: Sendable {
  let value: Mutex<UInt64>
  init(_ seed: UInt64) { value = Mutex(seed) }
}

/// A request to stop, seen by everything that works on behalf of its holder.
public final class Cancellation: Sendable {
  private let state = Mutex(State())

  private struct State {
    var reason: String?
    var handlers: [Int: @Sendable () -> Void] = [:]
    var nextHandler = 0
  }

  public init() {}

  public var isCancelled: Bool { state.withLock { $0.reason != nil } }

  /// Why, in words for a person; nil while nobody asked.
  public var reason: String? { state.withLock { $0.reason } }

  /// Asks to stop. The first reason stays.
  public func cancel(_ reason: String) {
    let handlers = state.withLock { state -> [@Sendable () -> Void] in
      guard state.reason == nil else { return [] }
      state.reason = reason
      return Array(state.handlers.values)
    }
    for handler in handlers { handler() }
  }

  /// Runs `handler` once on cancellation, at once if that has happened already.
  /// - Returns: a ticket for `forget`.
  public func onCancel(_ handler: @escaping @Sendable () -> Void) -> Int {
    let (ticket, runNow) = state.withLock { state -> (Int, Bool) in
      state.nextHandler += 1
      if state.reason != nil { return (state.nextHandler, true) }
      state.handlers[state.nextHandler] = handler
      return (state.nextHandler, false)
    }
    if runNow { handler() }
    return ticket
  }

  public func forget(_ ticket: Int) {
    _ = state.withLock { $0.handlers.removeValue(forKey: ticket) }
  }
}
