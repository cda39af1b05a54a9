internal import CZstd

/// zstd frames, and skippable ones between them.
final class ZstdDecoder: StreamDecoder {
  private let context: OpaquePointer
  private let windowBytesMax: Int

  /// - Parameter windowBytesMax: a frame with a longer window is refused.
  init(windowBytesMax: Int) throws(CompressionError) {
    guard let context = ZSTD_createDCtx() else {
      throw CompressionError(.failed, format: .zstd, "no memory for a context")
    }
    self.context = context
    self.windowBytesMax = windowBytesMax
    let bounds = ZSTD_dParam_getBounds(ZSTD_d_windowLogMax)
    var log = bounds.lowerBound
    while log < bounds.upperBound, 1 << Int(log + 1) <= windowBytesMax { log += 1 }
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, log)
  }

  deinit { ZSTD_freeDCtx(context) }

  func reset() { ZSTD_DCtx_reset(context, ZSTD_reset_session_only) }

  func step(
    _ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer,
    consumed: inout Int, written: inout Int
  ) throws(CompressionError) -> DecodingStep {
    var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
    var output = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
    let status = ZSTD_decompressStream(context, &output, &input)
    let offset = consumed
    consumed += input.pos
    written += output.pos
    guard ZSTD_isError(status) == 0 else {
      let text = String(cString: ZSTD_getErrorName(status)).lowercased()
      // The library tells its errors apart by number only in a header that may change.
      if text.contains("too much memory") {
        throw CompressionError(
          .tooLarge, format: .zstd, "a window of more than \(windowBytesMax) bytes is needed",
          offset: offset)
      }
      throw CompressionError(.corrupt, format: .zstd, text, offset: offset)
    }
    return status == 0 ? .memberEnded : .needsMore
  }
}
