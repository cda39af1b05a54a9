import Compression
import Records
import Testing

@testable import Parquet

/// Pages that lie.
@Suite struct HostilePageTests {
  private func outcome(_ builder: FileBuilder) -> Outcome { Outcome(reading: builder.bytes()) }

  private let two = FileBuilder.int32s([1, 2])

  @Test func sizesThatLie() {
    // The body is shorter than the header says; the chunk ends before the page does.
    var page = FileBuilder.data(two, count: 2)
    page.header.compressedSize = 100
    #expect(outcome(.single(pages: [page], rows: 2)) == .failure(.truncated))
    page.header.compressedSize = .max
    #expect(outcome(.single(pages: [page], rows: 2)) == .failure(.truncated))
    page.header.compressedSize = -8
    #expect(outcome(.single(pages: [page], rows: 2)) == .failure(.corrupt))
    page = FileBuilder.data(two, count: 2, raw: 400)
    #expect(outcome(.single(pages: [page], rows: 2)) == .failure(.corrupt))
    for codec in [Codec.snappy, .gzip, .zstd, .brotli, .lz4Raw, .lz4] {
      #expect(outcome(.single(pages: [page], rows: 2, codec: codec)) == .failure(.corrupt))
    }
    let empty = FileBuilder.data([], count: 2)
    for codec in [Codec.none, .snappy, .zstd] {
      #expect(outcome(.single(pages: [empty], rows: 2, codec: codec)) == .failure(.corrupt))
    }
  }

  @Test func bombsAreRefused() throws {
    let page = FileBuilder.data([1, 2, 3], count: 2, raw: 1 << 30)
    var options = ReadOptions()
    options.memoryByteCountMax = 1 << 20
    for codec in [Codec.snappy, .gzip, .zstd, .brotli] {
      let bytes = FileBuilder.single(pages: [page], rows: 2, codec: codec).bytes()
      #expect(Outcome(reading: bytes, options: options) == .failure(.limitExceeded))
    }
    // Two billion nulls in a handful of bytes come in batches that the budget bounds.
    let definition: [UInt8] = [0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0]
    let body = FileBuilder.littleEndian(definition.count, 4) + definition
    let nulls = FileBuilder.data(body, count: .max)
    let file = FileBuilder.single(.int32, .optional, pages: [nulls], rows: Int64(Int32.max))
    options.batchRowCountMax = 1 << 30
    options.batchByteCountMax = .max
    let reader = try ParquetFile(MemorySource(file.bytes()), options: options).reader()
    let rowCount = try #require(try reader.next()).rowCount
    #expect(rowCount > 0 && rowCount * 4 <= options.memoryByteCountMax)
    // The levels of lists are decoded a page at a time, so here the budget refuses.
    let lists = FileBuilder.data(
      FileBuilder.littleEndian(definition.count, 4) + definition + body, count: .max)
    let list = FileBuilder.list(pages: [lists], rows: Int64(Int32.max), values: Int64(Int32.max))
    #expect(Outcome(reading: list.bytes(), options: options) == .failure(.limitExceeded))
  }

  @Test func tooFewAndTooManyValues() {
    let one = FileBuilder.data(FileBuilder.int32s([1]), count: 1)
    #expect(outcome(.single(pages: [one], rows: 2)) == .failure(.corrupt))
    #expect(outcome(.single(pages: [], rows: 2)) == .failure(.corrupt))
    let three = FileBuilder.data(FileBuilder.int32s([1, 2, 3]), count: 3)
    #expect(outcome(.single(pages: [three], rows: 2)) == .failure(.corrupt))
    #expect(
      outcome(.single(pages: [FileBuilder.data(two, count: 3)], rows: 3)) == .failure(.corrupt))
    let negative = FileBuilder.data(two, count: -2)
    #expect(outcome(.single(pages: [negative], rows: 2)) == .failure(.corrupt))
    // Pages of no values are passed over.
    let none = FileBuilder.data([], count: 0)
    #expect(
      outcome(.single(pages: [none, FileBuilder.data(two, count: 2), none], rows: 2))
        == .rows(["{\"a\":1}", "{\"a\":2}"]))
  }

  @Test func version2LevelsThatLie() {
    func page(_ change: (inout DataPageHeaderV2) -> Void) -> FileBuilder.Page {
      var page = FileBuilder.dataV2(definition: [4, 1], two, count: 2)
      guard case .dataV2(var header) = page.header.body else { return page }
      change(&header)
      page.header.body = .dataV2(header)
      return page
    }
    func read(_ change: (inout DataPageHeaderV2) -> Void) -> Outcome {
      outcome(.single(.int32, .optional, pages: [page(change)], rows: 2))
    }
    #expect(read { _ in } == .rows(["{\"a\":1}", "{\"a\":2}"]))
    #expect(read { $0.definitionLevelsByteCount = 100 } == .failure(.corrupt))
    #expect(read { $0.repetitionLevelsByteCount = .max } == .failure(.corrupt))
    #expect(read { $0.definitionLevelsByteCount = -1 } == .failure(.corrupt))
    #expect(read { $0.definitionLevelsByteCount = 0 } == .failure(.corrupt))
    #expect(read { $0.nullCount = 3 } == .failure(.corrupt))
    #expect(read { $0.rowCount = 3 } == .failure(.corrupt))
  }

  @Test func levelsThatLie() {
    func read(_ runs: [(UInt8, UInt8)], count: Int32 = 2) -> Outcome {
      let levels = FileBuilder.levels(runs.map { (level: $0.0, count: $0.1) })
      let page = FileBuilder.data(levels + two, count: count)
      return outcome(.single(.int32, .optional, pages: [page], rows: Int64(count)))
    }
    #expect(read([(1, 2)]) == .rows(["{\"a\":1}", "{\"a\":2}"]))
    #expect(read([(0, 1), (1, 1)]) == .rows(["{\"a\":null}", "{\"a\":1}"]))
    #expect(read([(2, 2)]) == .failure(.corrupt))
    #expect(read([(1, 1)]) == .failure(.corrupt))
    #expect(read([(1, 3)]) == .failure(.corrupt))
    #expect(read([(1, 0), (1, 2)]) == .failure(.corrupt))
    #expect(read([(1, 3)], count: 3) == .failure(.corrupt))
    let long = FileBuilder.data([200, 0, 0, 0] + two, count: 2)
    #expect(outcome(.single(.int32, .optional, pages: [long], rows: 2)) == .failure(.corrupt))
    let short = FileBuilder.data([1, 0], count: 2)
    #expect(outcome(.single(.int32, .optional, pages: [short], rows: 2)) == .failure(.corrupt))
    var unknown = FileBuilder.data(FileBuilder.levels([(1, 2)]) + two, count: 2)
    unknown.header.body = .data(
      DataPageHeader(valueCount: 2, encoding: .plain, definitionLevelEncoding: .plain))
    #expect(
      outcome(.single(.int32, .optional, pages: [unknown], rows: 2)) == .failure(.unsupported))
  }

  @Test func listsThatLie() {
    func read(
      repetition: [(UInt8, UInt8)], definition: [(UInt8, UInt8)], count: Int32, rows: Int64,
      values: [Int32]
    ) -> Outcome {
      let body =
        FileBuilder.levels(repetition.map { (level: $0.0, count: $0.1) })
        + FileBuilder.levels(definition.map { (level: $0.0, count: $0.1) })
        + FileBuilder.int32s(values)
      return outcome(
        .list(pages: [FileBuilder.data(body, count: count)], rows: rows, values: Int64(count)))
    }
    // [1, null], null, []
    #expect(
      read(
        repetition: [(0, 1), (1, 1), (0, 2)], definition: [(3, 1), (2, 1), (0, 1), (1, 1)],
        count: 4, rows: 3, values: [1])
        == .rows(["{\"a\":[1,null]}", "{\"a\":null}", "{\"a\":[]}"]))
    #expect(
      read(
        repetition: [(1, 1), (0, 1)], definition: [(3, 2)], count: 2, rows: 1, values: [1, 2])
        == .failure(.corrupt))
    #expect(
      read(repetition: [(0, 2)], definition: [(3, 2)], count: 2, rows: 3, values: [1, 2])
        == .failure(.corrupt))
    #expect(
      read(repetition: [(0, 2)], definition: [(3, 2)], count: 2, rows: 1, values: [1, 2])
        == .failure(.corrupt))
    #expect(
      read(repetition: [(2, 2)], definition: [(3, 2)], count: 2, rows: 2, values: [1, 2])
        == .failure(.corrupt))
    #expect(
      read(repetition: [(0, 2)], definition: [(3, 2)], count: 2, rows: 2, values: [1])
        == .failure(.corrupt))
  }

  @Test func dictionariesThatLie() {
    let dictionary = FileBuilder.dictionary(two, count: 2)
    func read(_ pages: [FileBuilder.Page], rows: Int64 = 2) -> Outcome {
      outcome(.single(pages: pages, rows: rows, hasDictionary: true))
    }
    let indices = FileBuilder.data([1, 3, 0b10], count: 2, encoding: .rleDictionary)
    #expect(read([dictionary, indices]) == .rows(["{\"a\":1}", "{\"a\":2}"]))
    #expect(read([indices]) == .failure(.corrupt))
    #expect(read([dictionary, dictionary, indices]) == .failure(.corrupt))
    let one = FileBuilder.data([1, 2, 0], count: 1, encoding: .plainDictionary)
    #expect(read([dictionary, one, one]) == .rows(["{\"a\":1}", "{\"a\":1}"]))
    #expect(read([dictionary, one, dictionary, one]) == .failure(.corrupt))
    for body: [UInt8] in [[2, 4, 3], [33, 4, 0], [], [1], [1, 4], [1, 8, 0]] {
      let page = FileBuilder.data(body, count: 2, encoding: .rleDictionary)
      #expect(read([dictionary, page]) == .failure(.corrupt))
    }
    for count: Int32 in [3, .max, -1] {
      #expect(read([FileBuilder.dictionary(two, count: count), indices]) == .failure(.corrupt))
    }
    let odd = FileBuilder.dictionary(two, count: 2, encoding: .deltaBinaryPacked)
    #expect(read([odd, indices]) == .failure(.unsupported))
    // A width of 0: all indices are 0.
    let zero = FileBuilder.data([0], count: 2, encoding: .rleDictionary)
    #expect(read([dictionary, zero]) == .rows(["{\"a\":1}", "{\"a\":1}"]))
    #expect(read([FileBuilder.dictionary([], count: 0), zero]) == .failure(.corrupt))
  }

  @Test func encodingsThatDoNotFit() {
    for encoding in [
      Encoding.deltaByteArray, .deltaLengthByteArray, .rle, .bitPacked, Encoding(rawValue: 99),
    ] {
      let page = FileBuilder.data(two, count: 2, encoding: encoding)
      #expect(outcome(.single(pages: [page], rows: 2)) == .failure(.unsupported))
    }
    let split = FileBuilder.data([1, 2, 3], count: 1, encoding: .byteStreamSplit)
    #expect(outcome(.single(pages: [split], rows: 1)) == .failure(.corrupt))
    let runs = FileBuilder.data([9, 0, 0, 0, 4, 1], count: 2, encoding: .rle)
    #expect(outcome(.single(.boolean, pages: [runs], rows: 2)) == .failure(.corrupt))
    let delta = FileBuilder.data([8, 1, 3, 0, 0, 0], count: 2, encoding: .deltaBinaryPacked)
    #expect(outcome(.single(pages: [delta], rows: 2)) == .failure(.corrupt))
  }

  @Test func textsThatAreNone() {
    let bad = FileBuilder.data(FileBuilder.littleEndian(1, 4) + [0xFF], count: 1)
    let file = FileBuilder.single(.byteArray, pages: [bad], rows: 1, logical: .string)
    #expect(outcome(file) == .failure(.corrupt))
    var options = ReadOptions()
    options.validatesText = false
    #expect(Outcome(reading: file.bytes(), options: options) == .rows(["{\"a\":\"\u{FFFD}\"}"]))
    let binary = FileBuilder.single(.byteArray, pages: [bad], rows: 1)
    #expect(outcome(binary) == .rows(["{\"a\":\"/w==\"}"]))
    // Two halves of a character are no texts, even though together they are.
    let halves = FileBuilder.littleEndian(1, 4) + [0xC3] + FileBuilder.littleEndian(1, 4) + [0xA4]
    let split = FileBuilder.single(
      .byteArray, pages: [FileBuilder.data(halves, count: 2)], rows: 2, logical: .string)
    #expect(outcome(split) == .failure(.corrupt))
    let long = FileBuilder.data([0xFF, 0xFF, 0xFF, 0xFF, 1], count: 1)
    #expect(outcome(.single(.byteArray, pages: [long], rows: 1)) == .failure(.corrupt))
  }

  @Test func checksums() {
    var page = FileBuilder.data(two, count: 2)
    page.header.crc = 0xDEAD_BEEF
    let file = FileBuilder.single(pages: [page], rows: 2)
    #expect(outcome(file) == .failure(.checksumMismatch))
    var options = ReadOptions()
    options.checksChecksums = false
    #expect(Outcome(reading: file.bytes(), options: options) == .rows(["{\"a\":1}", "{\"a\":2}"]))
    let (_, error) = Outcome.read(file.bytes())
    #expect(error?.place.column == "a")
    #expect(error?.place.offset == 4)
    #expect(error?.place.rowGroup == 0)
  }

  @Test func pagesOfOtherKinds() {
    let good = FileBuilder.data(two, count: 2)
    var index = good
    index.header.type = .index
    index.header.body = .index
    var future = good
    future.header.type = PageType(rawValue: 9)
    future.header.body = .unknown
    #expect(
      outcome(.single(pages: [index, future, good], rows: 2)) == .rows(["{\"a\":1}", "{\"a\":2}"]))
    var headless = good
    headless.header.body = .unknown
    #expect(outcome(.single(pages: [headless], rows: 2)) == .failure(.corrupt))
  }

  @Test func numbersThatDoNotFit() {
    // A decimal of 4 digits in 64 bits that needs more than 32.
    let wide = FileBuilder.data(FileBuilder.littleEndian(Int64(1) << 40, 8), count: 1)
    let file = FileBuilder.single(
      .int64, pages: [wide], rows: 1, logical: .decimal(precision: 4, scale: 2))
    #expect(outcome(file) == .failure(.schemaMismatch))
    let far = FileBuilder.data(
      FileBuilder.littleEndian(0, 8) + FileBuilder.littleEndian(5_000_000, 4), count: 1)
    let moment = FileBuilder.single(.int96, pages: [far], rows: 1).bytes()
    #expect(Outcome(reading: moment) == .failure(.schemaMismatch))
    var options = ReadOptions()
    options.int96Unit = .microseconds
    #expect(
      Outcome(reading: moment, options: options) == .rows(["{\"a\":\"8977-06-07T00:00:00\"}"]))
  }

  @Test func aReaderThatFailedIsClosed() throws {
    let page = FileBuilder.data(FileBuilder.int32s([1]), count: 1)
    let bytes = FileBuilder.single(pages: [page], rows: 2).bytes()
    let reader = try ParquetFile(MemorySource(bytes)).reader()
    #expect(throws: ParquetError.self) { try reader.next() }
    #expect {
      try reader.next()
    } throws: {
      ($0 as? ParquetError)?.kind == .closed
    }
  }

  @Test func sourcesThatFail() {
    struct Broken: ByteSource {
      let byteCount = 1000
      let isShort: Bool
      struct Failure: Error {}
      func read(_ range: Range<Int>) throws -> [UInt8] {
        if isShort { return [1] }
        throw Failure()
      }
    }
    for isShort in [true, false] {
      #expect {
        try ParquetFile(Broken(isShort: isShort))
      } throws: {
        ($0 as? ParquetError)?.kind == .transferFailed
      }
    }
  }
}
