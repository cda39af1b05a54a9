internal import CZlib

/// A gzip (or zlib) decoder; the state under `GzipStream` and the block decompressor.
final class Inflater {
  enum Step {
    /// Nothing more without more input or more room.
    case needsMore
    /// A member has ended, its checksum and length were right.
    case memberEnded
  }

  // On the heap, because zlib's state points back at the stream.
  private let stream: UnsafeMutablePointer<z_stream>

  init() throws(CompressionError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 bits of window, + 32 for "gzip or zlib, as the header says".
    let status = inflateInit2_(
      stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      stream.deallocate()
      throw CompressionError(.failed, codec: .gzip, "zlib returned \(status)")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Makes ready for the next member.
  func reset() { inflateReset(stream) }

  /// Decompresses from the front of `source` into the front of `room`.
  /// - Parameters:
  ///   - consumed: raised by the input bytes that were taken.
  ///   - written: raised by the bytes that were written.
  func step(
    _ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer,
    consumed: inout Int, written: inout Int
  ) throws(CompressionError) -> Step {
    let available = UInt32(clamping: source.count)
    let space = UInt32(clamping: room.count)
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = available
    stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = space
    let status = inflate(stream, Z_NO_FLUSH)
    let offset = consumed
    consumed += Int(available - stream.pointee.avail_in)
    written += Int(space - stream.pointee.avail_out)
    switch status {
    case Z_OK, Z_BUF_ERROR: return .needsMore
    case Z_STREAM_END: return .memberEnded
    case Z_DATA_ERROR:
      let text = stream.pointee.msg.map { String(cString: $0) } ?? "the data are damaged"
      throw CompressionError(.corrupt, codec: .gzip, text, offset: offset)
    case Z_NEED_DICT:
      throw CompressionError(
        .corrupt, codec: .gzip, "a preset dictionary is asked for", offset: offset)
    default: throw CompressionError(.failed, codec: .gzip, "zlib returned \(status)")
    }
  }
}
