internal import CIsal

/// A gzip (or zlib) decoder, for streams and for blocks.
///
/// ISA-L decodes about twice as fast as zlib.
final class Inflater: StreamDecoder {
  enum Wrapping {
    /// gzip or zlib, as the header says.
    case headed
    /// None, as in zip.
    case bare
  }

  private let wrapping: Wrapping
  private let state: UnsafeMutableRawPointer
  /// Whether the member's first byte, which tells gzip from zlib, has been seen.
  private var isInMember = false

  init(_ wrapping: Wrapping = .headed) throws(CompressionError) {
    self.wrapping = wrapping
    guard let state = tidemark_inflate_create() else {
      throw CompressionError(.failed, codec: .gzip, "no memory for a decoder")
    }
    self.state = state
  }

  deinit { tidemark_inflate_free(state) }

  /// Makes ready for the next member.
  func reset() { isInMember = false }

  func step(
    _ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer,
    consumed: inout Int, written: inout Int
  ) throws(CompressionError) -> DecodingStep {
    if !isInMember {
      guard let first = source.first else { return .needsMore }
      let headed = first == 0x1F ? TIDEMARK_WRAPPING_GZIP : TIDEMARK_WRAPPING_ZLIB
      let wrapping = wrapping == .bare ? TIDEMARK_WRAPPING_NONE : headed
      tidemark_inflate_reset(state, Int32(wrapping))
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
