import Foundation
import Records
import Testing

@testable import Parquet

/// What `verify` finds in files that lie, and in files of which a byte was changed.
@Suite struct FindingsTests {
  private static let page = FileBuilder.data(FileBuilder.int32s([3, 1, 2]), count: 3)

  private func findings(_ builder: FileBuilder) -> [String] {
    ParquetFile.verify(MemorySource(builder.bytes())).findings.map(\.message)
  }

  @Test func sizeStatisticsThatLie() {
    let texts = FileBuilder.data(FileBuilder.strings(["ab", "c"]), count: 2)
    func file(_ statistics: SizeStatistics) -> FileBuilder {
      .single(.byteArray, pages: [texts], rows: 2, logical: .string) {
        $0.sizeStatistics = statistics
      }
    }
    #expect(findings(file(SizeStatistics(unencodedByteArrayBytes: 3))) == [])
    #expect(
      findings(file(SizeStatistics(unencodedByteArrayBytes: 4)))
        == ["the size statistics say 4 bytes of values, found 3"])
    #expect(
      findings(file(SizeStatistics(definitionLevelHistogram: [2, 1])))
        == ["the size statistics have definition levels [2, 1], found [2]"])
  }

  @Test func countsThatLie() {
    func file(_ adjust: @escaping (inout ColumnMetaData) -> Void) -> FileBuilder {
      .single(pages: [Self.page], rows: 3, adjust: adjust)
    }
    #expect(findings(file { $0.statistics = Statistics(distinctCount: 3) }) == [])
    #expect(
      findings(file { $0.statistics = Statistics(distinctCount: 2) })
        == ["the statistics say 2 distinct values, there are more"])
    #expect(
      findings(file { $0.statistics = Statistics(distinctCount: 9) })
        == ["the statistics say 9 distinct values, there are 3"])
    let stats = PageEncodingStats(pageType: .data, encoding: .plain, count: 2)
    #expect(
      findings(file { $0.encodingStats = [stats] })
        == ["the metadata say 2 pages of DATA_PAGE in PLAIN, there are 1"])
  }

  @Test func rowsThatAreNotSorted() {
    func file(_ order: SortingColumn) -> FileBuilder {
      var builder = FileBuilder.single(
        pages: [FileBuilder.data(FileBuilder.int32s([1, 2, 2, 5]), count: 4)], rows: 4)
      builder.adjust = { $0.rowGroups[0].sortingColumns = [order] }
      return builder
    }
    #expect(findings(file(SortingColumn(columnIndex: 0))) == [])
    #expect(
      findings(file(SortingColumn(columnIndex: 0, isDescending: true)))
        == ["row 1 is not behind the one before it, which the sorting columns say"])
    #expect(
      findings(file(SortingColumn(columnIndex: 7)))
        == ["sorted by column 7, there are 1"])
  }

  /// Files of other writers are sound, and a changed byte in any part of them is found there.
  @Test func changedBytesOfOtherWriters() throws {
    try PythonScript.withFiles(of: "samples.py") { folder in
      for name in try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
      where name.hasSuffix(".parquet") {
        let bytes = [UInt8](try Data(contentsOf: folder.appending(path: name)))
        let sound = ParquetFile.verify(MemorySource(bytes))
        #expect(sound.findings.map(\.description) == [], "\(name)")
        guard name == "pyarrow.parquet" else { continue }
        try changeParts(bytes)
      }
    }
  }

  private func changeParts(_ bytes: [UInt8]) throws {
    let file = try ParquetFile(MemorySource(bytes))
    func expect(_ place: Int, _ offset: Int?, _ what: String, within byteCount: Int = 1) {
      var changed = bytes
      changed[place] ^= 0x20
      let verification = ParquetFile.verify(MemorySource(changed))
      #expect(!verification.isSound, "\(what)")
      if let offset {
        let range = offset..<offset + byteCount
        #expect(
          verification.findings.contains { $0.place.offset.map(range.contains) ?? false }, "\(what)"
        )
      }
    }
    expect(1, 0, "magic")
    expect(bytes.count - 2, nil, "magic at the end")
    for leaf in file.parquetSchema.leaves {
      let chunk = try file.chunk(rowGroup: 1, leaf: leaf)
      let offsets = try #require(try file.offsetIndex(rowGroup: 1, leaf: leaf))
      let last = try #require(offsets.pageLocations.last)
      let start = Int(last.offset)
      expect(start + Int(last.compressedSize) - 1, start, "last byte of a page of \(leaf.name)")
      expect(start + Int(last.compressedSize) / 2, start, "page of \(leaf.name)")
      if let dictionary = chunk.dictionaryPageOffset {
        expect(Int(chunk.dataPageOffset) - 1, Int(dictionary), "dictionary of \(leaf.name)")
      }
      let column = file.metadata.rowGroups[1].columns[leaf.index]
      let index = try #require(column.columnIndexOffset)
      let offsetIndex = try #require(column.offsetIndexOffset)
      expect(Int(index) + 1, Int(index), "column index of \(leaf.name)", within: 1 << 10)
      expect(Int(offsetIndex) + 3, nil, "offset index of \(leaf.name)")
    }
    let leaf = try #require(file.parquetSchema.leaves.first { $0.name == "name" })
    if let filter = try file.chunk(rowGroup: 0, leaf: leaf).bloomFilterOffset {
      var changed = bytes
      for place in Int(filter) + 24..<Int(filter) + 80 { changed[place] = 0 }
      let verification = ParquetFile.verify(MemorySource(changed))
      #expect(verification.findings.contains { $0.message.contains("bloom filter lacks") })
    }
  }
}
