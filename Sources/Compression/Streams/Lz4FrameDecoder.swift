internal import CLz4

/// lz4 frames, and skippable ones between them. Takes some 8 MB at most.
final class Lz4FrameDecoder: StreamDecoder {
  private let context: OpaquePointer

  init() throws(CompressionError) {
    var context: OpaquePointer?
    let status = LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))
    guard LZ4F_isError(status) == 0, let context else {
      throw CompressionError(.failed, format: .lz4, "no memory for a context")
    }
    self.context = context
  }

  deinit { LZ4F_freeDecompressionContext(context) }

  func reset() { LZ4F_resetDecompressionContext(context) }

  func step(
    _ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer,
    consumed: inout Int, written: inout Int
  ) throws(CompressionError) -> DecodingStep {
    var taken = source.count
    var given = room.count
    let status = LZ4F_decompress(
      context, room.baseAddress, &given, source.baseAddress, &taken, nil)
    guard LZ4F_isError(status) == 0 else {
      throw CompressionError(
        .corrupt, format: .lz4, String(cString: LZ4F_getErrorName(status)), offset: consumed)
    }
    consumed += taken
    written += given
    return status == 0 ? .memberEnded : .needsMore
  }
}
