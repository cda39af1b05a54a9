internal import CBrotli
internal import CLz4
internal import CSnappy
internal import CZstd
public import Kernels

/// Compresses blocks with one codec, keeping the codec's context between calls.
///
/// Not for use by two threads at once: give each worker its own.
public final class Compressor {
  public let codec: Codec
  public let level: Int
  private let zstd: OpaquePointer?
  /// Made when it is first asked for.
  private var sparseZstd: OpaquePointer?
  private let deflater: Deflater?

  /// - Parameter level: one of `codec.levels`; the codec's standard where nil. Ignored by codecs
  ///   that have none.
  /// - Throws: `.unsupported` for codecs that cannot be written (lzo, and lz4 in Hadoop's frame)
  ///   and for a level out of range.
  public init(_ codec: Codec, level: Int? = nil) throws(CompressionError) {
    self.codec = codec
    self.level = level ?? codec.levels?.standard ?? 0
    if let levels = codec.levels, !levels.range.contains(self.level) {
      throw CompressionError(
        .unsupported, codec: codec, "level \(self.level) is not within \(levels.range)")
    }
    switch codec {
    case .zstd:
      guard let context = ZSTD_createCCtx() else {
        throw CompressionError(.failed, codec: codec, "no memory for a context")
      }
      ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(self.level))
      zstd = context
      deflater = nil
    case .gzip:
      zstd = nil
      deflater = try Deflater(level: self.level)
    case .none, .snappy, .brotli, .lz4Raw:
      zstd = nil
      deflater = nil
    case .lzo, .lz4:
      throw CompressionError(
        .unsupported, codec: codec, "\(codec.name) can not be written")
    }
  }

  deinit {
    ZSTD_freeCCtx(zstd)
    ZSTD_freeCCtx(sparseZstd)
  }

  /// Whether the codec knows more than one search.
  public var hasSparseSearch: Bool { zstd != nil }

  /// Appends the input, compressed as one block, to `output`.
  /// - Parameter search: the level's where the codec knows no other.
  /// - Returns: how many bytes were appended.
  @discardableResult
  public func compress(
    _ input: RawSpan, into output: inout ByteBuffer, search: MatchSearch = .ofLevel
  ) throws(CompressionError) -> Int {
    let before = output.count
    let bound = try sizeBound(input.byteCount)
    try output.append(upTo: bound) { room throws(CompressionError) in
      try input.withUnsafeBytes { source throws(CompressionError) in
        try compressBlock(source, into: room, search)
      }
    }
    return output.count - before
  }

  /// The input compressed as one block.
  public func compress(_ input: [UInt8]) throws(CompressionError) -> [UInt8] {
    var output = ByteBuffer()
    try compress(input.span.bytes, into: &output)
    return output.array()
  }

  /// The most bytes that `count` bytes can compress to.
  private func sizeBound(_ count: Int) throws(CompressionError) -> Int {
    guard count <= Int(Int32.max) else {
      throw CompressionError(
        .tooLarge, codec: codec, "\(count) bytes in one block; at most \(Int32.max) are taken")
    }
    switch codec {
    case .snappy: return snappy_max_compressed_length(count)
    case .zstd: return ZSTD_compressBound(count)
    case .gzip: return deflater?.sizeBound(count) ?? 0
    case .brotli: return max(1024, BrotliEncoderMaxCompressedSize(count))
    case .lz4Raw:
      let bound = Int(LZ4_compressBound(Int32(count)))
      if bound > 0 { return bound }
      throw CompressionError(.tooLarge, codec: codec, "\(count) bytes in one block")
    case .none, .lzo, .lz4: return count
    }
  }

  private func compressBlock(
    _ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer,
    _ search: MatchSearch
  ) throws(CompressionError) -> Int {
    switch codec {
    case .none:
      room.copyMemory(from: source)
      return source.count
    case .snappy:
      var written = room.count
      let status = snappy_compress(
        source.baseAddress?.assumingMemoryBound(to: CChar.self), source.count,
        room.baseAddress?.assumingMemoryBound(to: CChar.self), &written)
      guard status == SNAPPY_OK else { throw failure("the library returned \(status.rawValue)") }
      return written
    case .zstd:
      let written = ZSTD_compress2(
        search == .sparse ? try sparseContext() : zstd, room.baseAddress, room.count,
        source.baseAddress, source.count)
      if ZSTD_isError(written) != 0 { throw failure(String(cString: ZSTD_getErrorName(written))) }
      return written
    case .gzip:
      guard let deflater else { throw failure("no context") }
      return try deflater.deflate(source, into: room)
    case .brotli:
      var written = room.count
      let done = BrotliEncoderCompress(
        Int32(level), 22, BROTLI_MODE_GENERIC, source.count,
        source.baseAddress?.assumingMemoryBound(to: UInt8.self), &written,
        room.baseAddress?.assumingMemoryBound(to: UInt8.self))
      guard done != 0 else { throw failure("the library gave up") }
      return written
    case .lz4Raw:
      let written = LZ4_compress_default(
        source.baseAddress?.assumingMemoryBound(to: CChar.self),
        room.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(source.count),
        Int32(clamping: room.count))
      guard written > 0 else { throw failure("the library returned \(written)") }
      return Int(written)
    case .lzo, .lz4: throw failure("can not be written")
    }
  }

  /// Looks at about every third place for runs of at least 6 bytes, in a table that fits the
  /// cache next to the core.
  private func sparseContext() throws(CompressionError) -> OpaquePointer {
    if let sparseZstd { return sparseZstd }
    guard let context = ZSTD_createCCtx() else { throw failure("no memory for a context") }
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 1)
    ZSTD_CCtx_setParameter(context, ZSTD_c_strategy, Int32(ZSTD_fast.rawValue))
    ZSTD_CCtx_setParameter(context, ZSTD_c_minMatch, 6)
    ZSTD_CCtx_setParameter(context, ZSTD_c_hashLog, 12)
    ZSTD_CCtx_setParameter(context, ZSTD_c_targetLength, 2)
    // Entropy coding of what is no match: this strategy would leave it out, and without it all is
    // in vain. A library that knows the parameter no more writes larger blocks, no wrong ones.
    ZSTD_CCtx_setParameter(context, ZSTD_c_experimentalParam5, 1)
    sparseZstd = context
    return context
  }

  private func failure(_ message: String) -> CompressionError {
    CompressionError(.failed, codec: codec, message)
  }
}

/// How a codec looks for repetitions.
public enum MatchSearch: Hashable, Sendable {
  /// As the level says.
  case ofLevel
  /// Passes over the short ones. Values that have little in common but their letters (hashes,
  /// UUIDs, random numbers, time stamps) compress better so, and two to four times as fast: what
  /// the level finds in them costs more bits to write down than it saves.
  case sparse
}
