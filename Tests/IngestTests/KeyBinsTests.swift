import Base
import Foundation
import Records
import Testing

@testable import Ingest

@Suite struct KeyBinsTests {
  private func key(_ number: Int) -> [UInt8] { Array("key \(number)".utf8) }

  /// Compares sets of numbers with a budget, and gives the numbers that are gone.
  private func gone(
    source: some Sequence<Int>, rows: [(Int, version: Int)], gone: [(Int, version: Int)] = [],
    memoryBytes: Int
  ) throws -> (keys: [String], present: Int) {
    var bins = try KeyBins(
      rowCount: rows.count, memoryBytes: memoryBytes, name: "test-\(UUID().uuidString)")
    for number in source { try bins.addSource(KeyDigest(key(number)[...])) }
    for (number, version) in rows {
      try bins.addTable(
        KeyDigest(key(number)[...]), key(number)[...], version: version, isGone: false)
    }
    for (number, version) in gone {
      try bins.addTable(
        KeyDigest(key(number)[...]), key(number)[...], version: version, isGone: true)
    }
    var keys: [String] = []
    var present = 0
    var count = 0
    for bin in 0..<bins.binCount {
      let found = try bins.compare(bin: bin) { keys.append(String(decoding: $0, as: UTF8.self)) }
      present += found.presentCount
      count += found.goneCount
    }
    #expect(count == keys.count)
    return (keys.sorted(), present)
  }

  @Test(arguments: [20_000, 200_000, 8 << 20])
  func tellsWhatIsGone(_ memoryBytes: Int) throws {
    // So little memory that bins are divided, and divided again.
    let rows = (0..<20_000).map { ($0, version: 1 + $0 % 3) }
    let source = (0..<20_000).filter { $0 % 1000 != 7 } + Array(30_000..<40_000)
    let found = try gone(source: source.reversed(), rows: rows, memoryBytes: memoryBytes)
    #expect(found.keys == (0..<20).map { "key \($0 * 1000 + 7)" }.sorted())
    #expect(found.present == 20_000)
  }

  @Test func theLastThatIsSaidOfAKeyHolds() throws {
    let rows = [
      (1, version: 1), (2, version: 1), (3, version: 1), (3, version: 9), (4, version: 4),
      (4, version: 2),
    ]
    let said = [(2, version: 5), (3, version: 5), (4, version: 3)]
    let found = try gone(source: [], rows: rows, gone: said, memoryBytes: 1 << 20)
    #expect(found.keys == ["key 1", "key 3", "key 4"])
    #expect(found.present == 3)
  }

  @Test func oneKeyWithMoreVersionsThanFit() throws {
    let rows = (1...50_000).map { (7, version: $0) } + [(8, version: 1)]
    let found = try gone(source: [8], rows: rows, memoryBytes: 20_000)
    #expect(found.keys == ["key 7"])
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
