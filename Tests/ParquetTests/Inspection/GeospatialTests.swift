import Records
import Testing

@testable import Parquet

@Suite struct GeospatialTests {
  private static func doubles(_ values: [Double]) -> [UInt8] {
    values.flatMap { FileBuilder.littleEndian($0.bitPattern, 8) }
  }

  private static func head(_ type: Int32, _ counts: Int32...) -> [UInt8] {
    [1] + FileBuilder.littleEndian(type, 4) + counts.flatMap { FileBuilder.littleEndian($0, 4) }
  }

  private static func point(_ x: Double, _ y: Double) -> [UInt8] { head(1) + doubles([x, y]) }

  private func read(_ bytes: [UInt8]) -> (type: Int32?, points: [[Double?]]) {
    var points: [[Double?]] = []
    let type = try? WKBReader.read(bytes[...]) { points.append([$0.x, $0.y, $0.z, $0.m]) }
    return (type, points)
  }

  @Test func everyKind() {
    #expect(read(Self.point(1, 2)).points == [[1, 2, nil, nil]])
    #expect(read(Self.head(1001) + Self.doubles([1, 2, 3])).points == [[1, 2, 3, nil]])
    #expect(read(Self.head(2001) + Self.doubles([1, 2, 3])).points == [[1, 2, nil, 3]])
    #expect(read(Self.head(3001) + Self.doubles([1, 2, 3, 4])).points == [[1, 2, 3, 4]])
    #expect(read(Self.head(2, 2) + Self.doubles([1, 2, 3, 4])).points.count == 2)
    #expect(read(Self.head(3, 1, 2) + Self.doubles([1, 2, 3, 4])).points.count == 2)
    let points = Self.head(4, 2) + Self.point(1, 2) + Self.point(3, 4)
    #expect(read(points).points.count == 2)
    let collection = Self.head(7, 2) + points + Self.point(5, 6)
    #expect(read(collection).type == 7)
    #expect(read(collection).points.count == 3)
    let big: [UInt8] =
      [0, 0, 0, 0, 1] + [0x3F, 0xF0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 8)
    #expect(read(big).points == [[1, 0, nil, nil]])
  }

  @Test func hostileBytes() {
    let good = Self.head(7, 1) + Self.head(3, 1, 2) + Self.doubles([1, 2, 3, 4])
    for count in 0..<good.count { #expect(read(Array(good.prefix(count))).type == nil) }
    #expect(read(good + [0]).type == nil)
    #expect(read(Self.head(2, -1)).type == nil)
    #expect(read(Self.head(9)).type == nil)
    #expect(read(Self.head(1 | Int32.min) + Self.doubles([1, 2])).type == nil)
    // A line in a collection of points.
    #expect(read(Self.head(4, 1) + Self.head(2, 0)).type == nil)
    var deep: [UInt8] = []
    for _ in 0..<100_000 { deep += Self.head(7, 1) }
    #expect(read(deep).type == nil)
    var random = SampleMaker(seed: 3)
    for _ in 0..<5000 {
      var bytes = good
      bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
      _ = read(bytes)
    }
  }

  private func findings(
    _ geometries: [[UInt8]], _ statistics: GeospatialStatistics, _ type: LogicalType
  ) -> [String] {
    let body = geometries.flatMap { FileBuilder.littleEndian($0.count, 4) + $0 }
    let page = FileBuilder.data(body, count: Int32(geometries.count))
    let file = FileBuilder.single(
      .byteArray, pages: [page], rows: Int64(geometries.count), logical: type
    ) { $0.geospatialStatistics = statistics }
    return ParquetFile.verify(MemorySource(file.bytes())).findings.map(\.message)
  }

  @Test func statisticsAreHeldAgainstGeometries() {
    let points = [Self.point(1, 2), Self.point(3, 4), Self.point(.nan, .nan)]
    var box = BoundingBox(xMin: 1, xMax: 3, yMin: 2, yMax: 4)
    let plane = LogicalType.geometry(crs: nil)
    #expect(findings(points, GeospatialStatistics(boundingBox: box, types: [1]), plane) == [])
    #expect(findings(points, GeospatialStatistics(), plane) == [])
    #expect(
      findings(points, GeospatialStatistics(types: [2, 3]), plane)
        == ["a geometry of type 1, the statistics have [2, 3]"])
    box.xMax = 2.5
    #expect(
      findings(points, GeospatialStatistics(boundingBox: box), plane)
        == ["a geometry with x = 3.0, the bounding box has 1.0 to 2.5"])
    box.yMin = .nan
    #expect(findings(points, GeospatialStatistics(boundingBox: box), plane).count == 2)
    #expect(findings([[7, 7]], GeospatialStatistics(), plane) == ["a geometry ends too early"])
  }

  /// A box whose least x is above its greatest goes around the far side of the globe.
  @Test func aroundTheFarSide() {
    let box = BoundingBox(xMin: 170, xMax: -170, yMin: -10, yMax: 10)
    let statistics = GeospatialStatistics(boundingBox: box)
    let globe = LogicalType.geography(crs: nil, algorithm: 0)
    #expect(findings([Self.point(179, 0), Self.point(-175, 0)], statistics, globe) == [])
    #expect(findings([Self.point(0, 0)], statistics, globe).count == 1)
  }

  @Test func typesAreSpelled() {
    #expect(LogicalType.geometry(crs: nil).text == "GEOMETRY(OGC:CRS84)")
    #expect(
      LogicalType.geography(crs: "srid:4326", algorithm: 4).text == "GEOGRAPHY(srid:4326,KARNEY)")
    #expect(LogicalType.decimal(precision: 12, scale: 2).text == "DECIMAL(12,2)")
    #expect(LogicalType.timestamp(.microseconds, isUTC: true).text == "TIMESTAMP(MICROS,true)")
  }
}
