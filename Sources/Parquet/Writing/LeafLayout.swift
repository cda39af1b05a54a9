internal import Kernels
internal import Records

/// How a leaf's values lie in memory when they come to be encoded, and how they are ordered.
enum LeafLayout: Hashable, Sendable {
  case boolean
  case int32(isUnsigned: Bool)
  case int64(isUnsigned: Bool)
  case float
  case double
  /// Views of byte strings.
  case bytes
  case fixed(width: Int, order: FixedOrder)

  enum FixedOrder: Hashable, Sendable {
    case unsignedBytes
    /// Big-endian two's complement.
    case signed
    /// Half floats, little-endian.
    case half
  }

  /// - Throws: `.unsupported` for INT96, which is not written.
  init(_ leaf: LeafColumn) throws(ParquetError) {
    switch leaf.primitiveType {
    case .boolean: self = .boolean
    case .int32: self = .int32(isUnsigned: leaf.isUnsigned)
    case .int64: self = .int64(isUnsigned: leaf.isUnsigned)
    case .float: self = .float
    case .double: self = .double
    case .byteArray: self = .bytes
    case .fixedLengthByteArray:
      switch leaf.dataType {
      case .decimal: self = .fixed(width: leaf.typeLength, order: .signed)
      case .float16: self = .fixed(width: leaf.typeLength, order: .half)
      default: self = .fixed(width: leaf.typeLength, order: .unsignedBytes)
      }
    case .int96:
      throw ParquetError(.unsupported, "INT96 is not written", at: .init(column: leaf.name))
    }
  }

  /// Whether values order as bytes, so that bounds can come from a dictionary's entries.
  var isByteString: Bool {
    switch self {
    case .fixed(_, .half): false
    case .bytes, .fixed: true
    case .boolean, .int32, .int64, .float, .double: false
    }
  }

  /// Whether values with other bits are always other values: not so for zeros and NaN.
  var hasDistinctBits: Bool {
    switch self {
    case .float, .double, .fixed(_, .half): false
    case .boolean, .int32, .int64, .bytes, .fixed: true
    }
  }

  /// Bytes of a value, or of its view; nil for bits.
  var memoryWidth: Int? {
    switch self {
    case .boolean: nil
    case .int32, .float: 4
    case .int64, .double: 8
    case .bytes: 12
    case .fixed(let width, _): width
    }
  }

  /// Nil where a dictionary makes no sense.
  var dictionaryLayout: ValueDictionary.Layout? {
    switch self {
    case .boolean: nil
    case .int32, .float: .fixed32
    case .int64, .double: .fixed64
    case .bytes: .views
    case .fixed(let width, _): .fixed(width: width)
    }
  }
}

extension Column.Values {
  /// The memory of the values at `range`: numbers, fixed bytes or views, one behind the other.
  /// - Precondition: not bits and not nested.
  func withRaw<Result>(
    _ range: Range<Int>, _ body: (RawSpan) throws(ParquetError) -> Result
  ) throws(ParquetError) -> Result {
    switch self {
    case .int32(let values): return try body(values.span.extracting(range).bytes)
    case .int64(let values): return try body(values.span.extracting(range).bytes)
    case .int128(let values): return try body(values.span.extracting(range).bytes)
    case .float(let values): return try body(values.span.extracting(range).bytes)
    case .double(let values): return try body(values.span.extracting(range).bytes)
    case .bytes(let column): return try body(column.views.span.extracting(range).bytes)
    case .fixedBytes(let width, let bytes):
      return try body(
        bytes.span.extracting(range.lowerBound * width..<range.upperBound * width).bytes)
    case .boolean, .list, .structure, .map:
      throw ParquetError(.schemaMismatch, "these values have no memory of their own")
    }
  }

  /// What views point into.
  var buffers: [[UInt8]] {
    if case .bytes(let column) = self { column.buffers } else { [] }
  }
}
