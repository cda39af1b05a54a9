public import Records

/// A value of the VARIANT type: semi-structured, each with a type of its own.
/// - SeeAlso: parquet-format, VariantEncoding.md.
public indirect enum Variant: Hashable, Sendable {
  case null
  case boolean(Bool)
  case int8(Int8)
  case int16(Int16)
  case int32(Int32)
  case int64(Int64)
  case float(Float)
  case double(Double)
  /// unscaled · 10^-scale, stored in 4, 8 or 16 bytes.
  case decimal(Int128, scale: Int, byteCount: Int)
  /// Days since 1970-01-01.
  case date(Int32)
  /// Microseconds since midnight.
  case time(Int64)
  /// Microseconds or nanoseconds since 1970-01-01T00:00:00.
  case timestamp(Int64, TimeUnit, isUTC: Bool)
  case binary([UInt8])
  case string(String)
  /// 16 bytes, big-endian.
  case uuid([UInt8])
  case array([Variant])
  /// In ascending order of the names' bytes.
  case object([Field])

  public struct Field: Hashable, Sendable {
    public var name: String
    public var value: Variant

    public init(_ name: String, _ value: Variant) {
      self.name = name
      self.value = value
    }
  }

  /// How deep arrays and objects may nest.
  public static let depthMax = 128
}

extension Variant {
  /// Parses the binary form.
  /// - Throws: `.corrupt` where the bytes break the format, `.limitExceeded` beyond 128 levels.
  public init(metadata: ArraySlice<UInt8>, value: ArraySlice<UInt8>) throws(ParquetError) {
    let dictionary = try VariantMetadata(metadata)
    var decoder = VariantDecoder(dictionary: dictionary, valueByteCount: value.count)
    self = try decoder.decode(value, depth: 0)
  }

  /// Parses a metadata block with the value right behind it.
  public init(metadataAndValue bytes: ArraySlice<UInt8>) throws(ParquetError) {
    let dictionary = try VariantMetadata(bytes)
    let value = bytes[(bytes.startIndex + dictionary.byteCount)...]
    var decoder = VariantDecoder(dictionary: dictionary, valueByteCount: value.count)
    self = try decoder.decode(value, depth: 0)
  }
}
