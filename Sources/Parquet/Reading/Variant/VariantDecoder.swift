internal import Records

/// Parses the binary form of variant values, trusting nothing.
///
/// Elements may, in bytes that lie, point into each other; the count of values is bounded by the
/// bytes there are, since each honest one takes a byte of its own.
struct VariantDecoder {
  let dictionary: VariantMetadata
  private var valuesLeft: Int

  init(dictionary: VariantMetadata, valueByteCount: Int) {
    self.dictionary = dictionary
    valuesLeft = valueByteCount
  }

  private func corrupt(_ message: String) -> ParquetError { VariantMetadata.corrupt(message) }

  /// Parses the value at the start of the bytes; what is behind it is not looked at.
  mutating func decode(_ bytes: ArraySlice<UInt8>, depth: Int) throws(ParquetError) -> Variant {
    guard depth < Variant.depthMax else {
      throw ParquetError(
        .limitExceeded, "variant: values nest deeper than \(Variant.depthMax) levels")
    }
    guard valuesLeft > 0 else { throw corrupt("values that share bytes") }
    valuesLeft -= 1
    guard let first = bytes.first else { throw corrupt("a value without a header") }
    let header = first >> 2
    let rest = bytes.dropFirst()
    switch first & 3 {
    case 0: return try primitive(header, rest)
    case 1: return .string(try text(try take(rest, Int(header))))
    case 2: return try object(header, rest, depth: depth)
    default: return try array(header, rest, depth: depth)
    }
  }

  private func take(_ bytes: ArraySlice<UInt8>, _ count: Int) throws(ParquetError)
    -> ArraySlice<UInt8>
  {
    guard count <= bytes.count else {
      throw corrupt("a value of \(count) bytes, \(bytes.count) are there")
    }
    return bytes.prefix(count)
  }

  private func text(_ bytes: ArraySlice<UInt8>) throws(ParquetError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw corrupt("a text that is not UTF-8")
    }
    return text
  }

  private func integer<Number: FixedWidthInteger>(
    _ bytes: ArraySlice<UInt8>, as type: Number.Type = Number.self
  ) throws(ParquetError) -> Number {
    var number: Number = 0
    for byte in try take(bytes, MemoryLayout<Number>.size).reversed() {
      number = number << 8 | Number(truncatingIfNeeded: byte)
    }
    return number
  }

  private func sized(_ bytes: ArraySlice<UInt8>) throws(ParquetError) -> ArraySlice<UInt8> {
    let count = Int(try integer(bytes, as: UInt32.self))
    return try take(bytes.dropFirst(4), count)
  }

  private func decimal<Number: FixedWidthInteger & SignedInteger>(
    _ bytes: ArraySlice<UInt8>, as type: Number.Type
  ) throws(ParquetError) -> Variant {
    let scale = Int(try integer(bytes, as: UInt8.self))
    guard scale <= 38 else { throw corrupt("a decimal of scale \(scale)") }
    let unscaled = try integer(bytes.dropFirst(), as: type)
    return .decimal(Int128(unscaled), scale: scale, byteCount: MemoryLayout<Number>.size)
  }

  private func primitive(
    _ kind: UInt8, _ bytes: ArraySlice<UInt8>
  ) throws(ParquetError) -> Variant {
    switch kind {
    case 0: return .null
    case 1: return .boolean(true)
    case 2: return .boolean(false)
    case 3: return .int8(try integer(bytes))
    case 4: return .int16(try integer(bytes))
    case 5: return .int32(try integer(bytes))
    case 6: return .int64(try integer(bytes))
    case 7: return .double(Double(bitPattern: try integer(bytes)))
    case 8: return try decimal(bytes, as: Int32.self)
    case 9: return try decimal(bytes, as: Int64.self)
    case 10: return try decimal(bytes, as: Int128.self)
    case 11: return .date(try integer(bytes))
    case 12: return .timestamp(try integer(bytes), .microseconds, isUTC: true)
    case 13: return .timestamp(try integer(bytes), .microseconds, isUTC: false)
    case 14: return .float(Float(bitPattern: try integer(bytes)))
    case 15: return .binary(Array(try sized(bytes)))
    case 16: return .string(try text(try sized(bytes)))
    case 17: return .time(try integer(bytes))
    case 18: return .timestamp(try integer(bytes), .nanoseconds, isUTC: true)
    case 19: return .timestamp(try integer(bytes), .nanoseconds, isUTC: false)
    case 20: return .uuid(Array(try take(bytes, 16)))
    default: throw ParquetError(.unsupported, "variant: a value of type \(kind)")
    }
  }

  private mutating func object(
    _ header: UInt8, _ bytes: ArraySlice<UInt8>, depth: Int
  ) throws(ParquetError) -> Variant {
    let offsetSize = Int(header & 3) + 1
    let idSize = Int(header >> 2 & 3) + 1
    let countSize = header >> 4 & 1 == 1 ? 4 : 1
    let count = try bytes.variantInteger(at: bytes.startIndex, size: countSize)
    let ids = bytes.startIndex + countSize
    let offsets = ids + count * idSize
    let values = offsets + (count + 1) * offsetSize
    guard values <= bytes.endIndex, count <= bytes.count else {
      throw corrupt("an object of \(count) fields in \(bytes.count) bytes")
    }
    var fields: [Variant.Field] = []
    for index in 0..<count {
      let id = try bytes.variantInteger(at: ids + index * idSize, size: idSize)
      let offset = try bytes.variantInteger(at: offsets + index * offsetSize, size: offsetSize)
      guard offset < bytes.endIndex - values else { throw corrupt("a field at \(offset)") }
      fields.append(
        Variant.Field(
          try dictionary.name(id), try decode(bytes[(values + offset)...], depth: depth + 1)))
    }
    return .object(Variant.sorted(fields))
  }

  private mutating func array(
    _ header: UInt8, _ bytes: ArraySlice<UInt8>, depth: Int
  ) throws(ParquetError) -> Variant {
    let offsetSize = Int(header & 3) + 1
    let countSize = header >> 2 & 1 == 1 ? 4 : 1
    let count = try bytes.variantInteger(at: bytes.startIndex, size: countSize)
    let offsets = bytes.startIndex + countSize
    let values = offsets + (count + 1) * offsetSize
    guard values <= bytes.endIndex else {
      throw corrupt("an array of \(count) elements in \(bytes.count) bytes")
    }
    var items: [Variant] = []
    for index in 0..<count {
      let offset = try bytes.variantInteger(at: offsets + index * offsetSize, size: offsetSize)
      guard offset < bytes.endIndex - values else { throw corrupt("an element at \(offset)") }
      items.append(try decode(bytes[(values + offset)...], depth: depth + 1))
    }
    return .array(items)
  }
}

extension Variant {
  static func sorted(_ fields: [Field]) -> [Field] {
    fields.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }
}
