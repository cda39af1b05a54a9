internal import Compression
internal import Kernels

/// What one worker needs to make pages, reused from page to page: the codec's context and the
/// buffers between the steps.
final class PageScratch {
  let compressor: Compressor
  /// Values without the nulls between them.
  var dense = ByteBuffer()
  /// Values of a page that encodings are tried on.
  var sample = ByteBuffer()
  /// Levels, then values: a version 1 page before compression.
  var body = ByteBuffer()
  var compressed = ByteBuffer()

  init(_ options: WriteOptions) throws(ParquetError) {
    do {
      compressor = try Compressor(options.codec, level: options.level)
    } catch {
      throw ParquetError(.unsupported, error.message, cause: error)
    }
  }
}

extension PageScratch {
  /// Compresses the body behind what `compressed` holds already.
  func compressBody(_ search: MatchSearch = .ofLevel) throws(ParquetError) {
    do {
      try body.withBytes { bytes throws(CompressionError) in
        _ = try compressor.compress(bytes, into: &compressed, search: search)
      }
    } catch {
      throw ParquetError(.limitExceeded, "a page could not be compressed", cause: error)
    }
  }

  /// Compresses the body in both ways behind what `compressed` holds already, and keeps the
  /// smaller.
  func compressBodyEitherWay() throws(ParquetError) -> MatchSearch {
    let start = compressed.count
    try compressBody(.sparse)
    sample.removeAll()
    compressed.withBytes { sample.append($0.extracting(start..<$0.byteCount)) }
    compressed.truncate(to: start)
    try compressBody(.ofLevel)
    guard sample.count <= compressed.count - start else { return .ofLevel }
    compressed.truncate(to: start)
    compressed.append(sample)
    return .sparse
  }

  /// Gives back what a page of uncommon size took.
  func shrink(to capacity: Int) {
    sample.shrink(to: 0)
    body.shrink(to: capacity)
    compressed.shrink(to: capacity)
  }

  /// How many bytes the body compresses to.
  func compressedBodyByteCount() throws(ParquetError) -> Int {
    compressed.removeAll()
    try compressBody()
    return compressed.count
  }
}

/// A page as it will stand in the file.
struct EncodedPage {
  /// Header and body.
  var bytes: [UInt8]
  /// With the header, before compression.
  var uncompressedSize: Int

  /// What a page's header says of its bytes.
  struct Sizes {
    var uncompressed: Int32
    var stored: Int32
    var crc: UInt32?
    var isCompressed: Bool
  }

  /// Compresses the scratch's body behind what `compressed` holds already, and puts the header
  /// in front.
  /// - Parameters:
  ///   - search: finds, or knows by now, how to compress the pages of the column.
  ///   - mayStayPlain: leaves the body as it is where compression does not make it smaller; only
  ///     pages of version 2 can say so.
  static func make(
    _ scratch: PageScratch, codec: Codec, writesChecksum: Bool, uncompressedCount: Int,
    search: inout SearchChoice, mayStayPlain: Bool = false, _ header: (Sizes) -> PageHeader
  ) throws(ParquetError) -> EncodedPage {
    let levelsCount = scratch.compressed.count
    var isCompressed = codec != .none
    if isCompressed { try search.compress(scratch) }
    if isCompressed, mayStayPlain, scratch.compressed.count - levelsCount >= scratch.body.count {
      scratch.compressed.truncate(to: levelsCount)
      isCompressed = false
    }
    // A body without levels in front goes into the page as it is.
    let isBodyAlone = !isCompressed && levelsCount == 0
    if !isCompressed, !isBodyAlone { scratch.compressed.append(scratch.body) }
    let storedCount = isBodyAlone ? scratch.body.count : scratch.compressed.count
    guard let stored = Int32(exactly: storedCount),
      let uncompressed = Int32(exactly: uncompressedCount)
    else {
      throw ParquetError(
        .limitExceeded, "a page of \(uncompressedCount) bytes; the format allows \(Int32.max)")
    }
    var crc: UInt32?
    if writesChecksum {
      crc =
        isBodyAlone
        ? scratch.body.withBytes { Checksum.crc32($0) }
        : scratch.compressed.withBytes { Checksum.crc32($0) }
    }
    let sizes = Sizes(
      uncompressed: uncompressed, stored: stored, crc: crc, isCompressed: isCompressed)
    let prefix = header(sizes).serialized()
    return EncodedPage(
      bytes: isBodyAlone
        ? scratch.body.array(behind: prefix) : scratch.compressed.array(behind: prefix),
      uncompressedSize: prefix.count + uncompressedCount)
  }
}
