internal import Kernels
internal import Records

/// The definition and repetition levels of the page that is being filled.
///
/// A column that is not in a list and has one optional ancestor at most, the usual kind, keeps
/// validity bits, and those only from the first null on. The others keep a byte a level.
struct PageLevels: ~Copyable {
  let maxDefinitionLevel: Int
  let maxRepetitionLevel: Int
  /// Values and nulls.
  private(set) var entryCount = 0
  private(set) var rowCount = 0
  /// Entries without a value.
  private(set) var nullCount = 0

  private var validity = PackedBits()
  private var definitionLevels = ByteBuffer()
  private var repetitionLevels = ByteBuffer()
  /// How often each level occurs; kept only where there are levels in bytes.
  private(set) var definitionHistogram: [Int64] = []
  private(set) var repetitionHistogram: [Int64] = []

  init(_ leaf: LeafColumn) {
    maxDefinitionLevel = leaf.maxDefinitionLevel
    maxRepetitionLevel = leaf.maxRepetitionLevel
    resetHistograms()
  }

  /// Whether a bit an entry says it all.
  var isFlat: Bool { maxRepetitionLevel == 0 && maxDefinitionLevel <= 1 }

  var memoryByteCount: Int {
    validity.memoryByteCount + definitionLevels.capacity + repetitionLevels.capacity
  }

  private mutating func resetHistograms() {
    if isFlat { return }
    definitionHistogram = Array(repeating: 0, count: maxDefinitionLevel + 1)
    repetitionHistogram =
      maxRepetitionLevel > 0 ? Array(repeating: 0, count: maxRepetitionLevel + 1) : []
  }

  mutating func removeAll() {
    entryCount = 0
    rowCount = 0
    nullCount = 0
    validity.removeAll()
    definitionLevels.removeAll()
    repetitionLevels.removeAll()
    resetHistograms()
  }

  // MARK: Filling

  /// Adds rows of a flat column.
  /// - Parameters:
  ///   - bits: the validity of the rows at `range`; nil where none is null.
  ///   - nulls: how many of them are null.
  mutating func append(_ bits: Bitmap?, range: Range<Int>, nulls: Int) {
    if let bits, nulls > 0 {
      if nullCount == 0 { validity.append(repeating: true, count: entryCount) }
      validity.append(bits.words, range: range)
    } else if nullCount > 0 {
      validity.append(repeating: true, count: range.count)
    }
    count(range.count, rows: range.count, nulls: nulls)
  }

  /// Adds entries of a nested column; it may be flat for all that, as a required leaf of a struct.
  mutating func append(_ entries: LeafEntries, range: Range<Int>, rows: Int, nulls: Int) {
    guard !isFlat else {
      if nulls > 0, nullCount == 0 { validity.append(repeating: true, count: entryCount) }
      if nulls + nullCount > 0 {
        validity.append(levels: entries.definitionLevels.span.extracting(range), atLeast: 1)
      }
      return count(range.count, rows: rows, nulls: nulls)
    }
    definitionLevels.append(entries.definitionLevels.span.bytes.extracting(range))
    Self.add(entries.definitionLevels, range, to: &definitionHistogram)
    if maxRepetitionLevel > 0 {
      repetitionLevels.append(entries.repetitionLevels.span.bytes.extracting(range))
      Self.add(entries.repetitionLevels, range, to: &repetitionHistogram)
    }
    count(range.count, rows: rows, nulls: nulls)
  }

  private static func add(_ levels: [UInt8], _ range: Range<Int>, to histogram: inout [Int64]) {
    let counts = LevelShredding.histogram(
      levels.span.extracting(range), max: histogram.count - 1)
    for (level, count) in counts.enumerated() { histogram[level] += count }
  }

  private mutating func count(_ entries: Int, rows: Int, nulls: Int) {
    entryCount += entries
    rowCount += rows
    nullCount += nulls
  }

  // MARK: Writing

  /// Appends the levels as version 1 pages have them: each kind behind its length.
  borrowing func writeWithLengths(into output: inout ByteBuffer) {
    if maxRepetitionLevel > 0 { Self.withLength(&output) { writeRepetition(into: &$0) } }
    if maxDefinitionLevel > 0 { Self.withLength(&output) { writeDefinition(into: &$0) } }
  }

  private static func withLength(
    _ output: inout ByteBuffer, _ body: (inout ByteBuffer) -> Void
  ) {
    let start = output.count
    output.append(littleEndian: UInt32(0))
    body(&output)
    output.store(littleEndian: UInt32(output.count - start - 4), at: start)
  }

  borrowing func writeRepetition(into output: inout ByteBuffer) {
    guard maxRepetitionLevel > 0 else { return }
    let width = Self.bitWidth(maxRepetitionLevel)
    repetitionLevels.withBytes { output.appendHybrid8($0, bitWidth: width) }
  }

  borrowing func writeDefinition(into output: inout ByteBuffer) {
    guard maxDefinitionLevel > 0 else { return }
    if isFlat {
      if nullCount == 0 || nullCount == entryCount {
        output.appendRun(of: nullCount == 0 ? 1 : 0, count: entryCount, bitWidth: 1)
      } else {
        output.appendHybrid(validity)
      }
    } else {
      let width = Self.bitWidth(maxDefinitionLevel)
      definitionLevels.withBytes { output.appendHybrid8($0, bitWidth: width) }
    }
  }

  /// Bits that the numbers from 0 to `max` take.
  static func bitWidth(_ max: Int) -> Int { Int.bitWidth - max.leadingZeroBitCount }
}
