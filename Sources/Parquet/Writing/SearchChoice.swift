internal import Compression
internal import Kernels

/// Which search for repetitions suits the pages of a column in one encoding: both are tried on a
/// page, and the one that made it smaller serves until pages come out otherwise.
struct SearchChoice: Sendable {
  private var found: Found?

  private struct Found {
    var search: MatchSearch
    /// Compressed bytes a byte, of the page that it was found on.
    var ratio: Double
  }

  /// Smaller pages say little of others, and cost little.
  static let trialBytesMin = 32 << 10
  /// How far the ratio may move, as a part of itself, before both are tried again.
  private static let driftMax = 0.1

  /// Compresses the scratch's body behind what `compressed` holds already.
  mutating func compress(_ scratch: PageScratch) throws(ParquetError) {
    let count = scratch.body.count
    guard scratch.compressor.hasSparseSearch, count >= Self.trialBytesMin else {
      return try scratch.compressBody()
    }
    let start = scratch.compressed.count
    if let found {
      try scratch.compressBody(found.search)
      let ratio = Double(scratch.compressed.count - start) / Double(count)
      if abs(ratio - found.ratio) > Self.driftMax * found.ratio { self.found = nil }
    } else {
      let search = try scratch.compressBodyEitherWay()
      let ratio = Double(scratch.compressed.count - start) / Double(count)
      found = Found(search: search, ratio: ratio)
    }
  }
}
