import Compression
import Kernels
import Testing

/// Texts that compress well, badly and not at all.
private let samples: [[UInt8]] = {
  var state: UInt64 = 7
  func random() -> UInt8 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt8(truncatingIfNeeded: state >> 33)
  }
  return [
    [], [0], Array("a".utf8), Array(repeating: 7, count: 100_000),
    (0..<5000).map { _ in random() }, (0..<70_000).map { _ in random() & 3 },
    Array(String(repeating: "the tide and the mark, ", count: 3000).utf8),
  ]
}()

/// 20,000 names of 16 random hexadecimal digits, each behind its length in 4 bytes.
private let randomNames: [UInt8] = {
  var state: UInt64 = 11
  let digits = Array("0123456789abcdef".utf8)
  var bytes: [UInt8] = []
  for _ in 0..<20_000 {
    bytes += [16, 0, 0, 0]
    for _ in 0..<16 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      bytes.append(digits[Int(state >> 60)])
    }
  }
  return bytes
}()

private let writable: [Codec] = [.none, .snappy, .gzip, .brotli, .zstd, .lz4Raw]

@Suite struct CodecTests {
  @Test(arguments: writable)
  func whatIsCompressedComesBack(codec: Codec) throws {
    let compressor = try Compressor(codec)
    let decompressor = try Decompressor(codec)
    for sample in samples {
      let compressed = try compressor.compress(sample)
      let back = try decompressor.decompress(compressed.span.bytes, count: sample.count)
      #expect(back == sample)
      var buffer = ByteBuffer()
      buffer.append([1, 2, 3])
      try decompressor.decompress(compressed.span.bytes, count: sample.count, into: &buffer)
      #expect(buffer.array() == [1, 2, 3] + sample)
      let padded = try decompressor.decompress(
        compressed.span.bytes, count: sample.count, padding: 5)
      #expect(padded == sample + [0, 0, 0, 0, 0])
    }
  }

  /// A sparse search finds less, and what is there comes back all the same.
  @Test(arguments: writable)
  func whatIsCompressedSparselyComesBack(codec: Codec) throws {
    let compressor = try Compressor(codec)
    let decompressor = try Decompressor(codec)
    #expect(compressor.hasSparseSearch == (codec == .zstd))
    for sample in samples + [randomNames] {
      var buffer = ByteBuffer()
      // In turns: neither search disturbs the other's context.
      for search in [MatchSearch.sparse, .ofLevel, .sparse] {
        buffer.removeAll()
        let count = try compressor.compress(sample.span.bytes, into: &buffer, search: search)
        #expect(count == buffer.count)
        let compressed = buffer.array()
        let back = try decompressor.decompress(compressed.span.bytes, count: sample.count)
        #expect(back == sample)
      }
    }
  }

  /// What the sparse search is for: chance matches cost more than they save.
  @Test(arguments: [3, 9])
  func randomNamesAreSmallerWithoutChanceMatches(level: Int) throws {
    let compressor = try Compressor(.zstd, level: level)
    var sparse = ByteBuffer()
    try compressor.compress(randomNames.span.bytes, into: &sparse, search: .sparse)
    var usual = ByteBuffer()
    try compressor.compress(randomNames.span.bytes, into: &usual)
    #expect(sparse.count < usual.count)
    // 16 digits of 4 bits in 20 bytes are 40 in a hundred.
    #expect(sparse.count < randomNames.count * 48 / 100)
  }

  /// A promise of too many or too few bytes is an error, and writes nothing past the promise.
  @Test(arguments: writable)
  func falsePromisesAreFound(codec: Codec) throws {
    let compressor = try Compressor(codec)
    let decompressor = try Decompressor(codec)
    for sample in samples where sample.count > 1 {
      let compressed = try compressor.compress(sample)
      for promised in [0, sample.count - 1, sample.count + 1, sample.count * 3] {
        #expect(throws: CompressionError.self) {
          try decompressor.decompress(compressed.span.bytes, count: promised)
        }
      }
      #expect(throws: CompressionError.self) {
        try decompressor.decompress(compressed.span.bytes, count: -1)
      }
      #expect(try decompressor.decompress(compressed.span.bytes, count: sample.count) == sample)
    }
  }

  @Test(arguments: writable)
  func everyTruncationIsAnError(codec: Codec) throws {
    let sample = samples[6]
    let compressed = try Compressor(codec).compress(sample)
    let decompressor = try Decompressor(codec)
    for end in stride(from: 0, to: compressed.count, by: max(1, compressed.count / 50)) {
      #expect(throws: CompressionError.self) {
        try decompressor.decompress(
          Array(compressed[..<end]).span.bytes, count: sample.count)
      }
    }
  }

  /// Changed bytes give an error or other bytes of the right number, never a crash.
  @Test(arguments: writable)
  func changedBytesAreSurvived(codec: Codec) throws {
    let sample = samples[5]
    let compressed = try Compressor(codec).compress(sample)
    let decompressor = try Decompressor(codec)
    for position in stride(from: 0, to: compressed.count, by: max(1, compressed.count / 97)) {
      var changed = compressed
      changed[position] ^= 0x55
      let back = try? decompressor.decompress(changed.span.bytes, count: sample.count)
      #expect(back.map { $0.count == sample.count } ?? true)
    }
    #expect(try decompressor.decompress(compressed.span.bytes, count: sample.count) == sample)
  }

  @Test func gzipMembersInARowAreOneText() throws {
    let compressor = try Compressor(.gzip)
    let joined = try compressor.compress(samples[6]) + compressor.compress(samples[1])
    let back = try Decompressor(.gzip).decompress(
      joined.span.bytes, count: samples[6].count + samples[1].count)
    #expect(back == samples[6] + samples[1])
  }

  /// Hadoop's frame of two blocks, and the bare block that some writers put instead.
  @Test func lz4InHadoopsFrameIsRead() throws {
    func bigEndian(_ value: Int) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - $0 * 8)) }
    }
    let raw = try Compressor(.lz4Raw)
    let blocks = [samples[6], samples[5]]
    var framed: [UInt8] = []
    for block in blocks {
      let compressed = try raw.compress(block)
      framed += bigEndian(block.count) + bigEndian(compressed.count) + compressed
    }
    let decompressor = try Decompressor(.lz4)
    let total = blocks.reduce(0) { $0 + $1.count }
    #expect(try decompressor.decompress(framed.span.bytes, count: total) == blocks[0] + blocks[1])
    let bare = try raw.compress(blocks[0])
    #expect(try decompressor.decompress(bare.span.bytes, count: blocks[0].count) == blocks[0])
    #expect(throws: CompressionError.self) {
      try decompressor.decompress(framed.span.bytes, count: total + 1)
    }
  }

  @Test func codecsThatCanNotBeWrittenSaySo() {
    for codec in [Codec.lzo, .lz4] {
      let error = #expect(throws: CompressionError.self) { try Compressor(codec) }
      #expect(error?.kind == .unsupported)
    }
    let error = #expect(throws: CompressionError.self) { try Decompressor(.lzo) }
    #expect(
      error?.description
        == "lzo: lzo can not be read; rewrite the data with zstd, snappy, gzip, brotli or lz4_raw")
  }

  @Test func levelsOutOfRangeAreRefused() {
    #expect(throws: CompressionError.self) { try Compressor(.zstd, level: 23) }
    #expect(throws: CompressionError.self) { try Compressor(.gzip, level: 0) }
    #expect(throws: CompressionError.self) { try Compressor(.brotli, level: 12) }
  }

  @Test func namesGoBothWays() {
    for codec in Codec.allCases { #expect(Codec(name: codec.name.uppercased()) == codec) }
    #expect(Codec(name: "uncompressed") == Codec.none)
    #expect(Codec(name: "zip") == nil)
  }
}
