import Records

@testable import Parquet

/// Random schemas and columns from a seed: every type, nested four deep, values at the ends of
/// their ranges, runs of nulls, empty lists, long texts.
struct RandomTable {
  var random: SampleMaker
  /// Types that the profile would store as another are left out.
  let profile: WriteProfile

  static let depthMax = 4

  init(seed: UInt64, profile: WriteProfile) {
    random = SampleMaker(seed: seed)
    self.profile = profile
  }

  mutating func chance(_ one: Int, in all: Int) -> Bool { random.below(all) < one }

  mutating func element<T>(_ all: [T]) -> T { all[random.below(all.count)] }

  // MARK: Schemas

  mutating func schema() -> Schema {
    Schema((0...random.below(5)).map { field("c\($0)", depth: 1) })
  }

  private mutating func field(_ name: String, depth: Int) -> Field {
    Field(name, type(depth: depth), isNullable: chance(3, in: 4))
  }

  private mutating func type(depth: Int) -> DataType {
    guard depth < Self.depthMax, chance(1, in: 2) else { return leafType() }
    switch random.below(3) {
    case 0: return .list(field("element", depth: depth + 1))
    case 1: return .structure((0...random.below(3)).map { field("f\($0)", depth: depth + 1) })
    default:
      return .map(
        key: Field("key", leafType(), isNullable: false), value: field("value", depth: depth + 1))
    }
  }

  private mutating func leafType() -> DataType {
    while true {
      let precision = 1 + random.below(38)
      let type = element(
        leafTypes + [
          .decimal(precision: precision, scale: random.below(precision + 1)),
          .fixedBinary(width: 1 + random.below(20)), .timestamp(.nanoseconds, isUTC: false),
        ])
      if profile.storedType(of: type) == type { return type }
    }
  }

  // MARK: Columns

  mutating func batch(_ schema: Schema, rows: Int) -> Batch {
    Batch(
      schema: schema, columns: schema.fields.map { column($0, count: rows) }, rowCount: rows)
  }

  mutating func column(_ field: Field, count: Int) -> Column {
    let validity = field.isNullable ? self.validity(count) : nil
    let values: Column.Values
    switch field.type {
    case .list(let element):
      let offsets = self.offsets(count)
      values = .list(offsets: offsets, column(element, count: Int(offsets[count])))
    case .structure(let fields):
      values = .structure(fields.map { column($0, count: count) })
    case .map(let key, let value):
      let offsets = self.offsets(count)
      let total = Int(offsets[count])
      values = .map(
        offsets: offsets, keys: column(key, count: total), values: column(value, count: total))
    default: values = leaf(field.type, count)
    }
    return Column(type: field.type, count: count, validity: validity, values: values)
  }

  /// All, none, single ones, or runs of them.
  private mutating func validity(_ count: Int) -> Bitmap? {
    let form = random.below(6)
    if form == 0 { return nil }
    var bits = Bitmap()
    while bits.count < count {
      let left = count - bits.count
      switch form {
      case 1: bits.append(repeating: false, count: left)
      case 2: bits.append(repeating: chance(9, in: 10), count: 1)
      case 3: bits.append(repeating: chance(1, in: 10), count: 1)
      default: bits.append(repeating: chance(1, in: 2), count: min(left, 1 + random.below(150)))
      }
    }
    return bits
  }

  private mutating func offsets(_ count: Int) -> [Int32] {
    let form = random.below(4)
    var offsets: [Int32] = [0]
    var total: Int32 = 0
    for _ in 0..<count {
      switch form {
      case 0: break
      case 1: total += 1
      case 2: total += Int32(random.below(3))
      // Some rows with very many.
      default: if chance(1, in: 40) { total += Int32(random.below(90)) }
      }
      offsets.append(total)
    }
    return offsets
  }

  // MARK: Leaves

  private mutating func leaf(_ type: DataType, _ count: Int) -> Column.Values {
    let distinct = element([1, 2, 7, 300, 1 << 40])
    let isAscending = chance(1, in: 4)
    func numbers(_ maker: inout SampleMaker) -> [UInt64] {
      (0..<count).map {
        var number = SampleMaker(seed: UInt64(maker.below(distinct)))
        return isAscending ? UInt64($0 * 3) : number.next()
      }
    }
    let seeds = numbers(&random)
    switch type.physicalType {
    case .boolean: return .boolean(Bitmap(seeds.map { $0 & 1 == 1 }))
    case .int32: return .int32(seeds.map { Int32(clamping: integer(type, $0)) })
    case .int64: return .int64(seeds.map { Int64(clamping: integer(type, $0)) })
    case .int128: return .int128(seeds.map { integer(type, $0) })
    case .float: return .float(seeds.map { float(type, $0) })
    case .double:
      return .double(
        seeds.map {
          let ends: [Double] = [
            .nan, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude,
            .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
          ]
          return $0 % 11 < 8 ? ends[Int($0 % 11)] : Double(Int64(bitPattern: $0)) / 7
        })
    case .bytes: return .bytes(ByteColumn(views: [], buffers: []).appending(seeds, type))
    case .fixedBytes(let width):
      return .fixedBytes(
        width: width,
        seeds.flatMap { seed in
          var maker = SampleMaker(seed: seed)
          return (0..<width).map { _ in
            seed % 5 == 0 ? 0 : seed % 5 == 1 ? 0xFF : UInt8(truncatingIfNeeded: maker.next())
          }
        })
    case .list, .structure, .map: preconditionFailure("not a leaf")
    }
  }

  /// The least, the greatest, those near zero, or any that the type holds.
  private func integer(_ type: DataType, _ seed: UInt64) -> Int128 {
    let (least, greatest) = Self.range(of: type)
    switch seed % 9 {
    case 0: return least
    case 1: return greatest
    case 2: return 0
    case 3: return least < 0 ? -1 : 1
    default:
      var maker = SampleMaker(seed: seed)
      let wide = Int128(Int64(bitPattern: maker.next())) * Int128(Int64(bitPattern: maker.next()))
      return greatest == 0 ? 0 : wide % greatest
    }
  }

  private static func range(of type: DataType) -> (Int128, Int128) {
    func both(_ limit: Int128) -> (Int128, Int128) { (-limit, limit) }
    switch type {
    case .int8: return (-128, 127)
    case .int16: return (-32768, 32767)
    case .uint8: return (0, 255)
    case .uint16: return (0, 65535)
    // Unsigned numbers lie as the bit patterns of signed ones.
    case .int32, .uint32: return (Int128(Int32.min), Int128(Int32.max))
    case .date: return both(2_000_000)
    case .time(let unit): return (0, 86_400 * Int128(unit.perSecond) - 1)
    case .decimal(let precision, _):
      return both((0..<precision).reduce(Int128(1)) { power, _ in power * 10 } - 1)
    default: return (Int128(Int64.min), Int128(Int64.max))
    }
  }

  private func float(_ type: DataType, _ seed: UInt64) -> Float {
    if type == .float16 {
      let ends: [Float] = [.nan, .infinity, -.infinity, 0, -0.0, 65504, -65504, 1 / 16_777_216]
      return seed % 11 < 8 ? ends[Int(seed % 11)] : Float(Int64(seed % 4096) - 2048) / 4
    }
    let ends: [Float] = [
      .nan, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1,
    ]
    return seed % 11 < 8 ? ends[Int(seed % 11)] : Float(Int64(bitPattern: seed)) / 3
  }
}

extension ByteColumn {
  /// The column with a value for each seed: empty, short, of one stem, long, any bytes.
  fileprivate func appending(_ seeds: [UInt64], _ type: DataType) -> ByteColumn {
    var builder = self
    var buffer: [UInt8] = []
    for seed in seeds {
      var value: [UInt8]
      switch seed % 7 {
      case 0: value = []
      case 1: value = Array("the same stem of many, \(seed % 1000)".utf8)
      case 2: value = Array("🙂é\u{0}日本\u{10FFFF}".utf8)
      case 3 where seed % 49 == 3: value = Array(repeating: 120, count: 5000)
      default: value = Array(String(seed, radix: 36).utf8)
      }
      if type == .json { value = Array("{\"k\":\(seed % 50)}".utf8) }
      if type == .binary, seed % 3 == 0 { value += [0xFF, 0x00, 0xC3] }
      builder.views.append(
        ByteView(buffer: 0, offset: UInt32(buffer.count), length: UInt32(value.count)))
      buffer += value
    }
    builder.buffers = [buffer]
    return builder
  }
}
