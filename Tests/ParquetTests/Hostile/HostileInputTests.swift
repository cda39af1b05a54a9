import Compression
import Foundation
import Records
import Testing

@testable import Parquet

/// What hostile input must be survived, and where each kind is tested.
///
/// - footer longer than the file, bad magic: HostileFooterTests.footersThatAreTooLong,
///   filesThatAreNone.
/// - overflowing varints, negative and huge counts: MetadataTests.hostileBytesAreRefused,
///   HostileFooterTests.countsThatDisagree.
/// - deep nesting: here: deepNesting; MetadataTests.unknownFieldsAreSkipped.
/// - `num_children` that lie: HostileFooterTests.schemasThatLie.
/// - chunk ranges outside the file, offset + length overflow:
///   HostileFooterTests.chunksThatLieOutside.
/// - chunk ranges that overlap: here: overlappingChunks.
/// - row counts that disagree: HostileFooterTests.countsThatDisagree.
/// - index lengths that disagree: PruningTests.indexesThatLie; here: indexesOfAnotherLength.
/// - wrong-length statistics: here: statisticsOfAWrongLength.
/// - FIXED_LEN of 0 or less: HostileFooterTests.schemasThatLie.
/// - page headers beyond 16 MiB: here: pageHeadersOfAnySize.
/// - negative sizes, empty bodies: HostilePageTests.sizesThatLie.
/// - version 2 level lengths beyond the page: HostilePageTests.version2LevelsThatLie.
/// - uncompressed sizes that lie, bombs: HostilePageTests.bombsAreRefused; here:
///   bombsOfEveryCodec.
/// - missing and second dictionaries, index out of range:
///   HostilePageTests.dictionariesThatLie.
/// - levels too few and too large: HostilePageTests.levelsThatLie.
/// - first repetition level not 0: HostilePageTests.listsThatLie.
/// - nulls in a required column: here: nullsInARequiredColumn.
/// - RLE width above 32 and 0, zero-length runs, runs beyond the page:
///   HybridDecoderTests.refusesWhatIsNoRun, HostilePageTests.dictionariesThatLie.
/// - delta widths above 64, odd block sizes, long prefixes: here: deltasThatLie;
///   ValueDecodingTests.
/// - invalid UTF-8: HostilePageTests.textsThatAreNone.
/// - lengths and offsets past 2 GiB: here: lengthsPastTwoGibibytes.
/// - recursion in Variant: VariantTests.nestingIsBounded.
/// - memory beyond the budget: RoundTripTests.memoryIsBounded,
///   HostilePageTests.bombsAreRefused.
/// - work out of proportion to the bytes: here: manyEmptyPages, manyRowGroups,
///   manyPagesLeftOut.
///
/// `make fuzz` looks for what is not in the list.
@Suite struct HostileInputTests {
  private let two = FileBuilder.int32s([1, 2])

  private func outcome(_ builder: FileBuilder) -> Outcome { Outcome(reading: builder.bytes()) }

  @Test func deepNesting() {
    for depth in [50, 200, 20_000] {
      var elements = [FileBuilder.root(1)]
      for _ in 0..<depth {
        elements.append(SchemaElement(name: "g", repetition: .optional, childCount: 1))
      }
      elements.append(SchemaElement(name: "a", type: .int32, repetition: .optional))
      let metadata = FileMetaData(schema: elements, rowCount: 0, rowGroups: [])
      let bytes = FileBuilder.finish(Array("PAR1".utf8), footer: metadata.footer)
      let expected: Outcome = depth < ParquetSchema.depthMax ? .rows([]) : .failure(.limitExceeded)
      #expect(Outcome(reading: bytes) == expected)
    }
  }

  /// Chunks may claim the same bytes: each is read for itself.
  @Test func overlappingChunks() {
    let page = FileBuilder.data(two, count: 2)
    let elements = [
      FileBuilder.root(2), SchemaElement(name: "a", type: .int32, repetition: .required),
      SchemaElement(name: "b", type: .int32, repetition: .required),
    ]
    let chunks = ["a", "b"].map {
      FileBuilder.Chunk(type: .int32, path: [$0], pages: [page], valueCount: 2)
    }
    var builder = FileBuilder(elements: elements, groups: [(2, chunks)])
    builder.groups[0].chunks[1].adjust = { $0.dataPageOffset = 4 }
    #expect(outcome(builder) == .rows(["{\"a\":1,\"b\":1}", "{\"a\":2,\"b\":2}"]))
    builder.groups[0].chunks[1].adjust = { $0.dataPageOffset = 9 }
    if case .rows = outcome(builder) {
      Issue.record("a chunk that begins within a header was read")
    }
  }

  @Test func statisticsOfAWrongLength() throws {
    for bound: [UInt8] in [[], [1], [1, 2, 3], [UInt8](repeating: 9, count: 5), Array(0...200)] {
      var builder = FileBuilder.single(pages: [FileBuilder.data(two, count: 2)], rows: 2)
      builder.groups[0].chunks[0].statistics = Statistics(min: bound[...], max: bound[...])
      for comparison in Predicate.Comparison.allCases where comparison.hasOperand {
        let condition = Predicate("a", comparison, .integer(2))
        let found = Outcome.read(builder.bytes(), predicates: [condition]).0
        #expect(found == .rows(["{\"a\":1}", "{\"a\":2}"]), "\(bound) \(comparison)")
      }
    }
  }

  @Test func indexesOfAnotherLength() throws {
    let batch = RoundTripTests.batch(rows: 90, seed: 1, distinct: 90, types: [.int64])
    var options = WriteOptions(codec: .none)
    options.pageRowsMax = 10
    let bytes = try RoundTripTests.write(batch, options)
    let opened = try ParquetFile(MemorySource(bytes))
    let name = batch.schema.fields[0].name
    for length: Int32 in [-1, 0, 1, 20, .max] {
      for isColumnIndex in [true, false] {
        var metadata = opened.metadata
        if isColumnIndex {
          metadata.rowGroups[0].columns[0].columnIndexLength = length
        } else {
          metadata.rowGroups[0].columns[0].offsetIndexLength = length
        }
        let changed = FileBuilder.finish(
          Array(bytes[..<opened.footerOffset]), footer: metadata.footer)
        let condition = Predicate(name, .greater, .integer(0))
        let found = Outcome.read(changed, predicates: [condition]).0
        if length > 0, case .rows = found { Issue.record("an index of \(length) bytes was read") }
      }
    }
  }

  @Test func pageHeadersOfAnySize() {
    // A field that is not known, a byte string, makes the header as long as one likes.
    func header(byteCount: Int, claimed: Int) -> [UInt8] {
      var page = FileBuilder.data(two, count: 2).header.serialized()
      page.removeLast()
      var length = claimed
      var varint: [UInt8] = []
      while length >= 0x80 {
        varint.append(UInt8(length & 0x7F) | 0x80)
        length >>= 7
      }
      varint.append(UInt8(length))
      // Field 30, by its full number.
      return page + [0x08, 60] + varint + [UInt8](repeating: 1, count: byteCount) + [0]
    }
    func file(_ header: [UInt8]) -> [UInt8] {
      var builder = FileBuilder.single(pages: [], rows: 2)
      let data = Array("PAR1".utf8) + header + two
      builder.groups[0].chunks[0].adjust = {
        $0.dataPageOffset = 4
        $0.totalCompressedSize = Int64(data.count - 4)
      }
      let whole = builder.bytes()
      return data + whole[4...]
    }
    #expect(
      Outcome(reading: file(header(byteCount: 100_000, claimed: 100_000)))
        == .rows(["{\"a\":1}", "{\"a\":2}"]))
    let tooLarge = file(header(byteCount: 17 << 20, claimed: 17 << 20))
    #expect(Outcome(reading: tooLarge) == .failure(.truncated))
    #expect(
      Outcome(reading: file(header(byteCount: 10, claimed: 1 << 40))) == .failure(.truncated))
  }

  /// Pages that really unpack to far more than they claim, and that claim far more than they hold.
  @Test func bombsOfEveryCodec() throws {
    let zeros = [UInt8](repeating: 0, count: 8 << 20)
    for codec in [Codec.snappy, .gzip, .zstd, .brotli, .lz4Raw] {
      let body = try Compressor(codec).compress(zeros)
      let claims = FileBuilder.data(body, count: 2, raw: 8)
      let found = outcome(.single(pages: [claims], rows: 2, codec: codec))
      #expect(found == .failure(.corrupt) || found == .failure(.limitExceeded), "\(codec)")
      var options = ReadOptions()
      options.memoryByteCountMax = 1 << 20
      let honest = FileBuilder.data(body, count: 2 << 20, raw: zeros.count)
      let bytes = FileBuilder.single(pages: [honest], rows: 2 << 20, codec: codec).bytes()
      #expect(Outcome(reading: bytes, options: options) == .failure(.limitExceeded), "\(codec)")
    }
  }

  @Test func nullsInARequiredColumn() {
    let page = FileBuilder.dataV2(two, count: 3, nulls: 1)
    #expect(outcome(.single(pages: [page], rows: 3)) == .failure(.corrupt))
    // Levels where there are to be none are values of a length that is wrong.
    let levels = FileBuilder.dataV2(definition: [4, 1], two, count: 2)
    if case .rows(let rows) = outcome(.single(pages: [levels], rows: 2)) {
      #expect(rows == ["{\"a\":1}", "{\"a\":2}"])
    }
  }

  @Test func deltasThatLie() {
    func read(_ body: [UInt8], _ type: PrimitiveType, _ encoding: Encoding) -> Outcome {
      outcome(
        .single(
          type, pages: [FileBuilder.data(body, count: 2, encoding: encoding)], rows: 2))
    }
    let good: [UInt8] = [128, 1, 4, 2, 2, 2, 0, 0, 0, 0]
    #expect(read(good, .int32, .deltaBinaryPacked) == .rows(["{\"a\":1}", "{\"a\":2}"]))
    for (place, byte): (Int, UInt8) in [(6, 65), (6, 255), (2, 3), (2, 0), (0, 129)] {
      var bad = good
      bad[place] = byte
      #expect(read(bad, .int32, .deltaBinaryPacked) == .failure(.corrupt), "byte \(place)")
    }
    // A prefix of three bytes of a value of one.
    let prefixes: [UInt8] = [128, 1, 4, 2, 0, 6, 0, 0, 0, 0]
    let suffixes: [UInt8] = [128, 1, 4, 2, 2, 0, 0, 0, 0, 0, 97, 98]
    #expect(read(prefixes + suffixes, .byteArray, .deltaByteArray) == .failure(.corrupt))
    // Negative lengths.
    let lengths: [UInt8] = [128, 1, 4, 2, 1, 0, 0, 0, 0, 0, 97, 98]
    #expect(read(lengths, .byteArray, .deltaLengthByteArray) == .failure(.corrupt))
  }

  @Test func lengthsPastTwoGibibytes() {
    for length: UInt32 in [1 << 31, .max, .max - 3] {
      let body = FileBuilder.littleEndian(length, 4) + [1, 2, 3]
      let page = FileBuilder.data(body, count: 1)
      #expect(outcome(.single(.byteArray, pages: [page], rows: 1)) == .failure(.corrupt))
      let dictionary = FileBuilder.dictionary(body, count: 1)
      let indices = FileBuilder.data([1, 2, 0], count: 1, encoding: .rleDictionary)
      #expect(
        outcome(
          .single(.byteArray, pages: [dictionary, indices], rows: 1, hasDictionary: true))
          == .failure(.corrupt))
    }
  }

  /// A time of an unknown unit is kept as unknown, and written as nothing that would be refused.
  @Test func timesOfUnknownUnits() throws {
    for field: UInt8 in [7, 8] {
      // {field: {1: true, 2: {4: {}}}}, a unit that does not exist.
      var reader = ThriftReader([field << 4 | 0x0C, 0x11, 0x1C, 0x4C, 0, 0, 0, 0])
      let type = try LogicalType(from: &reader)
      #expect(type == .unknown(field: Int(field)))
      var again = ThriftReader(type.serialized())
      let written = try LogicalType(from: &again)
      #expect(written == .unknown(field: 0))
    }
  }

  // MARK: What other writers do

  /// Arrow puts 0 for the data page of a chunk without rows, with a dictionary or without.
  @Test func chunksWithoutRows() {
    let dictionary = FileBuilder.dictionary([], count: 0)
    var builder = FileBuilder.single(pages: [dictionary], rows: 0, hasDictionary: true) {
      $0.dataPageOffset = 0
    }
    #expect(outcome(builder) == .rows([]))
    #expect(ParquetFile.verify(MemorySource(builder.bytes())).isSound)
    builder = FileBuilder.single(pages: [], rows: 0) { $0.dataPageOffset = 0 }
    #expect(outcome(builder) == .rows([]))
    #expect(ParquetFile.verify(MemorySource(builder.bytes())).isSound)
    builder = FileBuilder.single(pages: [], rows: 2) { $0.dataPageOffset = 0 }
    #expect(outcome(builder) == .failure(.corrupt))
  }

  /// DuckDB packs levels in blocks of 256, whatever the page holds.
  @Test func paddedRunsOfLevels() {
    let run: [UInt8] = [32 << 1 | 1, 0b11] + [UInt8](repeating: 0, count: 31)
    let levels = FileBuilder.littleEndian(run.count, 4) + run
    let page = FileBuilder.data(levels + two, count: 2)
    #expect(
      outcome(.single(.int32, .optional, pages: [page], rows: 2))
        == .rows(["{\"a\":1}", "{\"a\":2}"]))
  }

  // MARK: Work in proportion

  /// - Returns: how long reading takes, compared with what must be far less.
  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let time = try clock.measure(body)
    return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
  }

  @Test func manyEmptyPages() {
    let none = FileBuilder.data([], count: 0)
    let pages = [FileBuilder.Page](repeating: none, count: 50_000)
    let bytes = FileBuilder.single(pages: pages + [FileBuilder.data(two, count: 2)], rows: 2)
      .bytes()
    let spent = seconds { #expect(Outcome(reading: bytes) == .rows(["{\"a\":1}", "{\"a\":2}"])) }
    #expect(spent < 10, "\(spent) seconds")
  }

  @Test func manyRowGroups() throws {
    let page = FileBuilder.data(FileBuilder.int32s([1]), count: 1)
    var one = FileBuilder.single(pages: [page], rows: 1)
    // Row groups of next to no bytes would be refused for the memory that they take.
    let bound = [UInt8](repeating: 1, count: 60)
    one.groups[0].chunks[0].statistics = Statistics(min: bound[...], max: bound[...])
    let opened = try ParquetFile(MemorySource(one.bytes()))
    var metadata = opened.metadata
    metadata.rowGroups = Array(repeating: metadata.rowGroups[0], count: 30_000)
    let bytes = FileBuilder.finish(
      Array(one.bytes()[..<opened.footerOffset]), footer: metadata.footer)
    let spent = try seconds {
      let file = try ParquetFile(MemorySource(bytes))
      for rows: Range<Int>? in [nil, 29_990..<40_000] {
        let reader = try file.reader(rows: rows)
        var count = 0
        while let batch = try reader.next() { count += batch.rowCount }
        #expect(count == (rows == nil ? 30_000 : 10))
      }
    }
    #expect(spent < 20, "\(spent) seconds")
  }

  /// Every other page is left out, so that each one that is read is found anew.
  @Test func manyPagesLeftOut() throws {
    let count = 40_000
    let values = (0..<count).map { Int64($0 % 2) }
    let schema = Schema([Field("a", .int64, isNullable: false)])
    let batch = Batch(
      schema: schema, columns: [Column(type: .int64, count: count, values: .int64(values))],
      rowCount: count)
    var options = WriteOptions(codec: .none)
    options.pageRowsMax = 1
    options.writesChecksums = false
    let bytes = try RoundTripTests.write(batch, options)
    let spent = try seconds {
      let file = try ParquetFile(MemorySource(bytes))
      let reader = try file.reader(predicates: [Predicate("a", .equal, .integer(1))])
      var found = 0
      while let batch = try reader.next() { found += batch.rowCount }
      #expect(found >= count / 2)
    }
    #expect(spent < 20, "\(spent) seconds")
  }
}
