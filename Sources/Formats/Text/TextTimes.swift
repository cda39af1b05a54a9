internal import Base

/// Which texts are dates and times of themselves: those that `ISOTime` reads.
struct TextTimes {
  /// Of times that name no zone.
  private let zone: TimeZoneRules

  init(_ zone: TimeZoneRules = .utc) { self.zone = zone }

  /// Days since 1970-01-01 of `2026-11-21`.
  func date(_ text: UnsafeBufferPointer<UInt8>) -> Int32? {
    guard text.count == 10, let time = ISOTime(text, text.indices), time.kind == .date else {
      return nil
    }
    return Int32(clamping: time.microseconds.floorDivided(by: CivilTime.microsecondsPerDay))
  }

  /// Microseconds since 1970-01-01T00:00:00Z of a date and time. A date alone is its midnight in
  /// UTC, as it is where a column of dates becomes one of timestamps.
  func timestamp(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
    guard let time = ISOTime(text, text.indices) else { return nil }
    return time.kind == .date ? time.microseconds : time.utcMicroseconds(in: zone)
  }
}
