internal import CIsal

/// A gzip (or zlib) decoder; the state under `GzipStream` and the block decompressor.
///
/// ISA-L decodes about twice as fast as zlib.
final class Inflater {
  enum Step {
    /// Nothing more without more input or more room.
    case needsMore
    /// A member has ended, its checksum and length were right.
    case memberEnded
  }

  private let state: UnsafeMutableRawPointer
  /// Whether the member's first byte, which tells gzip from zlib, has been seen.
  private var isInMember = false

  init() throws(CompressionError) {
    guard let state = tidemark_inflate_create() else {
      throw CompressionError(.failed, codec: .gzip, "no memory for a decoder")
    }
    self.state = state
  }

  deinit { tidemark_inflate_free(state) }

  /// Makes ready for the next member.
  func reset() { isInMember = false }

  /// Decompresses from the front of `source` into the front of `room`.
  /// - Parameters:
  ///   - consumed: raised by the input bytes that were taken.
  ///   - written: raised by the bytes that were written.
  func step(
    _ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer,
    consumed: inout Int, written: inout Int
  ) throws(CompressionError) -> Step {
    if !isInMember {
      guard let first = source.first else { return .needsMore }
      tidemark_inflate_reset(state, first == 0x1F ? 1 : 0)
      isInMember = true
    }
    var taken: UInt32 = 0
    var made: UInt32 = 0
    let code = tidemark_inflate_step(
      state, source.baseAddress?.assumingMemoryBound(to: UInt8.self),
      UInt32(clamping: source.count), room.baseAddress?.assumingMemoryBound(to: UInt8.self),
      UInt32(clamping: room.count), &taken, &made)
    let offset = consumed
    consumed += Int(taken)
    written += Int(made)
    guard code >= 0 else {
      throw CompressionError(
        .corrupt, codec: .gzip, String(cString: tidemark_inflate_message(code)), offset: offset)
    }
    return code == Int32(TIDEMARK_INFLATE_MEMBER_ENDED) ? .memberEnded : .needsMore
  }
}
