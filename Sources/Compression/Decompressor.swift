internal import CBrotli
internal import CLz4
internal import CSnappy
internal import CZstd
public import Kernels

/// Decompresses blocks of one codec into as many bytes as their header promises, never more.
///
/// Keeps the codec's context between calls. Not for use by two threads at once.
public final class Decompressor {
  public let codec: Codec
  private let zstd: OpaquePointer?
  private let inflater: Inflater?

  /// - Throws: `.unsupported` for lzo.
  public init(_ codec: Codec) throws(CompressionError) {
    self.codec = codec
    var context: OpaquePointer?
    switch codec {
    case .lzo: throw CompressionError(.unsupported, codec: codec, "lzo can not be read")
    case .zstd:
      context = ZSTD_createDCtx()
      if context == nil {
        throw CompressionError(.failed, codec: codec, "no memory for a context")
      }
      inflater = nil
    case .gzip: inflater = try Inflater()
    case .none, .snappy, .brotli, .lz4, .lz4Raw: inflater = nil
    }
    zstd = context
  }

  deinit { if let zstd { ZSTD_freeDCtx(zstd) } }

  /// Decompresses one block.
  /// - Parameters:
  ///   - count: the exact number of bytes the block must decompress to. The caller has checked it
  ///     against its own limits: that much memory is taken before the block is looked at.
  ///   - padding: how many zero bytes to add, for kernels that over-read.
  /// - Returns: count + padding bytes.
  /// - Throws: `.sizeMismatch` where the block holds more or fewer, `.corrupt`, `.truncated`.
  public func decompress(_ input: RawSpan, count: Int, padding: Int = 0) throws(CompressionError)
    -> [UInt8]
  {
    guard count >= 0, padding >= 0 else {
      throw CompressionError(.sizeMismatch, codec: codec, "a size of \(count) bytes is promised")
    }
    var failure: CompressionError?
    let output = [UInt8](unsafeUninitializedCapacity: count + padding) { room, initialized in
      // `rebasing` a part: the array may have more capacity than was asked for.
      let exact = UnsafeMutableRawBufferPointer(
        rebasing: UnsafeMutableRawBufferPointer(room)[..<count])
      do throws(CompressionError) {
        try input.withUnsafeBytes { source throws(CompressionError) in
          try fill(exact, from: source)
        }
        room[count..<count + padding].initialize(repeating: 0)
        initialized = count + padding
      } catch {
        failure = error
        initialized = 0
      }
    }
    if let failure { throw failure }
    return output
  }

  /// Decompresses one block of `count` bytes.
  public func decompress(_ input: [UInt8], count: Int) throws(CompressionError) -> [UInt8] {
    try decompress(input.span.bytes, count: count)
  }

  /// Decompresses one block behind what `output` holds already.
  /// - Parameter count: as above.
  public func decompress(_ input: RawSpan, count: Int, into output: inout ByteBuffer)
    throws(CompressionError)
  {
    guard count >= 0 else {
      throw CompressionError(.sizeMismatch, codec: codec, "a size of \(count) bytes is promised")
    }
    try output.append(upTo: count) { room throws(CompressionError) in
      try input.withUnsafeBytes { source throws(CompressionError) in
        try fill(room, from: source)
      }
      return count
    }
  }

  /// Fills `room` exactly.
  private func fill(
    _ room: UnsafeMutableRawBufferPointer, from source: UnsafeRawBufferPointer
  ) throws(CompressionError) {
    let written: Int
    switch codec {
    case .none:
      written = source.count
      if written == room.count { room.copyMemory(from: source) }
    case .snappy: written = try snappy(room, source)
    case .zstd:
      written = ZSTD_decompressDCtx(
        zstd, room.baseAddress, room.count, source.baseAddress, source.count)
      if ZSTD_isError(written) != 0 { throw zstdError(written, source, room.count) }
    case .gzip: written = try gzip(room, source)
    case .brotli: written = try brotli(room, source)
    case .lz4Raw: written = try lz4Block(room, source)
    case .lz4: written = try lz4Framed(room, source)
    case .lzo: throw CompressionError(.unsupported, codec: codec, "lzo can not be read")
    }
    guard written == room.count else { throw mismatch("\(written) bytes", room.count) }
  }

  private func mismatch(_ found: String, _ expected: Int) -> CompressionError {
    CompressionError(
      .sizeMismatch, codec: codec, "decompresses to \(found) where \(expected) were promised")
  }

  private func zstdError(_ code: Int, _ source: UnsafeRawBufferPointer, _ expected: Int)
    -> CompressionError
  {
    let text = String(cString: ZSTD_getErrorName(code))
    // The library tells its errors apart by number only in a header that may change; the frame's
    // own size says whether the promise was the fault.
    let size = ZSTD_getFrameContentSize(source.baseAddress, source.count)
    let isKnown = size != UInt64.max && size != UInt64.max - 1
    if isKnown, size > UInt64(expected) { return mismatch("\(size) bytes", expected) }
    return CompressionError(
      text.contains("srcSize") ? .truncated : text.contains("too small") ? .sizeMismatch : .corrupt,
      codec: codec, text.lowercased())
  }

  private func snappy(_ room: UnsafeMutableRawBufferPointer, _ source: UnsafeRawBufferPointer)
    throws(CompressionError) -> Int
  {
    let input = source.baseAddress?.assumingMemoryBound(to: CChar.self)
    var length = 0
    guard snappy_uncompressed_length(input, source.count, &length) == SNAPPY_OK else {
      throw CompressionError(.corrupt, codec: codec, "no length in front of the block")
    }
    guard length == room.count else { throw mismatch("\(length) bytes", room.count) }
    let output = room.baseAddress?.assumingMemoryBound(to: CChar.self)
    guard snappy_uncompress(input, source.count, output, &length) == SNAPPY_OK else {
      throw CompressionError(.corrupt, codec: codec, "the block is damaged")
    }
    return length
  }

  private func gzip(_ room: UnsafeMutableRawBufferPointer, _ source: UnsafeRawBufferPointer)
    throws(CompressionError) -> Int
  {
    guard let inflater else { throw CompressionError(.failed, codec: codec, "no context") }
    var consumed = 0
    var written = 0
    inflater.reset()
    // zlib wants a place to write to even when nothing is left to write.
    var spare: UInt8 = 0
    while true {
      let before = (consumed, written)
      let rest = UnsafeRawBufferPointer(rebasing: source[consumed...])
      let step: DecodingStep
      if written < room.count {
        step = try inflater.step(
          rest, into: UnsafeMutableRawBufferPointer(rebasing: room[written...]),
          consumed: &consumed, written: &written)
      } else {
        step = try withUnsafeMutableBytes(of: &spare) { bytes throws(CompressionError) in
          try inflater.step(rest, into: bytes, consumed: &consumed, written: &written)
        }
        if written > room.count { throw mismatch("more than \(room.count) bytes", room.count) }
      }
      switch step {
      case .memberEnded:
        if consumed == source.count || source[consumed] != 0x1F { return written }
        inflater.reset()
      case .needsMore where before == (consumed, written):
        throw CompressionError(
          .truncated, codec: codec, "the input ends within a member", offset: consumed)
      case .needsMore: break
      }
    }
  }

  private func brotli(_ room: UnsafeMutableRawBufferPointer, _ source: UnsafeRawBufferPointer)
    throws(CompressionError) -> Int
  {
    guard let state = BrotliDecoderCreateInstance(nil, nil, nil) else {
      throw CompressionError(.failed, codec: codec, "no memory for a context")
    }
    defer { BrotliDecoderDestroyInstance(state) }
    var inputLeft = source.count
    var input = source.baseAddress?.assumingMemoryBound(to: UInt8.self)
    var roomLeft = room.count
    var output = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let result = BrotliDecoderDecompressStream(state, &inputLeft, &input, &roomLeft, &output, nil)
    switch result {
    case BROTLI_DECODER_RESULT_SUCCESS: return room.count - roomLeft
    case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:
      throw CompressionError(
        .truncated, codec: codec, "the input ends within the data", offset: source.count)
    case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT:
      throw mismatch("more than \(room.count) bytes", room.count)
    default:
      let text = String(cString: BrotliDecoderErrorString(BrotliDecoderGetErrorCode(state)))
      throw CompressionError(.corrupt, codec: codec, text, offset: source.count - inputLeft)
    }
  }

  private func lz4Block(_ room: UnsafeMutableRawBufferPointer, _ source: UnsafeRawBufferPointer)
    throws(CompressionError) -> Int
  {
    let written = LZ4_decompress_safe(
      source.baseAddress?.assumingMemoryBound(to: CChar.self),
      room.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(clamping: source.count),
      Int32(clamping: room.count))
    guard written >= 0 else {
      throw CompressionError(
        .corrupt, codec: codec, "the block is damaged or passes \(room.count) bytes")
    }
    return Int(written)
  }

  /// Hadoop's frame: big-endian sizes, decompressed and compressed, before each block. Files exist
  /// with a bare block under this codec, so that is tried where the frame does not fit.
  private func lz4Framed(_ room: UnsafeMutableRawBufferPointer, _ source: UnsafeRawBufferPointer)
    throws(CompressionError) -> Int
  {
    var read = 0
    var written = 0
    while read + 8 <= source.count {
      let size = Int(UInt32(bigEndian: source.loadUnaligned(fromByteOffset: read, as: UInt32.self)))
      let compressed = Int(
        UInt32(bigEndian: source.loadUnaligned(fromByteOffset: read + 4, as: UInt32.self)))
      guard compressed <= source.count - read - 8, size <= room.count - written else { break }
      let block = UnsafeRawBufferPointer(rebasing: source[read + 8..<read + 8 + compressed])
      let target = UnsafeMutableRawBufferPointer(rebasing: room[written..<written + size])
      guard let count = try? lz4Block(target, block), count == size else { break }
      read += 8 + compressed
      written += size
    }
    return read == source.count && written == room.count ? written : try lz4Block(room, source)
  }
}
