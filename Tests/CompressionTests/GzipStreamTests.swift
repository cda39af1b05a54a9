import Compression
import Testing

@Suite struct GzipStreamTests {
  private let text = Array(
    (0..<40_000).map { "line \($0 * 7919 % 10_007) of the log\n" }.joined().utf8)

  private func inflate(_ compressed: [UInt8], chunk: Int, piecesMax: Int = 50_000) throws
    -> [UInt8]
  {
    let stream = try GzipStream(chunkBytesMax: piecesMax)
    var result: [UInt8] = []
    var position = 0
    while position < compressed.count {
      let end = min(compressed.count, position + chunk)
      stream.push(Array(compressed[position..<end]))
      position = end
      while let piece = try stream.next() {
        #expect(!piece.isEmpty && piece.count <= piecesMax)
        result += piece
      }
    }
    try stream.finish()
    #expect(stream.compressedCount == compressed.count)
    #expect(stream.decompressedCount == result.count)
    return result
  }

  @Test(arguments: [1, 7, 4096, 1 << 20])
  func chunksOfAnySizeGiveTheText(chunk: Int) throws {
    let compressed = try Compressor(.gzip).compress(text)
    #expect(try inflate(compressed, chunk: chunk) == text)
  }

  @Test func membersInARowAndPaddingAreRead() throws {
    let compressor = try Compressor(.gzip)
    let empty = try compressor.compress([])
    let compressed = try compressor.compress(text) + empty + compressor.compress([1, 2, 3])
    let padded = compressed + Array(repeating: 0, count: 600)
    #expect(try inflate(padded, chunk: 100) == text + [1, 2, 3])
    #expect(try inflate([], chunk: 1) == [])
  }

  /// An end within a member is told from one between members.
  @Test func truncationIsFoundAtTheEnd() throws {
    let compressor = try Compressor(.gzip)
    let first = try compressor.compress(Array("first".utf8))
    let second = try compressor.compress(text)
    for cut in [1, 10, second.count / 2, second.count - 1] {
      let stream = try GzipStream()
      stream.push(first + second[..<cut])
      while try stream.next() != nil {}
      #expect(stream.memberEnd == first.count)
      let error = #expect(throws: CompressionError.self) { try stream.finish() }
      #expect(error?.kind == .truncated)
    }
    let stream = try GzipStream()
    stream.push(first)
    #expect(try stream.next() == Array("first".utf8))
    try stream.finish()
    #expect(stream.memberEnd == first.count)
  }

  @Test func whatIsNoGzipIsRefused() throws {
    for bytes in [
      Array("plain text".utf8), [0, 0, 0], [0x1F, 0x8B, 0xFF, 0, 0, 0, 0, 0, 0, 0, 1],
    ] {
      let stream = try GzipStream()
      stream.push(bytes)
      let error = #expect(throws: CompressionError.self) { while try stream.next() != nil {} }
      #expect(error?.kind == .corrupt)
    }
  }

  @Test func garbageBehindAMemberIsRefused() throws {
    let stream = try GzipStream()
    stream.push(try Compressor(.gzip).compress([1]) + [0, 0, 0x1F])
    #expect(try stream.next() == [1])
    let error = #expect(throws: CompressionError.self) { try stream.next() }
    #expect(error?.kind == .corrupt)
    #expect(error?.offset == 23)
  }

  @Test func aWrongChecksumIsFound() throws {
    var compressed = try Compressor(.gzip).compress(text)
    compressed[compressed.count - 6] ^= 1
    #expect(throws: CompressionError.self) { try inflate(compressed, chunk: 4096) }
  }

  /// A bomb is handed out in small pieces, never at once.
  @Test func bombsComeInPieces() throws {
    let compressed = try Compressor(.gzip, level: 9).compress(
      Array(repeating: 0, count: 20_000_000))
    #expect(compressed.count < 30_000)
    #expect(try inflate(compressed, chunk: 1 << 20, piecesMax: 4096).count == 20_000_000)
  }
}
