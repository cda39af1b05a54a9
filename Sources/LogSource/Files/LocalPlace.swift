internal import Base
internal import Connector
internal import Kernels

/// A folder of this machine.
struct LocalPlace: FilePlace {
  let pattern: GlobPattern
  let excluded: ExcludedPaths
  let clock: WallClock

  /// Files that are read whole when they are opened.
  private static let wholeBytesMax = 1 << 18
  /// A file may change twice within a tick of its times; this is many.
  private static let settledSeconds: Double = 2

  var root: String { pattern.root }
  var isRemote: Bool { false }

  func list(_ prefers: (String) -> Bool) -> FileListing {
    FileListing(pattern, excluding: excluded, prefers: prefers)
  }

  func open(_ file: ListedFile, for use: FileUse) throws(ConnectorError) -> (any ReadableFile)? {
    let path = root + file.path
    do {
      let opened = try ScanFile(path: path)
      if use != .looking, file.status.size <= Self.wholeBytesMax, isSettled(file) {
        let bytes = try opened.read(at: 0, count: file.status.size)
        // It was not touched from the listing to behind the last byte.
        if try opened.status() == file.status, bytes.count == file.status.size {
          return SmallFile(path: path, listed: file.status, bytes: bytes)
        }
      }
      let status = try opened.status()
      guard status.device == file.status.device, status.inode == file.status.inode else {
        return nil
      }
      return LocalFile(path: path, file: opened)
    } catch {
      if error.isMissing { return nil }
      throw LocalFile.unreadable(path, error)
    }
  }

  /// Whether the file's times will tell when it changes again.
  private func isSettled(_ file: ListedFile) -> Bool {
    let changed = Instant(microseconds: file.status.changed / 1000)
    return clock.now.seconds(since: changed) >= Self.settledSeconds
  }

  func obstacle(to file: ListedFile) -> ConnectorError? {
    if file.status.isReadableByAll { return nil }
    guard let obstacle = ScanFile.obstacle(path: root + file.path), !obstacle.isMissing else {
      return nil
    }
    return LocalFile.unreadable(root + file.path, obstacle)
  }
}

/// A small file of this machine, as it was when it was listed.
struct SmallFile: ReadableFile {
  let path: String
  let listed: ScanFile.Status
  let bytes: [UInt8]

  var isOneVersion: Bool { true }

  func status() -> ScanFile.Status { listed }

  func read(after carry: ArraySlice<UInt8>, at offset: Int, count: Int, spare: Int) -> [UInt8] {
    let start = min(max(0, offset), bytes.count)
    let end = start + min(max(0, count), bytes.count - start)
    var result: [UInt8] = []
    result.reserveCapacity(carry.count + (end - start) + spare)
    result += carry
    result += bytes[start..<end]
    return result
  }
}

/// A file of this machine. It may be written, cut and renamed while it is open.
struct LocalFile: ReadableFile {
  let path: String
  let file: ScanFile

  var isOneVersion: Bool { false }

  func status() throws(ConnectorError) -> ScanFile.Status {
    do { return try file.status() } catch { throw Self.unreadable(path, error) }
  }

  func read(after carry: ArraySlice<UInt8>, at offset: Int, count: Int, spare: Int)
    throws(ConnectorError) -> [UInt8]
  {
    do {
      return try file.read(after: carry, at: offset, count: count, spare: spare)
    } catch { throw Self.unreadable(path, error) }
  }

  static func unreadable(_ path: String, _ failure: ScanFile.Failure) -> ConnectorError {
    if failure.isDenied {
      return ConnectorError(
        .denied, "the file cannot be read",
        remedy: "Let the user that runs Tidemark read it, or add it to 'exclude'.", place: path,
        cause: "\(failure)")
    }
    return ConnectorError(
      .interrupted, "reading the file broke off", remedy: "Run again; what is committed stays.",
      place: path, cause: "\(failure)")
  }
}
