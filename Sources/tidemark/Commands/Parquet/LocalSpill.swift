import Foundation
import Ingest
import Parquet
import Synchronization

/// Temporary files beside the output, without a name: nothing is left of them however the program
/// ends. Where the file system has no such files, each loses its name as soon as it is open.
final class LocalSpill: SpillStore {
  private let path: String
  private let target: URL

  /// - Parameter path: of the output, as the command line names it.
  init(beside path: String) throws(IngestError) {
    self.path = path
    target = try LocalOutput.checkedTarget(path)
  }

  func makeFile() throws -> any SpillFile {
    if let handle = UnnamedFile.make(in: target.deletingLastPathComponent()) {
      return File(handle)
    }
    // A name of its own: the output may have its writer's.
    let name = target.deletingLastPathComponent().appendingPathComponent(
      target.lastPathComponent + ".sort")
    HiddenFile.removeAbandoned(beside: name)
    guard let file = HiddenFile(beside: name) else { throw LocalOutput.noFile(path, target) }
    unlink(file.path)
    return File(file.handle)
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
