import Compression
import Testing

@testable import Parquet

/// Footers and metadata that lie.
@Suite struct HostileFooterTests {
  private let good = FileBuilder.single(
    pages: [FileBuilder.data(FileBuilder.int32s([1, 2]), count: 2)], rows: 2)

  @Test func theGoodFileIsRead() {
    #expect(Outcome(reading: good.bytes()) == .rows(["{\"a\":1}", "{\"a\":2}"]))
  }

  @Test func filesThatAreNone() {
    #expect(Outcome(reading: []) == .failure(.notParquet))
    #expect(Outcome(reading: Array("PAR1PAR1".utf8)) == .failure(.notParquet))
    #expect(Outcome(reading: [UInt8](repeating: 7, count: 100)) == .failure(.notParquet))
    var bytes = good.bytes()
    bytes[bytes.count - 1] = UInt8(ascii: "E")
    #expect(Outcome(reading: bytes) == .failure(.encrypted))
  }

  @Test func footersThatAreTooLong() {
    var bytes = good.bytes()
    for length: [UInt8] in [[0xFF, 0xFF, 0xFF, 0x7F], [0xFF, 0xFF, 0xFF, 0xFF]] {
      bytes.replaceSubrange(bytes.count - 8..<bytes.count - 4, with: length)
      #expect(Outcome(reading: bytes) == .failure(.truncated))
    }
    bytes.replaceSubrange(bytes.count - 8..<bytes.count - 4, with: [0, 0, 0, 0])
    #expect(Outcome(reading: bytes) == .failure(.truncated))
  }

  @Test func everyCutFooterIsAnError() {
    let bytes = good.bytes()
    let footerCount = Int(bytes[bytes.count - 8]) | Int(bytes[bytes.count - 7]) << 8
    let footer = Array(bytes[bytes.count - 8 - footerCount..<bytes.count - 8])
    let data = Array(bytes[..<(bytes.count - 8 - footerCount)])
    for count in 0..<footer.count {
      let outcome = Outcome(reading: FileBuilder.finish(data, footer: Array(footer.prefix(count))))
      if case .rows = outcome { Issue.record("a footer cut to \(count) bytes was read") }
    }
  }

  @Test func chunksThatLieOutside() {
    for change: (Int64, Int64) in [
      (3, 10), (-1, 10), (4, 1 << 40), (4, -1), (.max, 10), (4, .max), (1 << 40, 5),
    ] {
      var builder = good
      builder.groups[0].chunks[0].adjust = {
        $0.dataPageOffset = change.0
        $0.totalCompressedSize = change.1
      }
      #expect(Outcome(reading: builder.bytes()) == .failure(.corrupt))
    }
    // A dictionary offset of 0 or behind the data means none.
    for offset: Int64 in [0, -5, 1 << 50] {
      var builder = good
      builder.groups[0].chunks[0].adjust = { $0.dictionaryPageOffset = offset }
      #expect(Outcome(reading: builder.bytes()) == .rows(["{\"a\":1}", "{\"a\":2}"]))
    }
  }

  @Test func countsThatDisagree() {
    var builder = good
    builder.groups[0].rowCount = -1
    #expect(Outcome(reading: builder.bytes()) == .failure(.corrupt))
    builder.groups[0].rowCount = 3
    #expect(Outcome(reading: builder.bytes()) == .failure(.corrupt))
    builder = good
    for count: Int64 in [1, 3, -1, .max] {
      builder.groups[0].chunks[0].valueCount = count
      #expect(Outcome(reading: builder.bytes()) == .failure(.corrupt))
    }
    builder = good
    builder.groups[0].chunks = []
    #expect(Outcome(reading: builder.bytes()) == .failure(.corrupt))
    builder = good
    builder.groups = [(.max, good.groups[0].chunks), (.max, good.groups[0].chunks)]
    builder.adjust = { $0.rowCount = 2 }
    #expect(Outcome(reading: builder.bytes()) == .failure(.corrupt))
  }

  @Test func aFooterCountThatIsWrongIsReportedOnly() {
    var builder = good
    builder.adjust = { $0.rowCount = 0 }
    #expect(Outcome(reading: builder.bytes()) == .rows(["{\"a\":1}", "{\"a\":2}"]))
    #expect(!ParquetFile.verify(MemorySource(builder.bytes())).isSound)
  }

  @Test func chunksOfAnotherKind() {
    var builder = good
    builder.groups[0].chunks[0].type = .int64
    #expect(Outcome(reading: builder.bytes()) == .failure(.corrupt))
    builder = good
    builder.groups[0].chunks[0].adjust = { $0.codecNumber = 77 }
    #expect(Outcome(reading: builder.bytes()) == .failure(.unsupported))
    builder.groups[0].chunks[0].adjust = { $0.codecNumber = Codec.lzo.rawValue }
    #expect(Outcome(reading: builder.bytes()) == .failure(.unsupported))
    builder = good
    builder.adjust = { $0.rowGroups[0].columns[0].filePath = "other.parquet" }
    #expect(Outcome(reading: builder.bytes()) == .failure(.unsupported))
    builder.adjust = { $0.rowGroups[0].columns[0].metaData = nil }
    #expect(Outcome(reading: builder.bytes()) == .failure(.corrupt))
    builder.adjust = { $0.rowGroups[0].columns[0].cryptoMetaData = .footerKey }
    #expect(Outcome(reading: builder.bytes()) == .failure(.encrypted))
  }

  @Test func schemasThatLie() {
    for change: (inout [SchemaElement]) -> Void in [
      { $0 = [] }, { $0[0].childCount = 2 }, { $0[0].childCount = -1 }, { $0[0].childCount = .max },
      { $0[1].childCount = 5 }, { $0[1].type = nil }, { $0.append($0[1]) },
      { $0[1].type = .fixedLengthByteArray },
      {
        $0[1].typeLength = -4; $0[1].type = .fixedLengthByteArray
      },
    ] {
      var builder = good
      builder.adjust = { change(&$0.schema) }
      #expect(Outcome(reading: builder.bytes()) == .failure(.corrupt))
    }
  }
}
