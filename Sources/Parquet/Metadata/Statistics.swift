/// What is known of the values of a column chunk or page.
public struct Statistics: Hashable, Sendable {
  /// By signed comparison of bytes; deprecated, right for signed numbers only.
  public var deprecatedMax: ArraySlice<UInt8>?
  public var deprecatedMin: ArraySlice<UInt8>?
  public var nullCount: Int64?
  public var distinctCount: Int64?
  /// In PLAIN encoding, without the length of byte arrays, ordered by the column's order.
  public var max: ArraySlice<UInt8>?
  public var min: ArraySlice<UInt8>?
  /// False where `max` is only an upper bound, as for long texts.
  public var isMaxExact: Bool?
  public var isMinExact: Bool?
  public var nanCount: Int64?

  public init(
    min: ArraySlice<UInt8>? = nil, max: ArraySlice<UInt8>? = nil, nullCount: Int64? = nil,
    distinctCount: Int64? = nil, isMinExact: Bool? = nil, isMaxExact: Bool? = nil
  ) {
    self.min = min
    self.max = max
    self.nullCount = nullCount
    self.distinctCount = distinctCount
    self.isMinExact = isMinExact
    self.isMaxExact = isMaxExact
  }
}

extension Statistics: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var id = 0
    self.init()
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1: deprecatedMax = try reader.binary(field)
      case 2: deprecatedMin = try reader.binary(field)
      case 3: nullCount = try reader.int64(field)
      case 4: distinctCount = try reader.int64(field)
      case 5: max = try reader.binary(field)
      case 6: min = try reader.binary(field)
      case 7: isMaxExact = try reader.bool(field)
      case 8: isMinExact = try reader.bool(field)
      case 9: nanCount = try reader.int64(field)
      default: try reader.skip(field)
      }
    }
  }

  func write(to writer: inout ThriftWriter) {
    writer.binary(1, deprecatedMax)
    writer.binary(2, deprecatedMin)
    writer.int64(3, nullCount)
    writer.int64(4, distinctCount)
    writer.binary(5, max)
    writer.binary(6, min)
    writer.bool(7, isMaxExact)
    writer.bool(8, isMinExact)
    writer.int64(9, nanCount)
    writer.stop()
  }
}

/// How much a column chunk decodes to.
public struct SizeStatistics: Hashable, Sendable {
  /// Bytes of the BYTE_ARRAY values alone, without lengths.
  public var unencodedByteArrayBytes: Int64?
  /// How often each level occurs, from 0 to the maximum; left out where the maximum is 0.
  public var repetitionLevelHistogram: [Int64]?
  public var definitionLevelHistogram: [Int64]?

  public init(
    unencodedByteArrayBytes: Int64? = nil, repetitionLevelHistogram: [Int64]? = nil,
    definitionLevelHistogram: [Int64]? = nil
  ) {
    self.unencodedByteArrayBytes = unencodedByteArrayBytes
    self.repetitionLevelHistogram = repetitionLevelHistogram
    self.definitionLevelHistogram = definitionLevelHistogram
  }
}

extension SizeStatistics: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var id = 0
    self.init()
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1: unencodedByteArrayBytes = try reader.int64(field)
      case 2: repetitionLevelHistogram = try reader.int64s(field)
      case 3: definitionLevelHistogram = try reader.int64s(field)
      default: try reader.skip(field)
      }
    }
  }

  func write(to writer: inout ThriftWriter) {
    writer.int64(1, unencodedByteArrayBytes)
    writer.int64s(2, repetitionLevelHistogram)
    writer.int64s(3, definitionLevelHistogram)
    writer.stop()
  }
}

/// The extent of a column of geometries.
public struct GeospatialStatistics: Hashable, Sendable {
  public var boundingBox: BoundingBox?
  /// The WKB type codes that occur.
  public var types: [Int32]?

  public init(boundingBox: BoundingBox? = nil, types: [Int32]? = nil) {
    self.boundingBox = boundingBox
    self.types = types
  }
}

/// xMin may be above xMax: then the box goes around the far side of the globe.
public struct BoundingBox: Hashable, Sendable {
  public var xMin, xMax, yMin, yMax: Double
  public var zMin, zMax, mMin, mMax: Double?

  public init(xMin: Double, xMax: Double, yMin: Double, yMax: Double) {
    self.xMin = xMin
    self.xMax = xMax
    self.yMin = yMin
    self.yMax = yMax
  }
}

extension GeospatialStatistics: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var id = 0
    self.init()
    while let field = try reader.nextField(after: &id) {
      switch field.id {
      case 1: boundingBox = try reader.structure(field)
      case 2: types = try reader.int32s(field)
      default: try reader.skip(field)
      }
    }
  }

  func write(to writer: inout ThriftWriter) {
    writer.structure(1, boundingBox)
    writer.int32s(2, types)
    writer.stop()
  }
}

extension BoundingBox: ThriftStructure {
  init(from reader: inout ThriftReader) throws(ParquetError) {
    var id = 0
    var bounds = [Double?](repeating: nil, count: 8)
    while let field = try reader.nextField(after: &id) {
      if (1...8).contains(field.id) {
        bounds[field.id - 1] = try reader.double(field)
      } else {
        try reader.skip(field)
      }
    }
    self.init(
      xMin: try reader.require(bounds[0], "BoundingBox.xmin"),
      xMax: try reader.require(bounds[1], "BoundingBox.xmax"),
      yMin: try reader.require(bounds[2], "BoundingBox.ymin"),
      yMax: try reader.require(bounds[3], "BoundingBox.ymax"))
    zMin = bounds[4]
    zMax = bounds[5]
    mMin = bounds[6]
    mMax = bounds[7]
  }

  func write(to writer: inout ThriftWriter) {
    let bounds = [xMin, xMax, yMin, yMax, zMin, zMax, mMin, mMax]
    for (index, bound) in bounds.enumerated() { writer.double(index + 1, bound) }
    writer.stop()
  }
}
