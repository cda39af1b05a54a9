internal import Kernels
internal import Records

extension LeafValues {
  /// The values of a leaf column, by how the file stores them and what they are read as.
  static func make(
    _ leaf: LeafColumn, options: ReadOptions, budget: MemoryBudget
  ) throws(ParquetError) -> LeafValues {
    switch leaf.dataType.physicalType {
    case .boolean: return BooleanValues()
    case .int32:
      return numbers(Int32.self, leaf, options, budget) { .int32($0) }
    case .int64:
      return numbers(Int64.self, leaf, options, budget) { .int64($0) }
    case .int128:
      return numbers(Int128.self, leaf, options, budget) { .int128($0) }
    case .float:
      return TypedValues<Float>(
        zero: 0, makeDecoder: floats(leaf), makeIndices: indices, wrap: { .float($0) })
    case .double:
      return TypedValues<Double>(
        zero: 0, makeDecoder: same, makeIndices: indices, wrap: { .double($0) })
    case .bytes: return views(leaf, options, budget)
    case .fixedBytes(let width):
      return TypedValues<UInt8>(
        width: width, zero: 0,
        makeDecoder: { (page, encoding) throws(ParquetError) in
          try fixedBytes(page, encoding, width: width)
        },
        makeIndices: { (page, dictionary) throws(DecodeError) in
          try DictionaryFixedBytes(page, dictionary: dictionary, width: width)
        }, wrap: { .fixedBytes(width: width, $0) })
    case .list, .structure, .map:
      throw ParquetError(
        .unsupported, "a leaf of a nested type", at: .init(column: leaf.name))
    }
  }

  static func indices<Value: BitwiseCopyable>(
    _ page: PageBytes, _ dictionary: [Value]
  ) throws(DecodeError) -> ValueDecoder<Value> {
    try DictionaryValues(page, dictionary: dictionary)
  }

  private static func unsupported(_ encoding: Encoding, _ type: PrimitiveType) -> ParquetError {
    ParquetError(.unsupported, "values of type \(type) in encoding \(encoding)")
  }

  /// Numbers that lie in the file as in memory.
  static func same<Value: BitwiseCopyable>(
    _ page: PageBytes, _ encoding: Encoding
  ) throws(ParquetError) -> ValueDecoder<Value> {
    switch encoding {
    case .plain: return PlainNumbers(page)
    case .byteStreamSplit: return SplitNumbers(page)
    default: throw unsupported(encoding, .double)
    }
  }

  private static func decoding<Result>(
    _ body: () throws(DecodeError) -> Result
  ) throws(ParquetError) -> Result {
    do { return try body() } catch { throw ParquetError(error) }
  }

  private static func int32s(
    _ page: PageBytes, _ encoding: Encoding
  ) throws(ParquetError) -> ValueDecoder<Int32> {
    guard encoding == .deltaBinaryPacked else { return try same(page, encoding) }
    return try decoding { () throws(DecodeError) in try DeltaInt32s(page) }
  }

  private static func int64s(
    _ page: PageBytes, _ encoding: Encoding
  ) throws(ParquetError) -> ValueDecoder<Int64> {
    guard encoding == .deltaBinaryPacked else { return try same(page, encoding) }
    return try decoding { () throws(DecodeError) in try DeltaInt64s(page) }
  }

  static func fixedBytes(
    _ page: PageBytes, _ encoding: Encoding, width: Int
  ) throws(ParquetError) -> ValueDecoder<UInt8> {
    switch encoding {
    case .plain: return PlainFixedBytes(page, width: width)
    case .byteStreamSplit: return SplitFixedBytes(page, width: width)
    case .deltaByteArray:
      return try decoding { () throws(DecodeError) in try DeltaFixedBytes(page, width: width) }
    default: throw unsupported(encoding, .fixedLengthByteArray)
    }
  }

  static func views(
    _ page: PageBytes, _ encoding: Encoding, _ buffers: ViewBuffers, isText: Bool
  ) throws(ParquetError) -> ValueDecoder<ByteView> {
    switch encoding {
    case .plain: return PlainViews(page, buffers: buffers, isText: isText)
    case .deltaLengthByteArray:
      return try decoding { () throws(DecodeError) in
        try DeltaLengthViews(page, buffers: buffers, isText: isText)
      }
    case .deltaByteArray:
      return try decoding { () throws(DecodeError) in
        try DeltaBytesViews(page, buffers: buffers, isText: isText)
      }
    default: throw unsupported(encoding, .byteArray)
    }
  }

  static func floats(_ leaf: LeafColumn) -> TypedValues<Float>.MakeDecoder {
    { (page, encoding) throws(ParquetError) in
      leaf.primitiveType == .float
        ? try same(page, encoding)
        : HalfConversion(try fixedBytes(page, encoding, width: leaf.typeLength))
    }
  }

  /// Integers as columns hold them, however they are stored.
  static func integers<
    Value: FixedWidthInteger & SignedInteger & BitwiseCopyable & Sendable
  >(
    _ leaf: LeafColumn, _ options: ReadOptions, _ budget: MemoryBudget
  ) -> TypedValues<Value>.MakeDecoder {
    let buffers = ViewBuffers(budget: budget)
    let unit = options.int96Unit
    return { (page, encoding) throws(ParquetError) in
      switch leaf.primitiveType {
      case .int32:
        let inner = try int32s(page, encoding)
        return inner as? ValueDecoder<Value> ?? IntegerConversion<Int32, Value>(inner)
      case .int64:
        let inner = try int64s(page, encoding)
        return inner as? ValueDecoder<Value> ?? IntegerConversion<Int64, Value>(inner)
      case .int96:
        let inner = Int96Conversion(try fixedBytes(page, encoding, width: 12), unit: unit)
        return inner as? ValueDecoder<Value> ?? IntegerConversion<Int64, Value>(inner)
      case .fixedLengthByteArray:
        return BigEndianConversion(try fixedBytes(page, encoding, width: leaf.typeLength))
      case .byteArray:
        buffers.beginBatch()
        return ByteStringConversion(
          try views(page, encoding, buffers, isText: false), buffers: buffers)
      case .boolean, .float, .double: throw unsupported(encoding, leaf.primitiveType)
      }
    }
  }

  private static func numbers<
    Value: FixedWidthInteger & SignedInteger & BitwiseCopyable & Sendable
  >(
    _ type: Value.Type, _ leaf: LeafColumn, _ options: ReadOptions, _ budget: MemoryBudget,
    wrap: @escaping ([Value]) -> Column.Values
  ) -> LeafValues {
    TypedValues<Value>(
      zero: 0, makeDecoder: integers(leaf, options, budget), makeIndices: indices, wrap: wrap)
  }

  private static func views(
    _ leaf: LeafColumn, _ options: ReadOptions, _ budget: MemoryBudget
  ) -> LeafValues {
    let buffers = ViewBuffers(budget: budget)
    let isText = options.validatesText && leaf.dataType != .binary
    return TypedValues<ByteView>(
      zero: ByteView(offset: 0, length: 0),
      makeDecoder: { (page, encoding) throws(ParquetError) in
        try views(page, encoding, buffers, isText: isText)
      },
      makeDictionaryDecoder: { (page, _) throws(ParquetError) in
        buffers.setDictionary(page.bytes)
        return DictionaryViews(page, buffers: buffers, isText: isText)
      }, makeIndices: indices, onBatch: { buffers.beginBatch() },
      wrap: { .bytes(ByteColumn(views: $0, buffers: buffers.buffers)) })
  }
}

/// The entries of a dictionary page, which is always buffer 0.
final class DictionaryViews: ValueDecoder<ByteView> {
  private let inner: PlainViews

  init(_ page: PageBytes, buffers: ViewBuffers, isText: Bool) {
    inner = PlainViews(page, buffers: buffers, isText: isText)
  }

  override func decode(_ count: Int, into output: inout OutputSpan<ByteView>) throws(DecodeError) {
    try inner.decode(count, buffer: 0, into: &output)
  }
}
