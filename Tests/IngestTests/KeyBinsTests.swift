import Base
import Foundation
import Records
import Testing

@testable import Ingest

@Suite struct KeyBinsTests {
  private func key(_ number: Int) -> [UInt8] { Array("key \(number)".utf8) }

  /// Compares sets of numbers with a budget, and gives the numbers that are gone and back.
  private func compare(
    source: some Sequence<Int>, rows: [(Int, version: Int)], gone: [(Int, version: Int)] = [],
    back: [(Int, version: Int)] = [], memoryBytes: Int
  ) throws -> (gone: [String], back: [String], present: Int) {
    var bins = try KeyBins(
      rowCount: rows.count, memoryBytes: memoryBytes, name: "test-\(UUID().uuidString)")
    for number in source { try bins.addSource(KeyDigest(key(number)[...])) }
    for (said, statement) in [(rows, KeyBins.Statement.row), (gone, .gone), (back, .back)] {
      for (number, version) in said {
        try bins.addTable(
          KeyDigest(key(number)[...]), key(number)[...], version: version, statement)
      }
    }
    var found: [KeyBins.Statement: [String]] = [:]
    var sum = KeyBins.Finding()
    for bin in 0..<bins.binCount {
      sum += try bins.compare(bin: bin) {
        found[$1, default: []].append(String(decoding: $0, as: UTF8.self))
      }
    }
    let (gone, back) = (found[.gone] ?? [], found[.back] ?? [])
    #expect(sum.goneCount == gone.count && sum.backCount == back.count && found[.row] == nil)
    return (gone.sorted(), back.sorted(), sum.presentCount)
  }

  @Test(arguments: [20_000, 200_000, 8 << 20])
  func tellsWhatIsGone(_ memoryBytes: Int) throws {
    // So little memory that bins are divided, and divided again.
    let rows = (0..<20_000).map { ($0, version: 1 + $0 % 3) }
    let source = (0..<20_000).filter { $0 % 1000 != 7 } + Array(30_000..<40_000)
    // Every second of the thousands 5 is known to be gone, and is there again.
    let known = (0..<10).map { ($0 * 2000 + 5, version: 9) }
    let found = try compare(
      source: source.reversed(), rows: rows, gone: known, memoryBytes: memoryBytes)
    #expect(found.gone == (0..<20).map { "key \($0 * 1000 + 7)" }.sorted())
    #expect(found.back == known.map { "key \($0.0)" }.sorted())
    #expect(found.present == 19_990)
  }

  @Test func theLastThatIsSaidOfAKeyHolds() throws {
    let rows = [
      (1, version: 1), (2, version: 1), (3, version: 1), (3, version: 9), (4, version: 4),
      (4, version: 2),
    ]
    let said = [(2, version: 5), (3, version: 5), (4, version: 3)]
    let found = try compare(source: [], rows: rows, gone: said, memoryBytes: 1 << 20)
    #expect(found.gone == ["key 1", "key 3", "key 4"])
    #expect(found.present == 3 && found.back.isEmpty)
    // 2 is gone and in the source; of 9 the table has no row, so nothing can be back.
    let again = try compare(
      source: [1, 2, 3, 4, 9], rows: rows, gone: said + [(9, version: 1)], memoryBytes: 1 << 20)
    #expect(again.gone.isEmpty && again.back == ["key 2"])
    // Said once, it is there, and can go again.
    let back = [(2, version: 6)]
    let said2 = try compare(
      source: [1, 2, 3, 4], rows: rows, gone: said, back: back, memoryBytes: 1 << 20)
    #expect(said2.gone.isEmpty && said2.back.isEmpty && said2.present == 4)
    let left = try compare(
      source: [1, 3, 4], rows: rows, gone: said, back: back, memoryBytes: 1 << 20)
    #expect(left.gone == ["key 2"] && left.back.isEmpty)
  }

  @Test func oneKeyWithMoreVersionsThanFit() throws {
    let rows = (1...50_000).map { (7, version: $0) } + [(8, version: 1)]
    let found = try compare(source: [8], rows: rows, memoryBytes: 20_000)
    #expect(found.gone == ["key 7"])
    #expect(found.present == 2)
  }

  @Test func keysOfAllTypesComeBackAsTheyWere() throws {
    var texts = BytesBuilder()
    for text in ["", "ä", String(repeating: "x", count: 300)] { texts.append(text) }
    var numbers = FixedBuilder<Int64>()
    numbers.append(.min)
    numbers.appendNull()
    numbers.append(.max)
    var flags = BooleanBuilder()
    flags.append(true)
    flags.append(false)
    flags.appendNull()
    let wide: [Int128] = [-1, 0, 99_999_999_999_999_999_999_999_999_999_999_999_999]
    let decimal = DataType.decimal(precision: 38, scale: 2)
    let columns: [Column] = [
      texts.finish(.string), numbers.finish(.int64), flags.finish(),
      Column(type: .int32, count: 3, values: .int32([.min, 0, .max])),
      Column(type: decimal, count: 3, values: .int128(wide)),
      Column(type: .float64, count: 3, values: .double([-0.5, .infinity, 1e300])),
      Column(type: .float32, count: 3, values: .float([-0.5, .infinity, 1e30])),
      Column(
        type: .fixedBinary(width: 2), count: 3,
        values: .fixedBytes(width: 2, [0, 1, 2, 3, 255, 254])),
    ]
    let schema = Schema(columns.enumerated().map { Field("c\($0)", $1.type) })
    let coder = try KeyCoder(schema, place: "s.t")
    let keys = (0..<3).map { row in
      var bytes: [UInt8] = []
      coder.encode(columns, row: row, to: &bytes)
      return bytes[...]
    }
    let back = coder.columns(keys)
    for (column, again) in zip(columns, back) {
      #expect(again.type == column.type)
      for row in 0..<3 { #expect(again[row] == column[row]) }
    }
    // No key's bytes begin another's: the columns of ("a", "b") are not those of ("ab", "").
    let two = try KeyCoder(Schema([Field("a", .string), Field("b", .string)]), place: "s.t")
    func bytes(_ a: String, _ b: String) -> [UInt8] {
      var result: [UInt8] = []
      let columns = [a, b].map { text in
        var builder = BytesBuilder()
        builder.append(text)
        return builder.finish(.string)
      }
      two.encode(columns, row: 0, to: &result)
      return result
    }
    #expect(bytes("a", "b") != bytes("ab", ""))
    let nested = Schema([Field("l", .list(Field("element", .int32)))])
    #expect(throws: IngestError.self) { try KeyCoder(nested, place: "s.t") }
  }

  @Test func digestsSpreadOverBinsOfEveryLevel() {
    let digests = (0..<32_000).map { KeyDigest(key($0)[...]) }
    #expect(Set(digests).count == digests.count)
    for level in 0..<5 {
      let counts = Dictionary(grouping: digests) { $0.bin(of: 32, level: level) }
      #expect(counts.count == 32)
      #expect(counts.values.allSatisfy { (800...1200).contains($0.count) })
    }
    // Keys of one bin are spread anew at the next level.
    let bin = digests.filter { $0.bin(of: 32, level: 0) == 3 }
    #expect(Set(bin.map { $0.bin(of: 32, level: 1) }).count == 32)
    var bytes: [UInt8] = [1, 2, 3]
    digests[5].append(to: &bytes)
    #expect(KeyDigest(at: 3, in: bytes) == digests[5])
  }
}
