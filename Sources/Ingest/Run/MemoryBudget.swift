/// How a run's memory is shared out: fixed parts, so that the peak does not depend on the source.
public struct MemoryBudget: Hashable, Sendable {
  public var totalBytes: Int
  /// Streams that run at once.
  public var laneCount: Int
  /// Whether files are uploaded, and not written where they stay.
  public var uploads: Bool

  /// What the program, its libraries and their caches take before any row is read.
  static let baseBytes = 48 << 20
  public static let totalBytesMin = 64 << 20
  public static let totalBytesDefault = 128_000_000

  public init(totalBytes: Int, laneCount: Int, uploads: Bool = false) {
    self.totalBytes = max(totalBytes, Self.totalBytesMin)
    self.laneCount = max(1, laneCount)
    self.uploads = uploads
  }

  /// Parts of uploads on their way to the store, for all lanes together.
  public static func uploadBytes(ofTotal total: Int) -> Int {
    max(10 << 20, (max(total, totalBytesMin) - baseBytes) / 4)
  }

  /// What a reader and its writer take at the least: codecs, pages, blocks.
  private static let readerBytesMin = 32 << 20

  /// How many splits of a stream there is memory for at a time.
  var readerCountMax: Int { max(1, laneBytes / Self.readerBytesMin) }

  /// The budget where every stream reads several splits at a time.
  func shared(among readers: Int) -> MemoryBudget {
    MemoryBudget(
      totalBytes: totalBytes, laneCount: laneCount * max(1, readers), uploads: uploads)
  }

  /// The total with which a reader has at least so many bytes.
  func totalBytes(forReaderBytes bytes: Int) -> Int {
    let lanes = Int128(bytes) * Int128(Self.readerShare) * Int128(laneCount)
    // Uploads take half of what is shared out.
    return Int(clamping: Int128(Self.baseBytes) + lanes * (uploads ? 2 : 1))
  }

  private static let readerShare = 5

  private var laneBytes: Int {
    let shared = uploads ? 2 * Self.uploadBytes(ofTotal: totalBytes) : 0
    return max(8 << 20, totalBytes - Self.baseBytes - shared) / laneCount
  }

  /// One batch; a reader holds one that it builds.
  var batchBytes: Int { max(256 << 10, laneBytes / 40) }
  /// Batches on their way from the reader to the writer.
  var channelBytes: Int { batchBytes * 2 }
  /// All that a reader may hold besides.
  var readerBytes: Int { laneBytes / Self.readerShare }
  /// What a lane's open files hold until it makes parts: at least one part.
  var uploadBytes: Int {
    uploads ? max(6 << 20, Self.uploadBytes(ofTotal: totalBytes) / laneCount) : .max
  }
  /// Pages and dictionaries of open files.
  var writerBytes: Int { laneBytes / 4 }
}
