internal import CLzma

/// xz streams, or one stream of lzma's older format.
final class XzDecoder: StreamDecoder {
  private let format: StreamFormat
  private let memoryBytesMax: Int
  // On the heap, as the others' are.
  private let stream: UnsafeMutablePointer<lzma_stream>

  /// - Parameter memoryBytesMax: a stream whose dictionary needs more is refused.
  init(_ format: StreamFormat, memoryBytesMax: Int) throws(CompressionError) {
    self.format = format
    self.memoryBytesMax = max(1 << 20, memoryBytesMax)
    stream = .allocate(capacity: 1)
    stream.initialize(to: lzma_stream())
    try reset()
  }

  deinit {
    lzma_end(stream)
    stream.deallocate()
  }

  func reset() throws(CompressionError) {
    // Memory is kept from one stream to the next.
    let limit = UInt64(memoryBytesMax)
    let status =
      format == .lzma
      ? lzma_alone_decoder(stream, limit) : lzma_stream_decoder(stream, limit, 0)
    guard status == LZMA_OK else {
      throw CompressionError(.failed, format: format, "the library returned \(status.rawValue)")
    }
  }

  func step(
    _ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer,
    consumed: inout Int, written: inout Int
  ) throws(CompressionError) -> DecodingStep {
    stream.pointee.next_in = source.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_in = source.count
    stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = room.count
    let status = lzma_code(stream, LZMA_RUN)
    let offset = consumed
    consumed += source.count - stream.pointee.avail_in
    written += room.count - stream.pointee.avail_out
    switch status {
    // Without progress the library speaks of its buffers; more input mends that.
    case LZMA_OK, LZMA_BUF_ERROR: return .needsMore
    case LZMA_STREAM_END: return .memberEnded
    case LZMA_MEMLIMIT_ERROR:
      throw CompressionError(
        .tooLarge, format: format,
        "\(lzma_memusage(stream)) bytes of memory are needed, \(memoryBytesMax) are allowed",
        offset: offset)
    case LZMA_FORMAT_ERROR:
      throw CompressionError(.corrupt, format: format, "no stream begins here", offset: offset)
    case LZMA_DATA_ERROR:
      throw CompressionError(.corrupt, format: format, "the data are damaged", offset: offset)
    case LZMA_OPTIONS_ERROR:
      throw CompressionError(
        .unsupported, format: format, "a filter that is not known", offset: offset)
    default:
      throw CompressionError(.failed, format: format, "the library returned \(status.rawValue)")
    }
  }
}
