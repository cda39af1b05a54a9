internal import Kernels
internal import Records

/// The smallest and the largest value of a page or chunk, by the column's order.
enum ValueBounds: Hashable, Sendable {
  /// No values, or none that order: nulls only, NaN only.
  case none
  case boolean(Bool, Bool)
  case signed(Int64, Int64)
  case unsigned(UInt64, UInt64)
  case float(Float, Float)
  case double(Double, Double)
  case bytes([UInt8], [UInt8])
  /// Big-endian two's complement, both of one width.
  case bigEndian([UInt8], [UInt8])

  // MARK: Of values

  /// - Parameters:
  ///   - raw: the memory of the values; see `Column.Values.withRaw`.
  ///   - buffers: what views point into.
  static func of(_ raw: RawSpan, _ layout: LeafLayout, _ buffers: [[UInt8]]) -> ValueBounds {
    switch layout {
    case .boolean: return .none
    case .int32(isUnsigned: false):
      return ValueRange.int32(raw).map { .signed(Int64($0.lowerBound), Int64($0.upperBound)) }
        ?? .none
    case .int32(isUnsigned: true):
      return ValueRange.uint32(raw).map { .unsigned(UInt64($0.lowerBound), UInt64($0.upperBound)) }
        ?? .none
    case .int64(isUnsigned: false):
      return ValueRange.int64(raw).map { .signed($0.lowerBound, $0.upperBound) } ?? .none
    case .int64(isUnsigned: true):
      return ValueRange.uint64(raw).map { .unsigned($0.lowerBound, $0.upperBound) } ?? .none
    case .float:
      return ValueRange.float(raw).map { .float($0.lowerBound, $0.upperBound) } ?? .none
    case .double:
      return ValueRange.double(raw).map { .double($0.lowerBound, $0.upperBound) } ?? .none
    case .bytes: return ofViews(raw, buffers)
    case .fixed(_, .half):
      return ValueRange.half(raw).map {
        .float(StoredValues.float(half: $0.least), StoredValues.float(half: $0.most))
      } ?? .none
    case .fixed(let width, let order):
      let isSigned = order == .signed
      guard let found = ValueRange.fixed(raw, width: width, isSigned: isSigned) else {
        return .none
      }
      let least = copy(raw, found.least * width, width)
      let most = copy(raw, found.most * width, width)
      return isSigned ? .bigEndian(least, most) : .bytes(least, most)
    }
  }

  /// Those of the entries of a dictionary that a page uses.
  static func of(_ indices: RawSpan, in dictionary: ValueDictionary, _ layout: LeafLayout)
    -> ValueBounds
  {
    switch layout {
    case .fixed(_, .signed):
      return dictionary.range(of: indices, isSigned: true).map { .bigEndian($0.least, $0.most) }
        ?? .none
    default: return dictionary.range(of: indices).map { .bytes($0.least, $0.most) } ?? .none
    }
  }

  private static func copy(_ raw: RawSpan, _ offset: Int, _ count: Int) -> [UInt8] {
    var buffer = ByteBuffer(capacity: count)
    buffer.append(raw.extracting(offset..<offset + count))
    return buffer.array()
  }

  private static func ofViews(_ raw: RawSpan, _ buffers: [[UInt8]]) -> ValueBounds {
    var bounds = ValueBounds.none
    var start = 0
    while start < raw.byteCount {
      let rest = raw.extracting(start..<raw.byteCount)
      let (buffer, count) = ViewSizes.run(rest)
      let run = rest.extracting(0..<count * 12)
      let array = buffers[buffer]
      let bytes = array.span.bytes
      if let found = ValueRange.views(run, in: bytes) {
        let least = ViewSizes.place(run, at: found.least)
        let most = ViewSizes.place(run, at: found.most)
        bounds.merge(
          .bytes(
            copy(bytes, least.offset, least.length), copy(bytes, most.offset, most.length)))
      }
      start += count * 12
    }
    return bounds
  }

  // MARK: Order

  mutating func merge(_ other: ValueBounds) {
    switch (self, other) {
    case (_, .none): break
    case (.none, _): self = other
    case (.boolean(let a, let b), .boolean(let c, let d)): self = .boolean(a && c, b || d)
    case (.signed(let a, let b), .signed(let c, let d)):
      self = .signed(Swift.min(a, c), Swift.max(b, d))
    case (.unsigned(let a, let b), .unsigned(let c, let d)):
      self = .unsigned(Swift.min(a, c), Swift.max(b, d))
    case (.float(let a, let b), .float(let c, let d)):
      self = .float(Swift.min(a, c), Swift.max(b, d))
    case (.double(let a, let b), .double(let c, let d)):
      self = .double(Swift.min(a, c), Swift.max(b, d))
    case (.bytes(let a, let b), .bytes(let c, let d)):
      self = .bytes(Self.precedes(c, a) ? c : a, Self.precedes(b, d) ? d : b)
    case (.bigEndian(let a, let b), .bigEndian(let c, let d)):
      self = .bigEndian(
        Self.precedesSigned(c, a) ? c : a, Self.precedesSigned(b, d) ? d : b)
    default: self = .none
    }
  }

  private static func precedes(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.lexicographicallyPrecedes(b)
  }

  private static func precedesSigned(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard let first = a.first, let second = b.first, (first ^ second) & 0x80 != 0 else {
      return precedes(a, b)
    }
    return first & 0x80 != 0
  }

  /// Whether both bounds are at most those of `next`; nil where the two do not compare.
  func isAtMost(_ next: ValueBounds) -> Bool? {
    switch (self, next) {
    case (.boolean(let a, let b), .boolean(let c, let d)): (!a || c) && (!b || d)
    case (.signed(let a, let b), .signed(let c, let d)): a <= c && b <= d
    case (.unsigned(let a, let b), .unsigned(let c, let d)): a <= c && b <= d
    case (.float(let a, let b), .float(let c, let d)): a <= c && b <= d
    case (.double(let a, let b), .double(let c, let d)): a <= c && b <= d
    case (.bytes(let a, let b), .bytes(let c, let d)):
      !Self.precedes(c, a) && !Self.precedes(d, b)
    case (.bigEndian(let a, let b), .bigEndian(let c, let d)):
      !Self.precedesSigned(c, a) && !Self.precedesSigned(d, b)
    default: nil
    }
  }

  // MARK: As stored

  /// In PLAIN encoding, without the length of byte strings; nil where there are none.
  func stored(_ layout: LeafLayout) -> (least: [UInt8], most: [UInt8])? {
    switch self {
    case .none: return nil
    case .boolean(let a, let b): return ([a ? 1 : 0], [b ? 1 : 0])
    case .signed(let a, let b):
      return layout == .int32(isUnsigned: false)
        ? (
          Self.littleEndian(Int32(truncatingIfNeeded: a)),
          Self.littleEndian(Int32(truncatingIfNeeded: b))
        )
        : (Self.littleEndian(a), Self.littleEndian(b))
    case .unsigned(let a, let b):
      return layout == .int32(isUnsigned: true)
        ? (
          Self.littleEndian(UInt32(truncatingIfNeeded: a)),
          Self.littleEndian(UInt32(truncatingIfNeeded: b))
        )
        : (Self.littleEndian(a), Self.littleEndian(b))
    // A zero may be either; the format asks for the one that bounds both.
    case .float(let a, let b):
      let (least, most) = (a == 0 ? -0.0 : a, b == 0 ? 0.0 : b)
      if case .fixed = layout {
        return (
          Self.littleEndian(StoredValues.halfBits(least)),
          Self.littleEndian(StoredValues.halfBits(most))
        )
      }
      return (Self.littleEndian(least.bitPattern), Self.littleEndian(most.bitPattern))
    case .double(let a, let b):
      return (
        Self.littleEndian((a == 0 ? -0.0 : a).bitPattern),
        Self.littleEndian((b == 0 ? 0.0 : b).bitPattern)
      )
    case .bytes(let a, let b), .bigEndian(let a, let b): return (a, b)
    }
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  /// As values of the type that the column is read as; nil where there are none.
  func values(_ type: DataType) -> (least: Value, most: Value)? {
    switch self {
    case .none: return nil
    case .boolean(let a, let b): return (.boolean(a), .boolean(b))
    case .signed(let a, let b): return (Self.value(a, type), Self.value(b, type))
    case .unsigned(let a, let b): return (.unsigned(a), .unsigned(b))
    case .float(let a, let b): return (.float(a), .float(b))
    case .double(let a, let b): return (.double(a), .double(b))
    case .bytes(let a, let b):
      guard type == .string || type == .json else { return (.bytes(a), .bytes(b)) }
      return (.text(String(decoding: a, as: UTF8.self)), .text(String(decoding: b, as: UTF8.self)))
    case .bigEndian(let a, let b):
      guard case .decimal(_, let scale) = type else { return (.bytes(a), .bytes(b)) }
      return (.decimal(Self.number(a), scale: scale), .decimal(Self.number(b), scale: scale))
    }
  }

  private static func number(_ bytes: [UInt8]) -> Int128 {
    bytes.reduce(Int128(bytes.first.map { $0 & 0x80 != 0 ? -1 : 0 } ?? 0)) { $0 << 8 | Int128($1) }
  }

  private static func value(_ number: Int64, _ type: DataType) -> Value {
    switch type {
    case .date: .date(Int32(truncatingIfNeeded: number))
    case .time(let unit): .time(number, unit)
    case .timestamp(let unit, let isUTC): .timestamp(number, unit, isUTC: isUTC)
    case .decimal(_, let scale): .decimal(Int128(number), scale: scale)
    default: .integer(number)
    }
  }
}
