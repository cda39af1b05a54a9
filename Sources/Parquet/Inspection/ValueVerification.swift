internal import Kernels
internal import Records

/// Holds the values of a chunk against what is said of each: bloom filter, geospatial statistics,
/// counts of distinct values and of those that are not numbers.
struct ValueVerification {
  private let leaf: LeafColumn
  private let bloom: BloomFilter?
  private let geospatial: GeospatialCheck?
  private let claimedDistinct: Int?
  /// Hashes of the values seen, where their number is claimed.
  private var distinct: Set<UInt64> = []
  private var knowsDistinct = true
  private(set) var nanCount = 0

  /// Counts beyond are not checked: the hashes would take too much memory.
  static let distinctMax = 1 << 20

  init(leaf: LeafColumn, chunk: ColumnMetaData, bloom: BloomFilter?) {
    self.leaf = leaf
    self.bloom = bloom
    let statistics = chunk.geospatialStatistics ?? GeospatialStatistics()
    geospatial =
      switch leaf.logicalType {
      case .geometry: GeospatialCheck(statistics, isSphere: false)
      case .geography: GeospatialCheck(statistics, isSphere: true)
      default: nil
      }
    claimedDistinct = chunk.statistics?.distinctCount.flatMap { claim in
      (0...Int64(Self.distinctMax)).contains(claim) ? Int(claim) : nil
    }
  }

  /// What is wrong with the statistics before any value is seen.
  var problem: String? { geospatial?.problem }

  /// - Returns: what the page's values deny, each kind of problem once.
  mutating func problems(_ values: Column.Values) -> [String] {
    var problems: [String] = []
    nanCount += Self.nanCount(values)
    if let geospatial, let problem = Self.firstProblem(geospatial, values) {
      problems.append(problem)
    }
    guard bloom != nil || claimedDistinct != nil else { return problems }
    var missing = 0
    var hashes = distinct
    distinct = []
    let limit = claimedDistinct.map { $0 + 1 } ?? 0
    let areBytes = ValueBytes.forEach(values, leaf: leaf) { bytes in
      if let bloom, !bloom.mayContain(bytes) { missing += 1 }
      if hashes.count < limit { hashes.insert(XXHash64.hash(bytes.span)) }
      return true
    }
    distinct = hashes
    if !areBytes { knowsDistinct = false }
    if missing > 0 {
      problems.append(
        "the bloom filter lacks \(missing) \(missing == 1 ? "value" : "values") of the page")
    }
    return problems
  }

  /// What the chunk as a whole denies.
  func problems(_ statistics: Statistics?) -> [String] {
    var problems: [String] = []
    if let claimedDistinct, knowsDistinct, distinct.count != claimedDistinct {
      let found = distinct.count > claimedDistinct ? "more" : "\(distinct.count)"
      problems.append("the statistics say \(claimedDistinct) distinct values, there are \(found)")
    }
    if let claimed = statistics?.nanCount, claimed != Int64(nanCount) {
      problems.append(
        "the statistics say \(claimed) values that are not numbers, there are \(nanCount)")
    }
    return problems
  }

  private static func nanCount(_ values: Column.Values) -> Int {
    switch values {
    case .float(let numbers): numbers.reduce(0) { $0 + ($1.isNaN ? 1 : 0) }
    case .double(let numbers): numbers.reduce(0) { $0 + ($1.isNaN ? 1 : 0) }
    default: 0
    }
  }

  private static func firstProblem(
    _ check: GeospatialCheck, _ values: Column.Values
  ) -> String? {
    guard case .bytes(let column) = values else { return nil }
    for row in 0..<column.count {
      do throws(ParquetError) {
        if let problem = try check.problem(column[row]) { return problem }
      } catch {
        return error.message
      }
    }
    return nil
  }
}
