/// The bytes of one column chunk, read from the source a window at a time.
///
///     file    … | passed | window: passed, unread | unread | …
///                          ▲ start    ▲ position             ▲ end
struct ChunkBytes {
  private let source: any ByteSource
  private let windowByteCount: Int
  /// In the file, behind the chunk.
  let end: Int
  /// In the file, of the next byte.
  private(set) var position: Int
  private(set) var window: [UInt8] = []
  private var start: Int

  init(_ source: any ByteSource, range: Range<Int>, windowByteCount: Int) {
    self.source = source
    self.windowByteCount = windowByteCount
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
    if unread.count < count {
      let kept = unread
      let more = min(bytesLeft, max(count, windowByteCount)) - kept.count
      let from = position + kept.count
      let next = try source.bytes(from..<from + more)
      window = kept.isEmpty ? next : Array(window[kept]) + next
      start = position
    }
    return position - start..<position - start + count
  }

  mutating func advance(_ count: Int) { position += count }

  /// Goes to another place in the chunk.
  mutating func seek(to offset: Int) {
    position = offset
    if offset < start || offset > start + window.count {
      window = []
      start = offset
    }
  }
}
