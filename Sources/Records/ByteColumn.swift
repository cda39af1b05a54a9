/// Where a value's bytes lie: `buffers[buffer][offset ..< offset + length]`.
@frozen
public struct ByteView: Hashable, Sendable, BitwiseCopyable {
  public var buffer: UInt32
  public var offset: UInt32
  public var length: UInt32

  @inlinable
  public init(buffer: UInt32 = 0, offset: UInt32, length: UInt32) {
    self.buffer = buffer
    self.offset = offset
    self.length = length
  }
}

/// Texts or byte strings as views into shared buffers: a reader hands out values where it
/// decompressed them, a dictionary's entries are stored once, and slicing copies no bytes.
///
///     views    (0,0,3) (0,3,5) (0,0,3)          12 bytes a value
///     buffers  [ f o o w o r l d … ]            each under 4 GiB
///
/// Every view lies within its buffer; who builds one from outside bytes has checked that.
@frozen
public struct ByteColumn: Sendable {
  public var views: [ByteView]
  public var buffers: [[UInt8]]

  @inlinable
  public init(views: [ByteView] = [], buffers: [[UInt8]] = []) {
    self.views = views
    self.buffers = buffers
  }

  public init(_ texts: some Sequence<String>) {
    var buffer: [UInt8] = []
    var views: [ByteView] = []
    for text in texts {
      let start = buffer.count
      buffer.append(contentsOf: text.utf8)
      views.append(ByteView(offset: UInt32(start), length: UInt32(buffer.count - start)))
    }
    self.init(views: views, buffers: [buffer])
  }

  @inlinable
  public var count: Int { views.count }

  /// The bytes of one value, copied. For cold paths.
  public subscript(index: Int) -> ArraySlice<UInt8> {
    let view = views[index]
    if view.length == 0 { return [] }
    return buffers[Int(view.buffer)][Int(view.offset)..<Int(view.offset) + Int(view.length)]
  }

  /// Bytes of all values together, not counting the views.
  public var byteCount: Int { views.reduce(0) { $0 + Int($1.length) } }
}
