internal import Base
internal import Connector

/// The records of the last `lookback` before the mark, so that reading them again adds only those
/// that came late. Kept in the stream's ledger, in slots of time:
///
///     seen/2026-11-21T07:30:00Z   {"to": …, "records": "<32 digits each>"}
///
/// A record is known by its key and a hash of its content without nulls: one that changed is new,
/// and an added column that is null changes nothing.
struct RecentRecords: Sendable {
  /// More than this within the lookback are refused: the ledger is read whole every run.
  static let countMax = 500_000
  private static let prefix = "seen/"

  private struct Slot {
    var to: Instant
    var records: Set<Fingerprint>
  }

  private let slotMicroseconds: Int64
  private let lookbackSeconds: Double
  private var slots: [String: Slot] = [:]
  private var count = 0
  private var changed: Set<String> = []

  init(lookbackSeconds: Double, _ ledger: any Ledger) throws(ConnectorError) {
    self.lookbackSeconds = lookbackSeconds
    slotMicroseconds = Int64(min(86_400, max(60, (lookbackSeconds / 8).rounded(.up)))) * 1_000_000
    guard lookbackSeconds > 0 else { return }
    for (key, value) in try ledger.entries() where key.hasPrefix(Self.prefix) {
      guard let to = value["to"]?.integer, let text = value["records"]?.string else { continue }
      let digits = Array(text.utf8)
      var records: Set<Fingerprint> = []
      for start in stride(from: 0, to: digits.count - 31, by: 32) {
        let part = String(decoding: digits[start..<start + 32], as: UTF8.self)
        if let fingerprint = Fingerprint(text: part) { records.insert(fingerprint) }
      }
      slots[key] = Slot(to: Instant(microseconds: to), records: records)
      count += records.count
    }
  }

  var isNeeded: Bool { lookbackSeconds > 0 }

  func contains(_ record: Fingerprint) -> Bool {
    slots.values.contains { $0.records.contains(record) }
  }

  /// - Parameter mark: the bookmark that the record is read under.
  mutating func insert(_ record: Fingerprint, at time: Instant, mark: Instant)
    throws(ConnectorError)
  {
    guard time >= mark.advanced(seconds: -lookbackSeconds) else { return }
    let start = time.microseconds.floorDivided(by: slotMicroseconds) &* slotMicroseconds
    let key = Self.prefix + Instant(microseconds: start).description
    let end = Instant(microseconds: start).advanced(seconds: Double(slotMicroseconds) / 1e6)
    var slot = slots.removeValue(forKey: key) ?? Slot(to: end, records: [])
    if slot.records.insert(record).inserted {
      count += 1
      changed.insert(key)
    }
    slot.to = max(slot.to, end)
    slots[key] = slot
    guard count <= Self.countMax else {
      throw ConnectorError(
        .refused, "more than \(Self.countMax) records lie within the bookmark's lookback",
        remedy: "Choose a shorter lookback.")
    }
  }

  /// What changed since the last call, and what lies too far back now.
  mutating func takeChanges(mark: Instant) -> [LedgerChange] {
    let horizon = mark.advanced(seconds: -lookbackSeconds)
    var changes: [LedgerChange] = []
    for (key, slot) in slots.sorted(by: { $0.key < $1.key }) {
      if slot.to <= horizon {
        slots[key] = nil
        count -= slot.records.count
        changes.append(LedgerChange(key: key, value: nil))
      } else if changed.contains(key) {
        let text = slot.records.map(\.text).sorted().joined()
        changes.append(
          LedgerChange(
            key: key,
            value: ["to": .integer(slot.to.microseconds), "records": .string(text)]))
      }
    }
    changed = []
    return changes
  }
}
