/// Which encoding a column's values get, found on the first page that has some, and kept for the
/// chunks after it while their first values look alike.
struct EncodingVerdict: Sendable {
  var encoding: Encoding
  /// What takes over when a dictionary is full.
  var fallback: Encoding
  /// In words, with the numbers that decided.
  var reason: String
  /// Values of the page that it was found on.
  var valueCount: Int
  /// Distinct ones among the first `probeCount` values, and among all; nil where they were not
  /// counted.
  var probeShare: Double?
  var pageShare: Double?
  /// Bytes a value of the first page as stored; nil till there is one.
  var bytesPerValue: Double?

  /// Values of a chunk that are looked at before a verdict is taken over.
  static let probeCount = 2048
  /// Verdicts on fewer values hold for their chunk alone.
  static let valueCountMin = 1000

  /// Whether a share of distinct values is much as it was.
  static func isAlike(_ share: Double, _ before: Double?) -> Bool {
    before.map { abs(share - $0) <= 0.1 } ?? false
  }

  /// Whether pages have become so much larger or smaller that the choice should be made again.
  func isOutdated(by bytes: Double) -> Bool {
    guard let before = bytesPerValue, before > 0 else { return false }
    return bytes > before * 1.5 || bytes * 1.5 < before
  }
}
