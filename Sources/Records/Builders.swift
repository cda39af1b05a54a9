/// Validity bits under construction: nothing is stored until the first null.
@frozen
public struct ValidityBuilder: Sendable {
  @usableFromInline var length = 0
  @usableFromInline var bits: Bitmap?

  @inlinable
  public init() {}

  public var count: Int { length }

  @inlinable
  public mutating func appendValid() {
    bits?.append(true)
    length += 1
  }

  public mutating func appendNull() {
    if bits == nil { bits = Bitmap(repeating: true, count: length) }
    bits?.append(false)
    length += 1
  }

  /// Hands the bits over (nil where nothing was null) and starts anew.
  public mutating func finish() -> Bitmap? {
    defer { self = ValidityBuilder() }
    return bits
  }
}

/// A column of fixed-size values under construction.
public struct FixedBuilder<Value: BitwiseCopyable & Sendable & AdditiveArithmetic>: Sendable {
  @usableFromInline var storage: [Value] = []
  @usableFromInline var validity = ValidityBuilder()

  public init(capacity: Int = 0) { storage.reserveCapacity(capacity) }

  public var count: Int { storage.count }

  @inlinable
  public mutating func append(_ value: Value) {
    storage.append(value)
    validity.appendValid()
  }

  public mutating func appendNull() {
    storage.append(.zero)
    validity.appendNull()
  }

  fileprivate mutating func finish() -> ([Value], Bitmap?) {
    defer { storage = [] }
    return (storage, validity.finish())
  }
}

extension FixedBuilder {
  /// Hands the column over and starts anew.
  /// - Parameter type: one whose `physicalType` is that of `Value`.
  public mutating func finish(_ type: DataType) -> Column {
    let (values, validity) = finish()
    let count = values.count
    func column(_ values: Column.Values) -> Column {
      Column(type: type, count: count, validity: validity, values: values)
    }
    switch values {
    case let values as [Int32]: return column(.int32(values))
    case let values as [Int64]: return column(.int64(values))
    case let values as [Int128]: return column(.int128(values))
    case let values as [Float]: return column(.float(values))
    case let values as [Double]: return column(.double(values))
    default: preconditionFailure("no column lies as \(Value.self)")
    }
  }
}

/// A boolean column under construction.
public struct BooleanBuilder: Sendable {
  private var bits = Bitmap()
  private var validity = ValidityBuilder()

  public init() {}

  public var count: Int { bits.count }

  public mutating func append(_ value: Bool) {
    bits.append(value)
    validity.appendValid()
  }

  public mutating func appendNull() {
    bits.append(false)
    validity.appendNull()
  }

  public mutating func finish() -> Column {
    defer { bits = Bitmap() }
    return Column(
      type: .boolean, count: bits.count, validity: validity.finish(), values: .boolean(bits))
  }
}

/// A column of texts or byte strings under construction.
public struct BytesBuilder: Sendable {
  @usableFromInline var buffer: [UInt8] = []
  @usableFromInline var views: [ByteView] = []
  @usableFromInline var validity = ValidityBuilder()

  public init(capacity: Int = 0) { views.reserveCapacity(capacity) }

  public var count: Int { views.count }

  /// Bytes of all values so far.
  public var byteCount: Int { buffer.count }

  /// - Precondition: the bytes of all values stay below 4 GiB; close the batch long before.
  @inlinable
  public mutating func append(_ bytes: some Collection<UInt8>) {
    let start = buffer.count
    buffer.append(contentsOf: bytes)
    views.append(ByteView(offset: UInt32(start), length: UInt32(buffer.count - start)))
    validity.appendValid()
  }

  public mutating func append(_ text: String) { append(text.utf8) }

  public mutating func appendNull() {
    views.append(ByteView(offset: 0, length: 0))
    validity.appendNull()
  }

  public mutating func finish(_ type: DataType) -> Column {
    defer {
      buffer = []
      views = []
    }
    return Column(
      type: type, count: views.count, validity: validity.finish(),
      values: .bytes(ByteColumn(views: views, buffers: [buffer])))
  }
}
