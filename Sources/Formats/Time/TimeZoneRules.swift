internal import Foundation
internal import Kernels
internal import Synchronization

/// When a zone's clocks show what: offsets from UTC over time.
///
///     let berlin = try TimeZoneRules("Europe/Berlin")
///     berlin.offsetSeconds(atUTC: 1_782_000_000)      7200
///
/// A local time that the clocks show twice (they are set back) is the first of the two; one that
/// they pass over (they are set forward) is taken as if they had not been set yet, so that 02:30
/// is 03:30 then. Both take the offset from before the change.
///
/// Changes are known from 1970 to 2100; what lies outside has the offset of that end. Cheap to
/// copy; a lookup takes a few nanoseconds.
public struct TimeZoneRules: Sendable {
  public let name: String
  /// Where the offset never changes.
  private let fixedOffset: Int
  private let steps: ZoneSteps?

  public static let utc = TimeZoneRules(name: "UTC", fixedOffset: 0)

  private init(name: String, fixedOffset: Int, steps: ZoneSteps? = nil) {
    self.name = name
    self.fixedOffset = fixedOffset
    self.steps = steps
  }

  /// - Parameter name: of the IANA's list, such as `Europe/Berlin`; `UTC`; or an offset, such as
  ///   `+02:00`, `+0200` or `-05`.
  /// - Throws: `.invalidOption` where there is no such zone.
  public init(_ name: String) throws(FormatError) {
    if name.isEmpty || name.utf8.count > 64 { throw Self.unknown(name) }
    let offset = name == "UTC" ? 0 : Array(name.utf8).withUnsafeBufferPointer { scanZone($0, 0) }
    if let offset {
      self.init(name: name, fixedOffset: offset)
      return
    }
    guard let steps = ZoneSteps.named(name) else { throw Self.unknown(name) }
    self.init(
      name: name, fixedOffset: steps.onlyOffset ?? 0, steps: steps.onlyOffset == nil ? steps : nil)
  }

  private static func unknown(_ name: String) -> FormatError {
    FormatError(
      .invalidOption, "there is no time zone '\(name.prefix(64))'",
      remedy: "Use a name of the IANA's list such as Europe/Berlin, an offset such as +02:00, or "
        + "UTC.",
      place: "time_zone")
  }

  /// Seconds east of UTC at a point in time.
  /// - Parameter seconds: since 1970-01-01T00:00:00Z.
  public func offsetSeconds(atUTC seconds: Int64) -> Int {
    steps?.byUTC.offset(at: seconds) ?? fixedOffset
  }

  /// Seconds east of UTC when the zone's clocks show a time.
  /// - Parameter seconds: since 1970-01-01T00:00:00 by those clocks.
  public func offsetSeconds(atLocal seconds: Int64) -> Int {
    steps?.byLocal.offset(at: seconds) ?? fixedOffset
  }

  /// Microseconds since the epoch when the zone's clocks show a time.
  public func utcMicroseconds(local microseconds: Int64) -> Int64 {
    let seconds =
      microseconds >= 0 ? microseconds / 1_000_000 : (microseconds - 999_999) / 1_000_000
    return microseconds &- Int64(offsetSeconds(atLocal: seconds)) &* 1_000_000
  }

  /// The latest time, up to a given one, that what the clocks show from then on lies behind: where
  /// they show an hour twice, its beginning until it has passed for the second time.
  /// - Parameter seconds: since 1970-01-01T00:00:00Z.
  public func settled(atUTC seconds: Int64) -> Int64 {
    // Clocks are set back by no more than this.
    let span: Int64 = 3 * 3600
    let before = offsetSeconds(atUTC: seconds - span)
    let after = offsetSeconds(atUTC: seconds + span)
    guard after < before else { return seconds }
    var (low, high) = (seconds - span, seconds + span)
    while high - low > 1 {
      let middle = (low + high) / 2
      if offsetSeconds(atUTC: middle) == before { low = middle } else { high = middle }
    }
    let repeated = Int64(before - after)
    return high - repeated < seconds && seconds < high + repeated ? high - repeated : seconds
  }
}

/// The changes of one zone, found once a process.
private final class ZoneSteps: Sendable {
  let byUTC: OffsetSteps
  let byLocal: OffsetSteps
  /// Where nothing ever changes.
  let onlyOffset: Int?

  private static let known = Mutex<[String: ZoneSteps]>([:])

  static func named(_ name: String) -> ZoneSteps? {
    if let steps = known.withLock({ $0[name] }) { return steps }
    guard let zone = TimeZone(identifier: name) else { return nil }
    let steps = ZoneSteps(zone)
    known.withLock { $0[name] = steps }
    return steps
  }

  /// Looks at the offset every few days, and at where it changed to the second.
  private init(_ zone: TimeZone) {
    func offset(_ seconds: Int64) -> Int {
      zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
    }
    let last: Int64 = 4_102_444_800  // 2100-01-01
    let stride: Int64 = 7 * 86_400
    var offsets = [offset(0)]
    var changes: [Int64] = []
    var time: Int64 = 0
    while time < last {
      let (before, after) = (offsets[offsets.count - 1], offset(time + stride))
      if before != after {
        var (low, high) = (time, time + stride)
        while high - low > 1 {
          let middle = (low + high) / 2
          if offset(middle) == before { low = middle } else { high = middle }
        }
        changes.append(high)
        offsets.append(after)
      }
      time += stride
    }
    onlyOffset = changes.isEmpty ? offsets[0] : nil
    byUTC = OffsetSteps(changes, offsets)
    let local = changes.indices.map { index in
      changes[index] + Int64(max(offsets[index], offsets[index + 1]))
    }
    byLocal = OffsetSteps(local, offsets)
  }
}

/// Offsets that hold from certain times on, with a table that leads to the right one at once.
private struct OffsetSteps: Sendable {
  private let changes: [Int64]
  /// One more than the changes: the first holds before them all.
  private let offsets: [Int]
  /// How many changes lie at or before the start of each span of 2^shift seconds.
  private var counts: [Int] = []

  /// Half a year: seldom more than one change.
  private static let shift: Int64 = 24

  init(_ changes: [Int64], _ offsets: [Int]) {
    self.changes = changes
    self.offsets = offsets
    var count = 0
    for span in 0...((changes.last ?? 0) >> Self.shift) {
      while count < changes.count, changes[count] <= span << Self.shift { count += 1 }
      counts.append(count)
    }
  }

  func offset(at time: Int64) -> Int {
    if time < 0 { return offsets[0] }
    let span = time >> Self.shift
    var index = counts[Int(min(span, Int64(counts.count - 1)))]
    while index < changes.count, changes[index] <= time { index += 1 }
    return offsets[index]
  }
}
