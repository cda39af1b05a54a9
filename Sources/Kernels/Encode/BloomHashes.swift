internal import CKernels
internal import Foundation

/// Hashes of values on their way into a bloom filter.
public struct BloomHashes: Sendable {
  private var hashes: [UInt64] = []

  public init() {}

  public var count: Int { hashes.count }

  public var memoryByteCount: Int { hashes.capacity * 8 }

  /// Adds those of values of `width` bytes each.
  public mutating func append(_ values: RawSpan, width: Int) {
    precondition(width > 0 && values.byteCount % width == 0)
    let count = values.byteCount / width
    hashes.append(
      addingCapacity: count,
      filling: { output in
        values.withUnsafeBytes { bytes in
          guard let input = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
          tm_bloom_hash_fixed(input, width, count, output)
        }
      })
  }

  /// Adds those of byte strings behind views into one buffer.
  /// - Precondition: every view lies within the buffer.
  public mutating func append(views: RawSpan, in buffer: RawSpan) {
    hashes.append(
      addingCapacity: views.byteCount / ViewAccess.width,
      filling: { output in
        _ = ViewAccess.with(views, buffer) { views, count, bytes, _ in
          tm_bloom_hash_views(views, count, bytes, output)
        }
      })
  }

  /// Adds those of `count` byte strings in PLAIN encoding.
  public mutating func append(plain: RawSpan, count: Int) {
    hashes.append(
      addingCapacity: count,
      filling: { output in
        plain.withUnsafeBytes { bytes in
          guard let input = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
          let isWhole = tm_bloom_hash_plain(input, bytes.count, count, output) != 0
          precondition(isWhole, "not \(count) strings in PLAIN encoding")
        }
      })
  }

  /// Keeps one of each. Complexity: O(n log n).
  public mutating func removeDuplicates() {
    hashes.sort()
    var kept = 0
    for index in hashes.indices where index == 0 || hashes[index] != hashes[kept - 1] {
      hashes[kept] = hashes[index]
      kept += 1
    }
    hashes.removeLast(hashes.count - kept)
  }

  /// Sets the bits of all in a filter, and forgets them.
  /// - Parameter filter: blocks of 32 bytes, one at least.
  public mutating func move(into filter: inout [UInt8]) {
    precondition(!filter.isEmpty && filter.count % SplitBlockBloom.blockByteCount == 0)
    let blockCount = filter.count / SplitBlockBloom.blockByteCount
    hashes.withUnsafeBufferPointer { hashes in
      filter.withUnsafeMutableBufferPointer { filter in
        guard let input = hashes.baseAddress, let output = filter.baseAddress else { return }
        tm_bloom_insert(input, hashes.count, output, blockCount)
      }
    }
    hashes.removeAll(keepingCapacity: true)
  }
}

extension [UInt64] {
  fileprivate mutating func append(
    addingCapacity count: Int, filling: (UnsafeMutablePointer<UInt64>) -> Void
  ) {
    guard count > 0 else { return }
    let start = self.count
    append(contentsOf: repeatElement(0, count: count))
    withUnsafeMutableBufferPointer { room in
      if let base = room.baseAddress { filling(base + start) }
    }
  }
}

extension SplitBlockBloom {
  /// Readers ask for a power of two.
  public static func largestByteCount(upTo byteCount: Int) -> Int {
    var size = blockByteCount
    while size * 2 <= byteCount { size *= 2 }
    return size
  }

  /// How large a filter has to be; a power of two, of one block at least.
  /// - SeeAlso: parquet-format, BloomFilter.md, "Sizing an SBBF".
  public static func byteCount(distinctCount: Int, falsePositiveRate: Double) -> Int {
    let bits = -8 * Double(distinctCount) / log(1 - pow(falsePositiveRate, 1.0 / 8))
    let needed = min(bits / 8, Double(1 << 30))
    var size = blockByteCount
    while Double(size) < needed { size *= 2 }
    return size
  }
}
