/// Holds geometries against what a chunk's geospatial statistics promise.
struct GeospatialCheck {
  private let box: BoundingBox?
  /// Nil where nothing is promised.
  private let types: Set<Int32>?
  /// By how much a coordinate may lie outside, in parts of it: on a sphere, bounds are computed.
  private let tolerance: Double

  init(_ statistics: GeospatialStatistics, isSphere: Bool) {
    tolerance = isSphere ? 1e-12 : 0
    box = statistics.boundingBox
    types = statistics.types.flatMap { $0.isEmpty ? nil : Set($0) }
  }

  /// What is wrong with the statistics themselves.
  var problem: String? {
    guard let box else { return nil }
    let bounds = [
      box.xMin, box.xMax, box.yMin, box.yMax, box.zMin, box.zMax, box.mMin, box.mMax,
    ]
    if bounds.contains(where: { $0?.isNaN ?? false }) {
      return "the bounding box has a bound that is not a number"
    }
    if box.yMin > box.yMax { return "the bounding box has its least y above its greatest" }
    return nil
  }

  /// - Returns: what of the geometry the statistics deny; nil where they hold.
  /// - Throws: where the bytes are no geometry.
  func problem(_ geometry: ArraySlice<UInt8>) throws(ParquetError) -> String? {
    var outside: String?
    let type = try WKBReader.read(geometry) { coordinate in
      guard outside == nil, let box else { return }
      outside = Self.axis(coordinate, outsideOf: box, tolerance)
    }
    if let outside { return outside }
    guard let types, !types.contains(type) else { return nil }
    return "a geometry of type \(type), the statistics have \(types.sorted())"
  }

  private static func axis(
    _ coordinate: WKBReader.Coordinate, outsideOf box: BoundingBox, _ tolerance: Double
  ) -> String? {
    func outside(_ name: String, _ value: Double?, _ min: Double?, _ max: Double?) -> String? {
      // What is not a number is no coordinate: an empty point.
      guard let value, !value.isNaN, let min, let max else { return nil }
      let slack = tolerance * Swift.max(1, abs(value))
      // Around the far side of the globe, the box is what is not between its bounds.
      let isInside =
        name == "x" && min > max
        ? value + slack >= min || value - slack <= max
        : value + slack >= min && value - slack <= max
      return isInside
        ? nil : "a geometry with \(name) = \(value), the bounding box has \(min) to \(max)"
    }
    return outside("x", coordinate.x, box.xMin, box.xMax)
      ?? outside("y", coordinate.y, box.yMin, box.yMax)
      ?? outside("z", coordinate.z, box.zMin, box.zMax)
      ?? outside("m", coordinate.m, box.mMin, box.mMax)
  }
}
