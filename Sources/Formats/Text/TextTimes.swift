internal import Kernels

/// Which texts are dates and times.
struct TextTimes {
  /// Days since 1970-01-01 of `2026-11-21`.
  func date(_ text: UnsafeBufferPointer<UInt8>) -> Int32? { scanDate(text) }

  /// Microseconds since 1970-01-01T00:00:00Z of an ISO 8601 date or date-time.
  func timestamp(_ text: UnsafeBufferPointer<UInt8>) -> Int64? { scanTimestamp(text) }
}
