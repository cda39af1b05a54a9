internal import Records

/// Texts of a column under construction: views into the strings of the blocks that they came
/// from, and into a buffer of its own for texts that were written anew.
struct TextViews {
  private var views: [ByteView] = []
  /// The first is the column's own.
  private var buffers: [[UInt8]] = [[]]
  private var own: [UInt8] = []
  private(set) var byteCount = 0

  mutating func appendNulls(_ rows: Int) {
    views.append(contentsOf: repeatElement(ByteView(offset: 0, length: 0), count: rows))
  }

  mutating func append(_ write: (inout [UInt8]) -> Void) {
    let start = own.count
    write(&own)
    byteCount += own.count - start
    views.append(ByteView(offset: UInt32(start), length: UInt32(own.count - start)))
  }

  /// Appends texts that lie in a block, each view relative to it; copies nothing.
  /// - Parameter fill: writes a view for each of the rows, which are all empty before, with the
  ///   buffer that it is given. Returns the bytes of all together.
  mutating func append(
    in block: [UInt8], rows: Int,
    _ fill: (UnsafeMutableBufferPointer<ByteView>, _ buffer: UInt32) -> Int
  ) {
    let buffer = bufferIndex(block)
    let start = views.count
    appendNulls(rows)
    byteCount += views.withUnsafeMutableBufferPointer {
      fill(UnsafeMutableBufferPointer(rebasing: $0[start...]), buffer)
    }
  }

  /// Appends one text in a buffer that `bufferIndex` knows.
  mutating func append(buffer: UInt32, offset: Int, length: Int) {
    byteCount += length
    views.append(ByteView(buffer: buffer, offset: UInt32(offset), length: UInt32(length)))
  }

  /// The place of a block among the buffers, where it is put unless it was the last.
  mutating func bufferIndex(_ strings: [UInt8]) -> UInt32 {
    let isSame = buffers[buffers.count - 1].withUnsafeBufferPointer { last in
      strings.withUnsafeBufferPointer { $0.baseAddress == last.baseAddress }
    }
    if !isSame { buffers.append(strings) }
    return UInt32(buffers.count - 1)
  }

  func appendBytes(_ row: Int, to output: inout [UInt8]) {
    let view = views[row]
    let start = Int(view.offset)
    let end = start + Int(view.length)
    if view.buffer == 0 {
      output.append(contentsOf: own[start..<end])
    } else {
      output.append(contentsOf: buffers[Int(view.buffer)][start..<end])
    }
  }

  /// The texts; goes on with none.
  mutating func take() -> ByteColumn {
    defer { self = TextViews() }
    buffers[0] = own
    return ByteColumn(views: views, buffers: buffers)
  }
}
