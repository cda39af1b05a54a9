/// How a run's memory is shared out: fixed parts, so that the peak does not depend on the source.
public struct MemoryBudget: Hashable, Sendable {
  public var totalBytes: Int
  /// Streams that run at once.
  public var laneCount: Int

  /// What the program, its libraries and their caches take before any row is read.
  static let baseBytes = 48 << 20
  public static let totalBytesMin = 64 << 20
  public static let totalBytesDefault = 128_000_000

  public init(totalBytes: Int, laneCount: Int) {
    self.totalBytes = max(totalBytes, Self.totalBytesMin)
    self.laneCount = max(1, laneCount)
  }

  private var laneBytes: Int { (totalBytes - Self.baseBytes) / laneCount }

  /// One batch; a reader holds one that it builds.
  var batchBytes: Int { max(256 << 10, laneBytes / 40) }
  /// Batches on their way from the reader to the writer.
  var channelBytes: Int { batchBytes * 2 }
  /// All that a reader may hold besides.
  var readerBytes: Int { laneBytes / 5 }
  /// Pages and dictionaries of open files.
  var writerBytes: Int { laneBytes / 4 }
}
