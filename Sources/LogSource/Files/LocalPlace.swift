internal import Connector
internal import Kernels

/// A folder of this machine.
struct LocalPlace: FilePlace {
  let pattern: GlobPattern
  let excluded: ExcludedPaths

  var root: String { pattern.root }
  var isRemote: Bool { false }

  func list(_ prefers: (String) -> Bool) -> FileListing {
    FileListing(pattern, excluding: excluded, prefers: prefers)
  }

  func open(_ file: ListedFile, for use: FileUse) throws(ConnectorError) -> (any ReadableFile)? {
    let opened: LocalFile
    let status: ScanFile.Status
    do {
      opened = LocalFile(path: root + file.path, file: try ScanFile(path: root + file.path))
      status = try opened.file.status()
    } catch {
      if error.isMissing { return nil }
      throw LocalFile.unreadable(root + file.path, error)
    }
    guard status.device == file.status.device, status.inode == file.status.inode else {
      return nil
    }
    return opened
  }

  func obstacle(to file: ListedFile) -> ConnectorError? {
    guard let obstacle = ScanFile.obstacle(path: root + file.path), !obstacle.isMissing else {
      return nil
    }
    return LocalFile.unreadable(root + file.path, obstacle)
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
