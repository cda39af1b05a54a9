/// Where a sort keeps what does not fit in memory.
public protocol SpillStore: AnyObject {
  /// An empty file, which belongs to the sort until it removes it.
  func makeFile() throws -> any SpillFile
}

/// A temporary file: written once from the front to the end, then read in ranges.
public protocol SpillFile: ByteSink {
  /// The file for reading. Called once, after the last write.
  func source() throws -> any ByteSource

  /// The file is not needed any more. Not called where the sort fails: the store's owner removes
  /// what is left.
  func remove()
}

/// Keeps spilled rows in memory: for tests, and where the sorted file is known to be small.
public final class MemorySpillStore: SpillStore {
  /// How many files have been made, and how many of them are there still.
  public private(set) var fileCount = 0
  public private(set) var liveFileCount = 0

  public init() {}

  public func makeFile() -> any SpillFile {
    fileCount += 1
    liveFileCount += 1
    return MemoryFile(self)
  }

  private final class MemoryFile: SpillFile {
    private let store: MemorySpillStore
    private var bytes: [UInt8] = []

    init(_ store: MemorySpillStore) { self.store = store }

    func write(_ bytes: [UInt8]) { self.bytes += bytes }
    func source() -> any ByteSource { MemorySource(bytes) }
    func remove() {
      bytes = []
      store.liveFileCount -= 1
    }
  }
}
