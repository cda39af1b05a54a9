/// Visits the coordinates of a geometry in well-known binary form, as ISO has it.
///
///     byte order, 1 byte | type, 4 | counts and coordinates
///
/// Types are 1 to 7, with 1000 more where there is Z, 2000 more where there is M, 3000 for both.
/// Geometries nest at most 32 deep, and no count is believed beyond the bytes that are left.
struct WKBReader {
  struct Coordinate {
    var x, y: Double
    var z, m: Double?
  }

  static let depthMax = 32

  private let bytes: ArraySlice<UInt8>
  private var position: Int
  private let visit: (Coordinate) -> Void

  private init(_ bytes: ArraySlice<UInt8>, _ visit: @escaping (Coordinate) -> Void) {
    self.bytes = bytes
    position = bytes.startIndex
    self.visit = visit
  }

  /// - Returns: the type of the geometry.
  /// - Throws: `.corrupt`, `.truncated`, `.limitExceeded` where it nests too deep.
  static func read(
    _ bytes: ArraySlice<UInt8>, _ visit: (Coordinate) -> Void
  ) throws(ParquetError) -> Int32 {
    let result = withoutActuallyEscaping(visit) { visit -> Result<Int32, ParquetError> in
      var reader = WKBReader(bytes, visit)
      do throws(ParquetError) {
        let type = try reader.geometry(depth: 0, within: nil)
        guard reader.position == bytes.endIndex else {
          throw ParquetError(
            .corrupt, "\(bytes.endIndex - reader.position) bytes are left over behind a geometry")
        }
        return .success(type)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private var bytesLeft: Int { bytes.endIndex - position }

  private mutating func geometry(depth: Int, within outer: Int32?) throws(ParquetError) -> Int32 {
    guard depth < Self.depthMax else {
      throw ParquetError(.limitExceeded, "a geometry nests deeper than \(Self.depthMax) levels")
    }
    guard bytesLeft >= 5 else { throw truncated() }
    let order = bytes[position]
    guard order <= 1 else { throw ParquetError(.corrupt, "a geometry of byte order \(order)") }
    let isLittle = order == 1
    position += 1
    let code = Int32(truncatingIfNeeded: number(4, isLittle))
    let dimensions = code / 1000
    let kind = code % 1000
    guard (0...3).contains(dimensions), (1...7).contains(kind) else {
      throw ParquetError(.corrupt, "a geometry of type \(code)")
    }
    if let outer, outer / 1000 != dimensions || !Self.mayHold(outer % 1000, kind) {
      throw ParquetError(.corrupt, "a geometry of type \(code) in one of type \(outer)")
    }
    switch kind {
    case 1: try coordinates(1, dimensions, isLittle)
    case 2: try coordinates(try count(isLittle, least: 16), dimensions, isLittle)
    case 3:
      for _ in 0..<(try count(isLittle, least: 4)) {
        try coordinates(try count(isLittle, least: 16), dimensions, isLittle)
      }
    default:
      for _ in 0..<(try count(isLittle, least: 5)) {
        _ = try geometry(depth: depth + 1, within: code)
      }
    }
    return code
  }

  /// Points, lines and polygons come in collections of their own; the last kind holds any.
  private static func mayHold(_ outer: Int32, _ inner: Int32) -> Bool {
    outer == 7 || outer == inner + 3
  }

  private func truncated() -> ParquetError {
    ParquetError(.truncated, "a geometry ends too early")
  }

  /// - Precondition: the bytes are there.
  private mutating func number(_ byteCount: Int, _ isLittle: Bool) -> UInt64 {
    let range = position..<position + byteCount
    position += byteCount
    return isLittle
      ? bytes[range].reversed().reduce(0) { $0 << 8 | UInt64($1) }
      : bytes[range].reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// - Parameter least: bytes that each item takes at least.
  private mutating func count(_ isLittle: Bool, least: Int) throws(ParquetError) -> Int {
    guard bytesLeft >= 4 else { throw truncated() }
    let count = Int(number(4, isLittle))
    guard count <= bytesLeft / least else {
      throw ParquetError(.truncated, "a geometry of \(count) items in \(bytesLeft) bytes")
    }
    return count
  }

  private mutating func coordinates(
    _ count: Int, _ dimensions: Int32, _ isLittle: Bool
  ) throws(ParquetError) {
    let byteCount = 8 * (dimensions == 0 ? 2 : dimensions == 3 ? 4 : 3)
    guard count <= bytesLeft / byteCount else { throw truncated() }
    for _ in 0..<count {
      var coordinate = Coordinate(x: double(isLittle), y: double(isLittle))
      if dimensions == 1 || dimensions == 3 { coordinate.z = double(isLittle) }
      if dimensions >= 2 { coordinate.m = double(isLittle) }
      visit(coordinate)
    }
  }

  private mutating func double(_ isLittle: Bool) -> Double {
    Double(bitPattern: number(8, isLittle))
  }
}
