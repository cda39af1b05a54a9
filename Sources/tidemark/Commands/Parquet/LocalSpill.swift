import Foundation
import Ingest
import Parquet
import Synchronization

/// Temporary files beside the output. Each loses its name as soon as it is open, so that nothing
/// is left of it however the program ends.
final class LocalSpill: SpillStore {
  private let path: String
  private let target: URL
  private var count = 0

  /// - Parameter path: of the output, as the command line names it.
  init(beside path: String) throws(IngestError) {
    self.path = path
    target = try LocalOutput.checkedTarget(path)
  }

  func makeFile() throws -> any SpillFile {
    count += 1
    let url = LocalOutput.hiddenURL(beside: target, suffix: ".sort-\(count)")
    let handle = try LocalOutput.create(url, for: path)
    try FileManager.default.removeItem(at: url)
    return File(handle)
  }

  private final class File: SpillFile {
    private let handle: FileHandle
    private var byteCount = 0

    init(_ handle: FileHandle) { self.handle = handle }

    func write(_ bytes: [UInt8]) throws {
      try handle.write(contentsOf: Data(bytes))
      byteCount += bytes.count
    }

    func source() -> any ByteSource { Source(handle, byteCount: byteCount) }

    func remove() { try? handle.close() }
  }

  /// Reads a file that has no name any more.
  private final class Source: ByteSource {
    let byteCount: Int
    private let handle: Mutex<FileHandle>

    init(_ handle: sending FileHandle, byteCount: Int) {
      self.byteCount = byteCount
      self.handle = Mutex(handle)
    }

    func read(_ range: Range<Int>) throws -> [UInt8] {
      try handle.withLock { handle in
        try handle.seek(toOffset: UInt64(range.lowerBound))
        return Array(try handle.read(upToCount: range.count) ?? Data())
      }
    }
  }
}
