internal import CZstd

/// zstd frames, and skippable ones between them.
final class ZstdDecoder: StreamDecoder {
  private let context: OpaquePointer
  private let windowBytesMax: Int
  /// The first bytes of the frame at hand.
  private var header: [UInt8] = []

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

  func reset() {
    ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
    header = []
  }

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
    let known = header.count
    if known < Self.headerBytesMax {
      header += source.prefix(Self.headerBytesMax - known)
    }
    defer { if known < Self.headerBytesMax { header = Array(header.prefix(known + input.pos)) } }
    guard ZSTD_isError(status) == 0 else {
      let text = String(cString: ZSTD_getErrorName(status)).lowercased()
      // The library tells its errors apart by number only in a header that may change.
      if text.contains("too much memory") {
        let window = Self.windowBytes(header)
        let found = window.map { "a window of \($0 >> 20) MiB" } ?? "the window"
        var error = CompressionError(
          .tooLarge, format: .zstd,
          "\(found) is more than the \(windowBytesMax >> 20) MiB that a decoder may take",
          offset: offset)
        error.memoryNeeded = window.flatMap { Int(exactly: $0) }
        throw error
      }
      throw CompressionError(.corrupt, format: .zstd, text, offset: offset)
    }
    return status == 0 ? .memberEnded : .needsMore
  }

  private static let headerBytesMax = 18

  /// The window that a frame needs, by its first bytes; nil where they do not say it.
  /// - SeeAlso: RFC 8878, 3.1.1.1.
  static func windowBytes(_ header: [UInt8]) -> UInt64? {
    guard header.count >= 6, header.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) else { return nil }
    let descriptor = header[4]
    guard descriptor & 0x20 != 0 else {
      let base = UInt64(1) << (10 + UInt64(header[5] >> 3))
      return base + base / 8 * UInt64(header[5] & 7)
    }
    // One segment: the window is the content.
    let start = 5 + [0, 1, 2, 4][Int(descriptor & 3)]
    let count = [1, 2, 4, 8][Int(descriptor >> 6)]
    guard header.count >= start + count else { return nil }
    let size = header[start..<start + count].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return count == 2 ? size + 256 : size
  }
}
