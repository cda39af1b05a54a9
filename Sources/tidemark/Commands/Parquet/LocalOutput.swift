import Foundation
import Ingest
import Parquet

/// A file that comes into being under a hidden name beside its own, and gets its own at the end,
/// so that nobody ever sees a part of it.
final class LocalOutput: ByteSink {
  private let path: String
  private let handle: FileHandle
  private let temporary: URL
  private let target: URL
  private(set) var byteCount = 0

  /// - Parameter path: as the command line names it.
  init(_ path: String) throws(IngestError) {
    self.path = path
    target = try Self.checkedTarget(path)
    temporary = Self.hiddenURL(beside: target)
    handle = try Self.create(temporary, for: path)
  }

  /// Where a file that only exists during the work goes: beside the target, hidden, and by this
  /// process alone.
  static func hiddenURL(beside target: URL, suffix: String = "") -> URL {
    let name = ".\(target.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier)\(suffix)"
    return target.deletingLastPathComponent().appendingPathComponent(name)
  }

  /// - Throws: `.configuration` where no file can be there.
  static func checkedTarget(_ path: String) throws(IngestError) -> URL {
    // A link is followed, so that the file it points to is replaced and not the link.
    let url = URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue
    {
      throw IngestError(
        .configuration, "\(path): it is a folder",
        remedy: "Name a file, such as \(path)\(path.hasSuffix("/") ? "" : "/")out.parquet.")
    }
    let folder = url.deletingLastPathComponent().path
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder),
      isFolder.boolValue
    else {
      throw IngestError(
        .configuration, "\(path): there is no folder \(folder)", remedy: "Make it first.")
    }
    return url
  }

  static func create(_ url: URL, for path: String) throws(IngestError) -> FileHandle {
    guard FileManager.default.createFile(atPath: url.path, contents: nil),
      let handle = FileHandle(forUpdatingAtPath: url.path)
    else {
      throw IngestError(
        .unreachable, "\(path): no file can be made in \(url.deletingLastPathComponent().path)",
        remedy: "See to the folder's permissions and free space.")
    }
    return handle
  }

  func write(_ bytes: [UInt8]) throws {
    try handle.write(contentsOf: Data(bytes))
    byteCount += bytes.count
  }

  /// Gives the file its name, over one that is there.
  func publish() throws(IngestError) {
    do {
      try handle.synchronize()
      try handle.close()
      guard rename(temporary.path, target.path) == 0 else {
        throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: target.path])
      }
    } catch {
      abandon()
      throw IngestError(
        .unreachable, "\(path): the finished file could not be put in place",
        remedy: "See to the folder's permissions and free space.")
    }
  }

  func abandon() {
    try? handle.close()
    try? FileManager.default.removeItem(at: temporary)
  }

  /// What removes the file when the program ends at once.
  var removal: @Sendable () -> Void {
    let path = temporary.path
    return { unlink(path) }
  }
}
