/// The bytes of one column chunk, read from the source a window at a time.
///
///     file    … | passed | window: passed, unread | unread | …
///                          ▲ start    ▲ position             ▲ end
///
/// A window is what a plan reads together with other chunks, or bytes of this chunk alone.
struct ChunkBytes {
  private let source: any ByteSource
  private let plan: ReadPlan?
  private let windowByteCount: Int
  private let budget: MemoryBudget
  /// In the file, behind the chunk.
  let end: Int
  /// In the file, of the next byte.
  private(set) var position: Int
  private(set) var window: [UInt8] = []
  private var start: Int
  /// Keeps count of the window's bytes.
  private var piece: ReadPlan.Piece?

  init(
    _ source: any ByteSource, range: Range<Int>, plan: ReadPlan?, windowByteCount: Int,
    budget: MemoryBudget
  ) {
    self.source = source
    self.plan = plan
    self.windowByteCount = windowByteCount
    self.budget = budget
    end = range.upperBound
    position = range.lowerBound
    start = range.lowerBound
    // Views into pages have offsets of 32 bits.
    if let all = source.allBytes, all.count <= UInt32.max {
      window = all
      start = 0
    }
  }

  var bytesLeft: Int { end - position }

  /// The unread part of the window, never past the chunk.
  var unread: Range<Int> {
    position - start..<max(position - start, min(window.count, end - start))
  }

  /// Makes sure that the next `count` bytes are in the window.
  /// - Returns: where they are in it.
  mutating func require(_ count: Int) throws(ParquetError) -> Range<Int> {
    guard count <= bytesLeft else {
      throw ParquetError(
        .truncated, "\(count) bytes are needed, the column chunk has \(bytesLeft) left",
        at: .init(offset: position))
    }
    while unread.count < count {
      let from = position + unread.count
      if let planned = try plan?.piece(at: from) {
        try append(planned)
      } else {
        let more = min(end - from, max(count - unread.count, windowByteCount))
        try append(try ReadPlan.Piece(from..<from + more, source, budget))
      }
    }
    return position - start..<position - start + count
  }

  /// Puts bytes behind the unread ones.
  private mutating func append(_ next: ReadPlan.Piece) throws(ParquetError) {
    let kept = unread
    if kept.isEmpty {
      window = next.bytes
      start = next.range.lowerBound
      piece = next
      return
    }
    // A page that goes past its window: the rest of it is put behind what there is.
    let from = position + kept.count - next.range.lowerBound
    let to = min(next.bytes.count, end - next.range.lowerBound)
    piece = try ReadPlan.Piece(
      position..<position + kept.count + to - from, budget: budget
    ) {
      Array(window[kept]) + next.bytes[from..<to]
    }
    window = piece?.bytes ?? []
    start = position
  }

  mutating func advance(_ count: Int) { position += count }

  /// Goes to another place in the chunk.
  mutating func seek(to offset: Int) {
    position = offset
    if offset < start || offset > start + window.count {
      window = []
      piece = nil
      start = offset
    }
  }
}
