internal import CBzip2

/// bzip2 streams. Takes at most 4 MB, whatever the stream says.
final class Bzip2Decoder: StreamDecoder {
  // On the heap, because the library's state points back at the stream.
  private let stream: UnsafeMutablePointer<bz_stream>

  init() throws(CompressionError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: bz_stream())
    let status = BZ2_bzDecompressInit(stream, 0, 0)
    guard status == BZ_OK else {
      stream.deallocate()
      throw CompressionError(.failed, format: .bzip2, "the library returned \(status)")
    }
  }

  deinit {
    BZ2_bzDecompressEnd(stream)
    stream.deallocate()
  }

  func reset() throws(CompressionError) {
    BZ2_bzDecompressEnd(stream)
    stream.pointee = bz_stream()
    let status = BZ2_bzDecompressInit(stream, 0, 0)
    guard status == BZ_OK else {
      throw CompressionError(.failed, format: .bzip2, "the library returned \(status)")
    }
  }

  func step(
    _ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer,
    consumed: inout Int, written: inout Int
  ) throws(CompressionError) -> DecodingStep {
    let available = UInt32(clamping: source.count)
    let space = UInt32(clamping: room.count)
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: source.baseAddress?.assumingMemoryBound(to: CChar.self))
    stream.pointee.avail_in = available
    stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: CChar.self)
    stream.pointee.avail_out = space
    let status = BZ2_bzDecompress(stream)
    let offset = consumed
    consumed += Int(available - stream.pointee.avail_in)
    written += Int(space - stream.pointee.avail_out)
    switch status {
    case BZ_OK: return .needsMore
    case BZ_STREAM_END: return .memberEnded
    case BZ_DATA_ERROR:
      throw CompressionError(.corrupt, format: .bzip2, "a checksum is wrong", offset: offset)
    case BZ_DATA_ERROR_MAGIC:
      throw CompressionError(.corrupt, format: .bzip2, "no stream begins here", offset: offset)
    default:
      throw CompressionError(.failed, format: .bzip2, "the library returned \(status)")
    }
  }
}
