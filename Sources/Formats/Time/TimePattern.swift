public import Base
internal import Kernels

/// How times are written, compiled from a pattern, and the zone of those that name none.
///
///     let pattern = try TimePattern("%d/%b/%Y:%H:%M:%S %z", zone: .utc)
///     pattern.parse(bytes, range, reference: nil)          microseconds since the epoch, or nil
///
/// Directives: `%Y %y %m %d %e %b %B %h %a %A %H %I %p %M %S %f %z %Z %s %j %T %D %F %R %r %c %n %t
/// %%`. `%f` (also `%N`, `%L`) is a fraction of any number of digits, and a point before it also
/// stands for a comma; `%.f` has the point. `%z` and `%Z` are `+0200`, `+02:00`, `+02`, `Z`,
/// `GMT+2`, or an abbreviation (`ZoneAbbreviations`). Names of months and days are English, short or
/// whole, in any case. A space stands for one or more. Flags and widths, as in `%-d`, `%3N` and
/// `%:z`, say nothing.
///
/// Instead of directives one word: `iso8601`, `epoch`, `epoch_ms`, `epoch_us`, `epoch_ns`,
/// `rfc3164`, `rfc5424`, `common`.
///
/// A text without a year is of the year that makes it the latest time not later than a day after
/// the reference, which is when its file was last written: right for files that span less than a
/// year, also over New Year, as long as they are read before a year has passed. Without a
/// reference it is no time. A date alone is its midnight in UTC, whatever the zone: where a column
/// of dates becomes one of timestamps it is so too, and its day stays the day that was written.
public struct TimePattern: Sendable {
  public let text: String
  public let zone: TimeZoneRules
  private let shape: Shape

  /// ISO 8601, in UTC where no zone is named.
  public static let iso8601 = TimePattern("iso8601", .utc, .iso(needsClock: false))

  /// Seconds since the epoch, with a fraction perhaps.
  public static let epoch = TimePattern("epoch", .utc, .epoch(microseconds: 1_000_000))
  static let epochMilliseconds = TimePattern("epoch_ms", .utc, .epoch(microseconds: 1000))
  /// `10/Oct/2000:13:55:36 -0700`, as access logs have it.
  public static let common = TimePattern("common", .utc, .steps(TimeStep.common, hasClock: true))

  private init(_ text: String, _ zone: TimeZoneRules, _ shape: Shape) {
    self.text = text
    self.zone = zone
    self.shape = shape
  }

  private enum Shape: Sendable {
    case steps([TimeStep], hasClock: Bool)
    case iso(needsClock: Bool)
    /// A number of units of so many microseconds, or nanoseconds where 0.
    case epoch(microseconds: Int64)
    case rfc3164
  }

  /// - Throws: `.invalidOption` where the pattern has other directives, or leaves out the date.
  public init(_ pattern: String, zone: TimeZoneRules = .utc) throws(FormatError) {
    text = pattern
    self.zone = zone
    switch pattern {
    case "iso8601", "%+": shape = .iso(needsClock: false)
    case "rfc5424": shape = .iso(needsClock: true)
    case "rfc3164": shape = .rfc3164
    case "common": shape = .steps(TimeStep.common, hasClock: true)
    case "epoch": shape = .epoch(microseconds: 1_000_000)
    case "epoch_ms": shape = .epoch(microseconds: 1000)
    case "epoch_us": shape = .epoch(microseconds: 1)
    case "epoch_ns": shape = .epoch(microseconds: 0)
    default:
      let steps = try TimeStep.steps(pattern)
      shape = .steps(steps, hasClock: steps.contains { $0 == .hour || $0 == .hourOfHalf })
    }
  }

  /// The time that a whole range of bytes writes.
  /// - Returns: microseconds since 1970-01-01T00:00:00Z; nil where the text is no such time.
  public func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, reference: Instant? = nil
  ) -> Int64? {
    var index = range.lowerBound
    guard let time = scan(bytes, &index, range.upperBound, reference: reference),
      index == range.upperBound
    else { return nil }
    return time
  }

  /// The date that a whole range writes, by the calendar of who wrote it: days since 1970-01-01.
  /// A time of day is dropped, where the pattern has directives for it; `iso8601` takes dates
  /// alone.
  public func parseDate(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, reference: Instant? = nil
  ) -> Int32? {
    if case .iso = shape {
      let time = ISOTime(bytes, range)
      return time.flatMap { $0.kind == .date ? Self.day($0.microseconds) : nil }
    }
    var (index, offset) = (range.lowerBound, 0)
    guard
      let time = scan(bytes, &index, range.upperBound, reference: reference, offset: &offset),
      index == range.upperBound
    else { return nil }
    return Self.day(time &+ Int64(offset) &* 1_000_000)
  }

  /// The time that a text writes, as `parse` of its bytes.
  public func parse(text: String) -> Int64? {
    Array(text.utf8.prefix(Self.textBytesMax)).withUnsafeBufferPointer { parse($0, $0.indices) }
  }

  /// The date that a text writes, as `parseDate` of its bytes.
  public func parseDate(text: String) -> Int32? {
    Array(text.utf8.prefix(Self.textBytesMax)).withUnsafeBufferPointer { parseDate($0, $0.indices) }
  }

  /// No text of a time is as long.
  private static let textBytesMax = 256

  private static func day(_ microseconds: Int64) -> Int32 {
    Int32(clamping: microseconds.floorDivided(by: CivilTime.microsecondsPerDay))
  }

  /// The time of a number, where the pattern is one of the `epoch` words; nil otherwise.
  public func parse(number: Double) -> Int64? {
    guard case .epoch(let unit) = shape, number.isFinite else { return nil }
    return Int64(exactly: (unit == 0 ? number / 1000 : number * Double(unit)).rounded())
  }

  /// The time that bytes begin with, and moves behind it.
  func scan(
    _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ end: Int, reference: Instant?
  ) -> Int64? {
    var offset = 0
    return scan(bytes, &index, end, reference: reference, offset: &offset)
  }

  /// - Parameter offset: becomes the seconds east of UTC of the clock that the text shows.
  private func scan(
    _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ end: Int, reference: Instant?,
    offset: inout Int
  ) -> Int64? {
    guard index >= 0, end <= bytes.count else { return nil }
    switch shape {
    case .iso(let needsClock):
      guard let time = ISOTime.scan(bytes, &index, end), !needsClock || time.kind != .date else {
        return nil
      }
      return time.kind == .date ? time.microseconds : time.utcMicroseconds(in: zone)
    case .epoch(let unit): return EpochScan.scan(bytes, &index, end, unit: unit)
    case .rfc3164:
      var fields = TimeFields()
      guard fields.scanRFC3164(bytes, &index, end) else { return nil }
      return fields.microseconds(in: zone, reference: reference, offset: &offset)
    case .steps(let steps, let hasClock):
      var fields = TimeFields()
      guard fields.scan(steps, bytes, &index, end) else { return nil }
      return fields.microseconds(
        in: hasClock ? zone : .utc, reference: reference, offset: &offset)
    }
  }
}

/// Times as numbers since the epoch.
enum EpochScan {
  /// A number of units of so many microseconds (nanoseconds where 0), with a fraction perhaps.
  static func scan(
    _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ end: Int, unit: Int64
  ) -> Int64? {
    let isNegative = index < end && bytes[index] == 0x2D
    if isNegative { index += 1 }
    guard let whole = TimeStep.number(bytes, &index, end, digits: 1...19).map({ Int64($0) }) else {
      return nil
    }
    var micros: Int64
    if unit == 0 {
      // Towards the past, so that equal steps stay equal.
      micros = isNegative ? (-whole).floorDivided(by: 1000) : whole / 1000
    } else {
      let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
      if overflow { return nil }
      micros = isNegative ? -product : product
    }
    if index < end, bytes[index] == 0x2E || bytes[index] == 0x2C {
      guard let fraction = TimeScan.fraction(bytes, index + 1, end) else { return nil }
      index = fraction.end
      let part = Int64(fraction.microseconds) * unit / 1_000_000
      let (sum, overflow) = micros.addingReportingOverflow(isNegative ? -part : part)
      if overflow { return nil }
      micros = sum
    }
    return micros
  }
}
