import Foundation
import Ingest
import Parquet

/// A file that gets its name when it is whole, so that nobody ever sees a part of it.
///
/// Until then it has no name at all, so that nothing is left however the program ends. Where the
/// file system has no such files it lies under a hidden name beside its own, and the next output of
/// that name removes it when its writer is gone: see `HiddenFile`.
final class LocalOutput: ByteSink {
  private let path: String
  private let target: URL
  private let handle: FileHandle
  /// Where the file lies until it is whole; nil where it has no name.
  private let hidden: HiddenFile?
  private(set) var byteCount = 0

  /// - Parameter path: as the command line names it.
  init(_ path: String) throws(IngestError) {
    self.path = path
    target = try Self.checkedTarget(path)
    HiddenFile.removeAbandoned(beside: target)
    if let handle = UnnamedFile.make(in: target.deletingLastPathComponent()) {
      self.handle = handle
      hidden = nil
    } else if let hidden = HiddenFile(beside: target) {
      handle = hidden.handle
      self.hidden = hidden
    } else {
      throw Self.noFile(path, target)
    }
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

  static func noFile(_ path: String, _ target: URL) -> IngestError {
    IngestError(
      .unreachable, "\(path): no file can be made in \(target.deletingLastPathComponent().path)",
      remedy: "See to the folder's permissions and free space.")
  }

  func write(_ bytes: [UInt8]) throws {
    try handle.write(contentsOf: Data(bytes))
    byteCount += bytes.count
  }

  /// Gives the file its name, over one that is there.
  func publish() throws(IngestError) {
    do {
      try handle.synchronize()
      if let hidden {
        guard rename(hidden.path, target.path) == 0 else { throw Self.unnamed(target) }
      } else if !UnnamedFile.name(handle, as: target) {
        throw Self.unnamed(target)
      }
      try handle.close()
    } catch {
      abandon()
      throw IngestError(
        .unreachable, "\(path): the finished file could not be put in place",
        remedy: "See to the folder's permissions and free space.")
    }
  }

  private static func unnamed(_ target: URL) -> CocoaError {
    CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: target.path])
  }

  func abandon() {
    if let hidden { unlink(hidden.path) }
    try? handle.close()
  }

  /// What removes the file when the program ends at once.
  var removal: @Sendable () -> Void {
    guard let path = hidden?.path else { return {} }
    return { unlink(path) }
  }
}
