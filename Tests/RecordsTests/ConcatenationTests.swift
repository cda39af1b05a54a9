import Records
import Testing

@Suite struct ConcatenationTests {
  /// Every way to cut bits in three, over the borders of words.
  @Test func bitsOfAnyLength() {
    let bits = (0..<200).map { $0 % 3 == 0 || $0 % 7 == 1 }
    for first in [0, 1, 63, 64, 65, 127, 128, 130] {
      for second in [0, 1, 5, 63, 64, 70] where first + second <= 200 {
        var joined = Bitmap(bits[..<first])
        joined.append(Bitmap(bits[first..<first + second]))
        joined.append(Bitmap(bits[(first + second)...]))
        #expect(joined == Bitmap(bits), "\(first), \(second)")
      }
    }
  }

  @Test func textsAndNullsKeepTheirValues() throws {
    let type = DataType.list(Field("element", .string))
    let texts = Column(
      type: .string, count: 3, validity: Bitmap([true, false, true]),
      values: .bytes(ByteColumn(["a", "", "c"])))
    let first = Column(type: type, count: 2, values: .list(offsets: [0, 2, 3], texts))
    // A slice whose offsets do not begin at 0.
    let second = Column(type: type, count: 1, values: .list(offsets: [1, 3], texts))
    let none = Column.nulls(type, count: 1)
    let joined = try #require(Column.concatenating([first, second, none], type: type))
    #expect(
      (0..<4).map { joined[$0] } == [
        .list([.text("a"), .null]), .list([.text("c")]), .list([.null, .text("c")]), .null,
      ])
  }

  @Test func everyLayout() throws {
    let structure = DataType.structure([Field("b", .boolean), Field("u", .uuid)])
    let map = DataType.map(key: Field("k", .int32, isNullable: false), value: Field("v", .float64))
    func column(_ n: Int32) -> [Column] {
      [
        Column(type: .int64, count: 1, values: .int64([Int64(n)])),
        Column(type: .decimal(precision: 30, scale: 0), count: 1, values: .int128([Int128(n)])),
        Column(type: .float32, count: 1, values: .float([Float(n)])),
        Column(
          type: structure, count: 1,
          values: .structure([
            Column(type: .boolean, count: 1, values: .boolean(Bitmap([n == 1]))),
            Column(
              type: .uuid, count: 1,
              values: .fixedBytes(width: 16, Array(repeating: UInt8(n), count: 16))),
          ])),
        Column(
          type: map, count: 1,
          values: .map(
            offsets: [0, 1], keys: Column(type: .int32, count: 1, values: .int32([n])),
            values: Column(type: .float64, count: 1, values: .double([Double(n)])))),
      ]
    }
    for (one, two) in zip(column(1), column(2)) {
      let joined = try #require(Column.concatenating([one, two], type: one.type))
      #expect([joined[0], joined[1]] == [one[0], two[0]])
    }
  }
}
