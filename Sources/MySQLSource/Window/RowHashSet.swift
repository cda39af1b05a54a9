internal import Base
internal import Connector
internal import Foundation

/// The rows that the lake holds already and that a later run will read again, by their hashes;
/// equal rows as often as they came.
///
/// In the ledger they lie in pieces: `rows/00000`, `rows/00001`, …, each the Base64 of up to 4096
/// hashes of 16 bytes.
struct RowHashSet {
  static let countMax = 1_000_000
  private static let pieceCount = 4096
  private static let prefix = "rows/"

  /// Sorted.
  private(set) var hashes: [RowHash]
  /// Those that were met.
  private var isTaken: [Bool]

  init(_ hashes: [RowHash] = []) {
    self.hashes = hashes.sorted()
    isTaken = Array(repeating: false, count: hashes.count)
  }

  init(_ ledger: any Ledger, place: String) throws(ConnectorError) {
    var hashes: [RowHash] = []
    for entry in try ledger.entries() where entry.key.hasPrefix(Self.prefix) {
      guard let text = entry.value.string, let data = Data(base64Encoded: text),
        data.count % 16 == 0
      else {
        throw ConnectorError(
          .malformed, "the stream's ledger entry \(entry.key) cannot be read",
          remedy: "Rewind the stream to an earlier run.", place: place)
      }
      hashes += Self.hashes([UInt8](data))
    }
    self.init(hashes)
  }

  /// Takes one row of this hash out; false where there is none left.
  mutating func take(_ hash: RowHash) -> Bool {
    var low = 0
    var high = hashes.count
    while low < high {
      let middle = (low + high) / 2
      if hashes[middle] < hash { low = middle + 1 } else { high = middle }
    }
    while low < hashes.count, hashes[low] == hash {
      if !isTaken[low] {
        isTaken[low] = true
        return true
      }
      low += 1
    }
    return false
  }

  /// What to change in a ledger that holds these for it to hold `new`.
  static func changes(from ledger: any Ledger, to new: [RowHash]) throws(ConnectorError)
    -> [LedgerChange]
  {
    var wanted: [String: String] = [:]
    let sorted = new.sorted()
    for start in stride(from: 0, to: sorted.count, by: pieceCount) {
      let piece = sorted[start..<min(start + pieceCount, sorted.count)]
      wanted[prefix + padded(start / pieceCount, 5)] = Data(bytes(piece)).base64EncodedString()
    }
    var changes: [LedgerChange] = []
    for entry in try ledger.entries() where entry.key.hasPrefix(prefix) {
      guard let text = wanted.removeValue(forKey: entry.key) else {
        changes.append(LedgerChange(key: entry.key, value: nil))
        continue
      }
      if entry.value.string != text {
        changes.append(LedgerChange(key: entry.key, value: .string(text)))
      }
    }
    for (key, text) in wanted.sorted(by: { $0.key < $1.key }) {
      changes.append(LedgerChange(key: key, value: .string(text)))
    }
    return changes
  }

  private static func hashes(_ bytes: [UInt8]) -> [RowHash] {
    func word(_ start: Int) -> UInt64 {
      (0..<8).reduce(0) { $0 << 8 | UInt64(bytes[start + $1]) }
    }
    return stride(from: 0, to: bytes.count, by: 16).map {
      RowHash(high: word($0), low: word($0 + 8))
    }
  }

  private static func bytes(_ hashes: ArraySlice<RowHash>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(hashes.count * 16)
    for hash in hashes {
      for word in [hash.high, hash.low] {
        for index in 0..<8 {
          bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * index)))
        }
      }
    }
    return bytes
  }
}
