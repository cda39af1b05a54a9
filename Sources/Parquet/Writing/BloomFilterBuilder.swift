internal import Kernels

/// The bloom filter of a column chunk as its values come.
///
/// Hashes are kept, each once, until there are as many as take the memory of the largest filter;
/// the filter's size follows from their number. Beyond that, they go into the largest at once.
struct BloomFilterBuilder {
  private let falsePositiveRate: Double
  private let byteCountMax: Int
  private var hashes = BloomHashes()
  /// Once there are too many hashes to keep.
  private var filter: [UInt8]?

  init(falsePositiveRate: Double, byteCountMax: Int) {
    self.falsePositiveRate = falsePositiveRate
    self.byteCountMax = SplitBlockBloom.largestByteCount(upTo: byteCountMax)
  }

  var memoryByteCount: Int { hashes.memoryByteCount + (filter?.count ?? 0) }

  // MARK: Values

  mutating func insert(_ values: RawSpan, width: Int) {
    hashes.append(values, width: width)
    bound()
  }

  mutating func insert(views: RawSpan, in buffer: RawSpan) {
    hashes.append(views: views, in: buffer)
    bound()
  }

  /// - Parameter plain: `count` byte strings in PLAIN encoding.
  mutating func insert(plain: RawSpan, count: Int) {
    hashes.append(plain: plain, count: count)
    bound()
  }

  private mutating func bound() {
    guard var filled = filter ?? overflow() else { return }
    filter = nil
    hashes.move(into: &filled)
    filter = filled
  }

  /// The largest filter, when hashes take as much memory as it does and are not just repeated.
  private mutating func overflow() -> [UInt8]? {
    guard hashes.count > byteCountMax / 8 else { return nil }
    hashes.removeDuplicates()
    guard hashes.count > byteCountMax / 16 else { return nil }
    return [UInt8](repeating: 0, count: byteCountMax)
  }

  // MARK: The filter

  /// The filter with its header; nil where there was no value.
  mutating func finish() -> [UInt8]? {
    if filter == nil {
      hashes.removeDuplicates()
      guard hashes.count > 0 else { return nil }
      let byteCount = min(
        byteCountMax,
        SplitBlockBloom.byteCount(
          distinctCount: hashes.count, falsePositiveRate: falsePositiveRate))
      filter = [UInt8](repeating: 0, count: byteCount)
    }
    guard var filter else { return nil }
    hashes.move(into: &filter)
    return BloomFilterHeader(byteCount: Int32(clamping: filter.count)).serialized() + filter
  }
}
