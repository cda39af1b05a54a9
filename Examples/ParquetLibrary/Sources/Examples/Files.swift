// docs: files
import Foundation
import Parquet

/// A file on disk, read in ranges.
struct FileSource: ByteSource {
  let path: String
  let byteCount: Int

  init(_ path: String) throws {
    self.path = path
    byteCount = Int(try FileHandle(forReadingAtPath: path)?.seekToEnd() ?? 0)
  }

  func read(_ range: Range<Int>) throws -> [UInt8] {
    let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? handle.close() }
    try handle.seek(toOffset: UInt64(range.lowerBound))
    return [UInt8](try handle.read(upToCount: range.count) ?? Data())
  }
}

/// A new file on disk.
final class FileSink: ByteSink {
  private let handle: FileHandle

  init(_ path: String) throws {
    try Data().write(to: URL(fileURLWithPath: path))
    handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }

  func write(_ bytes: [UInt8]) throws { try handle.write(contentsOf: Data(bytes)) }
}
// docs: end
