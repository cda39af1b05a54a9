import Base
import Records

/// Random columns of every type, from a seed.
struct SampleMaker {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  enum Nulls: CaseIterable {
    case none, some, all
  }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  /// A column whose values repeat (`distinct` of them at most), so that dictionaries pay, or not.
  mutating func column(_ type: DataType, count: Int, nulls: Nulls, distinct: Int) -> Column {
    switch type {
    case .list(let element): return list(type, element, count: count, nulls: nulls, distinct)
    case .structure(let fields):
      let children = fields.map {
        column($0.type, count: count, nulls: $0.isNullable ? nulls : .none, distinct: distinct)
      }
      return Column(
        type: type, count: count, validity: validity(count, nulls), values: .structure(children))
    case .map(let key, let value):
      let offsets = self.offsets(count)
      let total = Int(offsets[count])
      return Column(
        type: type, count: count, validity: validity(count, nulls),
        values: .map(
          offsets: offsets,
          // No key twice: some engines keep only the last of two.
          keys: Column(
            type: key.type, count: total,
            values: Self.values(key.type, (0..<total).map { UInt64($0) << 40 | 5 })),
          values: column(
            value.type, count: total, nulls: value.isNullable ? nulls : .none, distinct: distinct)))
    default: return leaf(type, count: count, nulls: nulls, distinct: distinct)
    }
  }

  private mutating func list(
    _ type: DataType, _ element: Field, count: Int, nulls: Nulls, _ distinct: Int
  ) -> Column {
    let offsets = self.offsets(count)
    let child = column(
      element.type, count: Int(offsets[count]), nulls: element.isNullable ? nulls : .none,
      distinct: distinct)
    return Column(
      type: type, count: count, validity: validity(count, nulls),
      values: .list(offsets: offsets, child))
  }

  private mutating func offsets(_ count: Int) -> [Int32] {
    var offsets: [Int32] = [0]
    var total: Int32 = 0
    for _ in 0..<count {
      total += Int32(below(4))
      offsets.append(total)
    }
    return offsets
  }

  private mutating func validity(_ count: Int, _ nulls: Nulls) -> Bitmap? {
    switch nulls {
    case .none: return nil
    case .all: return Bitmap(repeating: false, count: count)
    case .some:
      var bits = Bitmap()
      // Runs and single ones.
      while bits.count < count {
        let bit = below(3) > 0
        let run = below(5) == 0 ? below(200) : 1
        bits.append(repeating: bit, count: min(run, count - bits.count))
      }
      return bits
    }
  }

  private mutating func leaf(_ type: DataType, count: Int, nulls: Nulls, distinct: Int) -> Column {
    let numbers = (0..<count).map { _ in UInt64(below(distinct)) }
    // The same number gives the same value, far from its neighbours.
    let mixed = numbers.map { number -> UInt64 in
      var maker = SampleMaker(seed: number &* 77)
      return maker.next()
    }
    let validity = self.validity(count, nulls)
    return Column(
      type: type, count: count, validity: validity, values: Self.values(type, mixed))
  }

  private static func values(_ type: DataType, _ mixed: [UInt64]) -> Column.Values {
    switch type {
    case .boolean: return .boolean(Bitmap(mixed.map { $0 & 1 == 1 }))
    case .int8: return .int32(mixed.map { Int32(Int8(truncatingIfNeeded: $0)) })
    case .int16: return .int32(mixed.map { Int32(Int16(truncatingIfNeeded: $0)) })
    case .uint8: return .int32(mixed.map { Int32(UInt8(truncatingIfNeeded: $0)) })
    case .uint16: return .int32(mixed.map { Int32(UInt16(truncatingIfNeeded: $0)) })
    case .int32, .uint32: return .int32(mixed.map { Int32(truncatingIfNeeded: $0 ^ $0 >> 40) })
    case .date: return .int32(mixed.map { Int32($0 % 40_000) - 10_000 })
    case .int64, .uint64: return .int64(mixed.map { Int64(bitPattern: $0) })
    case .time: return .int64(mixed.map { Int64($0 % 86_399_000) })
    case .timestamp(.milliseconds, _):
      return .int64(mixed.map { Int64($0 % 4_000_000_000_000) - 1_000_000_000_000 })
    case .timestamp:
      return .int64(mixed.map { Int64($0 % 4_000_000_000_000_000) - 1_000_000_000_007 })
    case .float16: return .float(mixed.map { Float(Int64($0 % 2048) - 1024) / 8 })
    case .float32:
      return .float(mixed.map { $0 % 50 == 0 ? .nan : Float(Int64($0 % 1000) - 500) / 3 })
    case .float64:
      return .double(mixed.map { $0 % 50 == 0 ? .nan : Double(Int64($0 % 1000) - 500) / 3 })
    case .decimal(let precision, _):
      var bound = Int128(1)
      for _ in 0..<precision { bound *= 10 }
      let numbers = mixed.map { seed -> Int128 in
        let wide = Int128(Int64(bitPattern: seed)) * Int128(Int64(bitPattern: seed &* 31))
        return wide % bound
      }
      switch type.physicalType {
      case .int32: return .int32(numbers.map { Int32(truncatingIfNeeded: $0) })
      case .int64: return .int64(numbers.map { Int64(truncatingIfNeeded: $0) })
      default: return .int128(numbers)
      }
    case .string, .json: return .bytes(ByteColumn(mixed.map { text($0, type) }))
    case .binary: return binary(mixed)
    case .fixedBinary(let width):
      return .fixedBytes(width: width, mixed.flatMap { bytes($0, width) })
    case .uuid: return .fixedBytes(width: 16, mixed.flatMap { bytes($0, 16) })
    case .list, .structure, .map: preconditionFailure("not a leaf")
    }
  }

  private static func text(_ seed: UInt64, _ type: DataType) -> String {
    if type == .json { return "{\"n\":\(seed % 1000)}" }
    let word = ["", "a", "härbarge", "lines of text", "日本語", "x\u{0}y", "🙂 smile"][Int(seed % 7)]
    return word + String(repeating: "~", count: Int(seed >> 8 % 40)) + String(seed >> 40, radix: 36)
  }

  /// Views that go back and forth between two buffers.
  private static func binary(_ mixed: [UInt64]) -> Column.Values {
    var buffers: [[UInt8]] = [[], []]
    var views: [ByteView] = []
    for seed in mixed {
      let buffer = Int(seed >> 20 & 1)
      let value = bytes(seed, Int(seed % 23))
      views.append(
        ByteView(
          buffer: UInt32(buffer), offset: UInt32(buffers[buffer].count),
          length: UInt32(value.count)))
      buffers[buffer] += value
    }
    return .bytes(ByteColumn(views: views, buffers: buffers))
  }

  private static func bytes(_ seed: UInt64, _ count: Int) -> [UInt8] {
    var maker = SampleMaker(seed: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: maker.next()) }
  }
}

/// Every type that a leaf can have.
let leafTypes: [DataType] = [
  .boolean, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float16, .float32,
  .float64, .decimal(precision: 9, scale: 2), .decimal(precision: 18, scale: 0),
  .decimal(precision: 19, scale: 3), .decimal(precision: 38, scale: 10), .date,
  .time(.milliseconds), .time(.microseconds), .time(.nanoseconds),
  .timestamp(.milliseconds, isUTC: true), .timestamp(.microseconds, isUTC: false),
  .timestamp(.nanoseconds, isUTC: true), .string, .json, .binary, .fixedBinary(width: 5), .uuid,
]

/// Nested types, two levels and more.
let nestedTypes: [DataType] = [
  .list(Field("element", .int32)),
  .list(Field("element", .string, isNullable: false)),
  .structure([Field("a", .int64), Field("b", .string), Field("c", .boolean, isNullable: false)]),
  .map(key: Field("key", .string, isNullable: false), value: Field("value", .float64)),
  .list(Field("element", .list(Field("element", .date)))),
  .list(
    Field(
      "element",
      .structure([
        Field("x", .decimal(precision: 25, scale: 5)),
        Field("tags", .list(Field("element", .string))),
      ]))),
  .map(
    key: Field("key", .int32, isNullable: false),
    value: Field("value", .list(Field("element", .structure([Field("deep", .uint32)]))))),
]
