internal import Base
internal import Connector
internal import Records

/// Follows AUTO_INCREMENT numbers: which of them came, and which are missing and may still come.
final class SerialProgress: WindowProgress {
  /// Bitmaps of 8 KiB each; when they are full, the window ends where they ended.
  private static let blockCountMax = 512

  private let state: SerialState?
  private let safe: Int128
  private let checkpoints: [SerialState.Checkpoint]
  private let ledger: any Ledger
  /// What earlier runs have read of wide gaps, and this one reads again.
  private let readBefore: IDSet
  /// The numbers seen above `safe`.
  private var seen: IDSet
  private var upper: Int128
  private var isFull = false
  private var duplicates = 0
  private var late = 0

  init(
    state: SerialState?, upper: Int128, safe: Int128, checkpoints: [SerialState.Checkpoint],
    ledger: any Ledger, place: String
  ) throws(ConnectorError) {
    self.state = state
    self.upper = max(upper, state?.mark ?? upper)
    self.safe = safe
    self.checkpoints = checkpoints
    self.ledger = ledger
    readBefore =
      state?.isFolded == true ? try SerialState.readIDs(ledger, place: place) : IDSet()
    seen = readBefore
    seen.removeBlocks(upTo: safe)
  }

  func keep(
    cursors: [Column], columns: [Column], schema: Schema, rowCount: Int
  ) throws(ConnectorError) -> [Int32]? {
    guard let ids = cursors.first.map({ CursorKeys([$0])[0] }) else { return nil }
    let mark = state?.mark ?? .min
    // The usual case: nothing to remember, nothing read twice.
    if readBefore.isEmpty, upper <= safe, !isFull {
      late += ids.reduce(0) { $0 + ($1 <= mark ? 1 : 0) }
      return nil
    }
    var kept: [Int32] = []
    kept.reserveCapacity(rowCount)
    for (row, id) in ids.enumerated() {
      if isFull, id > upper { continue }
      if id <= mark {
        if readBefore.contains(id) {
          duplicates += 1
          continue
        }
        late += 1
      }
      kept.append(Int32(row))
      if id > safe { follow(id) }
    }
    return kept.count == rowCount ? nil : kept
  }

  private func follow(_ id: Int128) {
    seen.insert(id)
    if seen.blocks.count >= Self.blockCountMax, !isFull, id > state?.mark ?? 0 {
      // Rows come in order: the next run goes on behind this one.
      isFull = true
      upper = id
    }
  }

  var isSatisfied: Bool { isFull }

  func finish() throws(ConnectorError) -> Advance {
    var next = SerialState(mark: upper)
    var ids = IDSet()
    let open = openRanges()
    if let gaps = exactGaps(in: open) {
      next.gaps = gaps
    } else {
      next.gaps = open
      next.isFolded = true
      ids = seen
    }
    if !next.gaps.isEmpty { next.checkpoints = checkpoints }
    var counts: [String: Int] = [:]
    if duplicates > 0 { counts["duplicates"] = duplicates }
    if late > 0 { counts["late"] = late }
    return Advance(
      bookmark: next.bookmark, ledger: try SerialState.changes(from: ledger, to: ids),
      counts: counts)
  }

  /// Where numbers may be missing that may still come: old gaps, and what this run has read.
  private func openRanges() -> [ClosedRange<Int128>] {
    var ranges = (state?.gaps ?? []).filter { $0.upperBound > safe }.map {
      max($0.lowerBound, safe + 1)...$0.upperBound
    }
    let first = max(state?.mark ?? 0, safe) + 1
    if first <= upper {
      if let last = ranges.last, last.upperBound + 1 == first {
        ranges[ranges.count - 1] = last.lowerBound...upper
      } else {
        ranges.append(first...upper)
      }
    }
    return ranges
  }

  /// The missing numbers within the ranges; nil where there are too many gaps.
  private func exactGaps(in ranges: [ClosedRange<Int128>]) -> [ClosedRange<Int128>]? {
    var gaps: [ClosedRange<Int128>] = []
    for range in ranges {
      // One more than may be kept tells that there are too many.
      gaps += seen.missing(in: range, countMax: SerialState.gapCountMax + 1 - gaps.count)
      if gaps.count > SerialState.gapCountMax { return nil }
    }
    return gaps
  }
}
