/// Decompresses a gzip stream piece by piece, in bounded memory.
///
///     let stream = try GzipStream()
///     while let chunk = try source.read() {
///       stream.push(chunk)
///       while let text = try stream.next() { consume(text) }
///     }
///     try stream.finish()
///
/// Members in a row (`cat a.gz b.gz`, rotated logs) are one text; zero bytes behind the last one
/// (tape and block padding) are passed over.
public final class GzipStream {
  private let inflater: Inflater
  private let chunkBytesMax: Int
  private var input: [UInt8] = []
  private var position = 0
  private var isInMember = false
  private var isPadding = false

  /// Compressed bytes taken so far.
  public private(set) var compressedCount = 0
  /// Decompressed bytes handed out so far.
  public private(set) var decompressedCount = 0
  /// The compressed bytes behind the last member that has ended whole: where a reader may start
  /// anew with a new stream.
  public private(set) var memberEnd = 0

  /// - Parameter chunkBytesMax: the most bytes that `next` hands out at once.
  public init(chunkBytesMax: Int = 262_144) throws(CompressionError) {
    inflater = try Inflater()
    self.chunkBytesMax = max(1, chunkBytesMax)
  }

  /// Adds compressed bytes. Take what `next` has before pushing more, or they pile up.
  public func push(_ bytes: [UInt8]) {
    if position == input.count {
      input = bytes
    } else {
      input.removeSubrange(..<position)
      input += bytes
    }
    position = 0
  }

  /// The next decompressed bytes, never empty; nil when more compressed ones are needed.
  /// - Throws: `.corrupt` where the bytes are not gzip, or a checksum or length is wrong.
  public func next() throws(CompressionError) -> [UInt8]? {
    while position < input.count || isInMember {
      if !isInMember {
        guard try startMember() else { return nil }
      }
      let before = position
      let piece = try inflatePiece()
      if !piece.isEmpty {
        decompressedCount += piece.count
        return piece
      }
      if position == before && isInMember { return nil }
    }
    return nil
  }

  /// Says that no more bytes will come.
  /// - Throws: `.truncated` where the stream ends within a member.
  public func finish() throws(CompressionError) {
    guard !isInMember else {
      throw CompressionError(
        .truncated, codec: .gzip,
        "the stream ends within a member that began after byte \(memberEnd)",
        offset: compressedCount)
    }
  }

  /// Looks for the start of a member; false where only padding is left.
  private func startMember() throws(CompressionError) -> Bool {
    if compressedCount > 0 {
      while position < input.count, input[position] == 0 {
        position += 1
        compressedCount += 1
        isPadding = true
      }
      if position == input.count { return false }
    }
    guard input[position] == 0x1F, !isPadding else {
      throw CompressionError(
        .corrupt, codec: .gzip,
        "found byte 0x\(String(input[position], radix: 16)) where a member should begin",
        offset: compressedCount)
    }
    inflater.reset()
    isInMember = true
    return true
  }

  private func inflatePiece() throws(CompressionError) -> [UInt8] {
    var consumed = 0
    var failure: CompressionError?
    var ended = false
    let source = input
    let piece = [UInt8](unsafeUninitializedCapacity: chunkBytesMax) { room, initialized in
      do throws(CompressionError) {
        let step = try source.span.bytes.withUnsafeBytes { bytes throws(CompressionError) in
          try inflater.step(
            UnsafeRawBufferPointer(rebasing: bytes[position...]),
            into: UnsafeMutableRawBufferPointer(
              rebasing: UnsafeMutableRawBufferPointer(room)[..<chunkBytesMax]),
            consumed: &consumed, written: &initialized)
        }
        if case .memberEnded = step { ended = true }
      } catch {
        failure = error
        initialized = 0
      }
    }
    position += consumed
    compressedCount += consumed
    if var failure {
      failure.offset = compressedCount
      throw failure
    }
    if ended {
      isInMember = false
      memberEnd = compressedCount
    }
    return piece
  }
}
