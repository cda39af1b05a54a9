internal import Synchronization

/// Which ranges of a file are read in one go, for several column chunks.
///
///     chunks   [ a ][ b ] [ c ]      [ d . . . . . . . . . . . . ]
///     reads    [─────────────]       [───────][───────][─────────]
///
/// What is wanted of a chunk stays together up to a window's size; larger parts are read a window
/// at a time. Small neighbours are read together where the gap between them costs less than a
/// further read. A read is made when the first of its chunks asks for it, and let go when the last
/// has taken it.
final class ReadPlan: Sendable {
  /// Bytes of a file, taken from the budget for as long as they are used.
  final class Piece: Sendable {
    let range: Range<Int>
    let bytes: [UInt8]
    private let budget: MemoryBudget

    init(
      _ range: Range<Int>, budget: MemoryBudget, _ read: () throws(ParquetError) -> [UInt8]
    ) throws(ParquetError) {
      try budget.take(range.count, for: "bytes of column chunks")
      do throws(ParquetError) {
        bytes = try read()
      } catch {
        budget.give(range.count)
        throw error
      }
      self.range = range
      self.budget = budget
    }

    convenience init(
      _ range: Range<Int>, _ source: any ByteSource, _ budget: MemoryBudget
    ) throws(ParquetError) {
      try self.init(range, budget: budget) { () throws(ParquetError) in try source.bytes(range) }
    }

    deinit { budget.give(range.count) }
  }

  private enum State {
    case waiting
    case read(Piece, takersLeft: Int)
    case done
  }

  /// One range that is read, and for how many chunks.
  private final class Read: Sendable {
    let range: Range<Int>
    let takerCount: Int
    let state = Mutex(State.waiting)

    init(_ range: Range<Int>, takerCount: Int) {
      self.range = range
      self.takerCount = takerCount
    }
  }

  private let source: any ByteSource
  private let budget: MemoryBudget
  /// Ascending, not overlapping.
  private let reads: [Read]

  /// - Parameters:
  ///   - chunks: of each column chunk the ranges that are wanted, ascending; chunks may overlap.
  init(
    _ source: any ByteSource, chunks: [[Range<Int>]], windowByteCount: Int, budget: MemoryBudget
  ) {
    self.source = source
    self.budget = budget
    reads = Self.reads(
      chunks, gapMax: source.readCost.gapByteCountMax, windowByteCount: windowByteCount,
      heldByteCountMax: budget.byteCountMax / 4)
  }

  /// The ranges that are read, in order.
  var ranges: [Range<Int>] { reads.map(\.range) }

  /// The bytes from a place on, as far as they are read together.
  /// - Returns: nil where the plan has nothing there, or every chunk has taken it.
  func piece(at offset: Int) throws(ParquetError) -> Piece? {
    var low = 0
    var high = reads.count
    while low < high {
      let middle = (low + high) / 2
      if reads[middle].range.upperBound <= offset { low = middle + 1 } else { high = middle }
    }
    guard low < reads.count, reads[low].range.contains(offset) else { return nil }
    let read = reads[low]
    return try read.state.withLock { (state) throws(ParquetError) -> Piece? in
      let piece: Piece
      let left: Int
      switch state {
      case .waiting:
        piece = try Piece(read.range, source, budget)
        left = read.takerCount - 1
      case .read(let held, let takersLeft):
        piece = held
        left = takersLeft - 1
      case .done: return nil
      }
      state = left > 0 ? .read(piece, takersLeft: left) : .done
      return piece
    }
  }

  // MARK: Planning

  private static let windowByteCountMin = 64 << 10
  private static let readByteCountMax = 32 << 20

  private struct Part {
    var range: Range<Int>
    /// Whether it is one of several windows of a chunk, or a page run among others: read alone.
    var isAlone: Bool
    var takerCount = 1
  }

  private static func reads(
    _ chunks: [[Range<Int>]], gapMax: Int, windowByteCount: Int, heldByteCountMax: Int
  ) -> [Read] {
    let runs = chunks.map { Self.joined($0, gapMax: gapMax) }
    // A window of every chunk is held at a time.
    var window = max(windowByteCount, min(gapMax, readByteCountMax))
    let total = runs.reduce(0) { sum, runs in
      sum + min(window, runs.reduce(0) { max($0, $1.count) })
    }
    if total > heldByteCountMax {
      window = max(windowByteCountMin, min(window, heldByteCountMax / max(1, runs.count)))
    }
    var parts: [Part] = []
    for runs in runs {
      for run in runs {
        var start = run.lowerBound
        repeat {
          let end = run.upperBound - start <= window ? run.upperBound : start + window
          parts.append(Part(range: start..<end, isAlone: runs.count > 1 || run.count > window))
          start = end
        } while start < run.upperBound
      }
    }
    parts.sort {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    var wanted: [Part] = []
    for part in parts where !part.range.isEmpty {
      guard let last = wanted.last else {
        wanted.append(part)
        continue
      }
      let end = max(last.range.upperBound, part.range.upperBound)
      let overlaps = part.range.lowerBound < last.range.upperBound
      let isNear = part.range.lowerBound - last.range.upperBound <= gapMax
      if overlaps
        || isNear && !last.isAlone && !part.isAlone
          && end - last.range.lowerBound <= max(window, readByteCountMax / 4)
      {
        wanted[wanted.count - 1] = Part(
          range: last.range.lowerBound..<end, isAlone: last.isAlone || part.isAlone,
          takerCount: last.takerCount + 1)
      } else {
        wanted.append(part)
      }
    }
    return wanted.map { Read($0.range, takerCount: $0.takerCount) }
  }

  /// Ranges with those between them that are no larger than a gap.
  static func joined(_ ranges: [Range<Int>], gapMax: Int) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for range in ranges where !range.isEmpty {
      if let last = result.last, range.lowerBound - last.upperBound <= gapMax {
        result[result.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }
}
