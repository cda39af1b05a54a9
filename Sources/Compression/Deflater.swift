internal import CZlib

/// A gzip encoder whose state is kept between blocks.
final class Deflater {
  // On the heap, because zlib's state points back at the stream.
  private let stream: UnsafeMutablePointer<z_stream>

  init(level: Int) throws(CompressionError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 bits of window, + 16 for gzip's header and trailer.
    let status = deflateInit2_(
      stream, Int32(level), Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      stream.deallocate()
      throw CompressionError(.failed, codec: .gzip, "zlib returned \(status)")
    }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// The most bytes that a member of `count` bytes takes.
  func sizeBound(_ count: Int) -> Int {
    // A finished stream would leave gzip's header out of the bound.
    deflateReset(stream)
    return Int(deflateBound(stream, UInt(count)))
  }

  /// Writes one member.
  func deflate(
    _ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer
  ) throws(CompressionError) -> Int {
    guard deflateReset(stream) == Z_OK, let count = UInt32(exactly: source.count) else {
      throw CompressionError(.failed, codec: .gzip, "zlib refused \(source.count) bytes")
    }
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = count
    stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(clamping: room.count)
    let status = CZlib.deflate(stream, Z_FINISH)
    guard status == Z_STREAM_END else {
      throw CompressionError(.failed, codec: .gzip, "zlib returned \(status)")
    }
    return Int(stream.pointee.total_out)
  }
}
