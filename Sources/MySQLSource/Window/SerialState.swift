internal import Base
internal import Connector
internal import Foundation

/// The bookmark's record of an AUTO_INCREMENT cursor: what was read up to the mark is all but the
/// gaps, which somebody may still fill.
///
///     … read … │ gap │ read │ gap │ read … mark
///
/// Where there are too many gaps, they fold into a few wide ones, and the ledger holds, as bitmaps,
/// which numbers within them have been read.
struct SerialState: Equatable {
  /// At this time, all numbers up to `highest` had been given out, and these connections were at
  /// work. When they have ended what they did, nobody can fill a gap up to `highest` any more.
  struct Checkpoint: Equatable {
    var highest: Int128
    var at: Instant
    var connectionIDs: [Int64]
    /// Whether other writers than these could not be seen.
    var isBlind: Bool
  }

  /// More gaps than this fold into wide ones.
  static let gapCountMax = 1000
  static let checkpointCountMax = 8
  private static let prefix = "ids/"

  var mark: Int128
  /// In order.
  var gaps: [ClosedRange<Int128>] = []
  /// Whether the ledger says which numbers within the gaps have been read.
  var isFolded = false
  var checkpoints: [Checkpoint] = []

  init(mark: Int128) { self.mark = mark }

  var bookmark: Bookmark {
    var members: [JSONValue.Member] = [.init(key: "mark", value: Self.json(mark))]
    if !gaps.isEmpty {
      members.append(
        .init(
          key: "gaps",
          value: .array(gaps.map { [Self.json($0.lowerBound), Self.json($0.upperBound)] })))
    }
    if isFolded { members.append(.init(key: "folded", value: true)) }
    if !checkpoints.isEmpty {
      members.append(.init(key: "checkpoints", value: .array(checkpoints.map(Self.json))))
    }
    return Bookmark(kind: .integer, mark: String(mark), state: .object(members))
  }

  init?(_ bookmark: Bookmark) {
    guard bookmark.kind == .integer, let mark = Self.number(bookmark.state["mark"]) else {
      return nil
    }
    self.mark = mark
    for pair in bookmark.state["gaps"]?.array ?? [] {
      guard let bounds = pair.array, bounds.count == 2, let low = Self.number(bounds[0]),
        let high = Self.number(bounds[1]), low <= high
      else { return nil }
      gaps.append(low...high)
    }
    isFolded = bookmark.state["folded"]?.boolean ?? false
    for item in bookmark.state["checkpoints"]?.array ?? [] {
      guard let checkpoint = Self.checkpoint(item) else { return nil }
      checkpoints.append(checkpoint)
    }
  }

  static func json(_ number: Int128) -> JSONValue {
    Int64(exactly: number).map { .integer($0) } ?? .string(String(number))
  }

  static func number(_ json: JSONValue?) -> Int128? {
    json?.integer.map { Int128($0) } ?? json?.string.flatMap { Int128($0) }
  }

  private static func json(_ checkpoint: Checkpoint) -> JSONValue {
    [
      "highest": json(checkpoint.highest), "at": .integer(checkpoint.at.microseconds),
      "connections": .array(checkpoint.connectionIDs.map { .integer($0) }),
      "blind": .boolean(checkpoint.isBlind),
    ]
  }

  private static func checkpoint(_ json: JSONValue) -> Checkpoint? {
    guard let highest = number(json["highest"]), let at = json["at"]?.integer,
      let connections = json["connections"]?.array
    else { return nil }
    return Checkpoint(
      highest: highest, at: Instant(microseconds: at),
      connectionIDs: connections.compactMap(\.integer), isBlind: json["blind"]?.boolean ?? true)
  }

  // MARK: The ledger's bitmaps

  /// The numbers within wide gaps that have been read.
  static func readIDs(_ ledger: any Ledger, place: String) throws(ConnectorError) -> IDSet {
    var blocks: [Int64: [UInt64]] = [:]
    for entry in try ledger.entries() where entry.key.hasPrefix(prefix) {
      guard let block = Int64(entry.key.dropFirst(prefix.count)), let text = entry.value.string,
        let data = Data(base64Encoded: text), data.count == IDSet.blockBits / 8
      else {
        throw ConnectorError(
          .malformed, "the stream's ledger entry \(entry.key) cannot be read",
          remedy: "Rewind the stream to an earlier run.", place: place)
      }
      let bytes = [UInt8](data)
      blocks[block] = stride(from: 0, to: bytes.count, by: 8).map { start in
        (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
      }
    }
    return IDSet(blocks: blocks)
  }

  /// What to change in a ledger for it to hold these numbers.
  static func changes(
    from ledger: any Ledger, to ids: IDSet
  ) throws(ConnectorError) -> [LedgerChange] {
    var wanted: [String: String] = [:]
    for (block, words) in ids.blocks {
      let bytes = words.flatMap { word in
        (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) }
      }
      wanted["\(prefix)\(block)"] = Data(bytes).base64EncodedString()
    }
    var changes: [LedgerChange] = []
    for entry in try ledger.entries() where entry.key.hasPrefix(prefix) {
      let text = wanted.removeValue(forKey: entry.key)
      if entry.value.string != text {
        changes.append(LedgerChange(key: entry.key, value: text.map { .string($0) }))
      }
    }
    for (key, text) in wanted.sorted(by: { $0.key < $1.key }) {
      changes.append(LedgerChange(key: key, value: .string(text)))
    }
    return changes
  }
}
