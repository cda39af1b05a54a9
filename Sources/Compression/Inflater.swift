internal import CZlib

/// A gzip (or zlib) decoder, for streams and for blocks.
final class Inflater: StreamDecoder {
  // On the heap, because zlib's state points back at the stream.
  private let stream: UnsafeMutablePointer<z_stream>

  enum Wrapping: Int32 {
    /// gzip or zlib, as the header says: 15 bits of window, + 32.
    case headed = 47
    /// None, as in zip.
    case bare = -15
  }

  init(_ wrapping: Wrapping = .headed) throws(CompressionError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let status = inflateInit2_(
      stream, wrapping.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
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

  func step(
    _ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer,
    consumed: inout Int, written: inout Int
  ) throws(CompressionError) -> DecodingStep {
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
