internal import Base
internal import Glibc

/// A folder as an object store.
///
/// Objects are files; a staged object is a file under `_staged` of its table's folder, on the
/// same file system, so that publishing it is one rename. What a call has reported done survives
/// a power failure: data are synced before they get their name, and the folder after.
///
/// Several processes may use one folder. Folders come and go with the objects in them.
public final class LocalStore: ObjectStore {
  /// The folder as an absolute path without a `/` at its end.
  public let root: String

  public var location: String { root }

  /// - Parameter root: a folder, made on the first write; relative to the working folder.
  /// - Throws: `.invalid` where it is empty or holds NUL.
  public init(root: String) throws(StorageError) {
    if root.isEmpty || root.utf8.contains(0) {
      throw ObjectKey.invalid(root, "the root of a store is a path to a folder")
    }
    var path = root
    if !path.hasPrefix("/") {
      do { path = try FileSystem.currentFolder() + "/" + path } catch {
        throw StorageError(error, place: root)
      }
    }
    let names = path.split(separator: "/").filter { $0 != "." }
    self.root = "/" + names.joined(separator: "/")
  }

  /// The absolute path of an object's file, whether or not it is there.
  public func path(of key: String) -> String {
    key.isEmpty ? root : root == "/" ? "/\(key)" : "\(root)/\(key)"
  }

  public func read(_ key: String, range: Range<Int>?) throws(StorageError) -> [UInt8] {
    try ObjectKey.validate(key)
    let bytes = try calling(key) { () throws(SystemFailure) -> [UInt8]? in
      // O_NONBLOCK: a pipe that lies there must not hold the reader up.
      let file = try OpenFile(path(of: key), O_RDONLY | O_NONBLOCK)
      let status = try file.status()
      guard status.form == .file else { throw SystemFailure("open", code: ENOENT) }
      let range = range ?? 0..<status.byteCount
      if range.lowerBound < 0 || range.upperBound > status.byteCount { return nil }
      let bytes = try file.read(at: range.lowerBound, count: range.count)
      return bytes.count == range.count ? bytes : nil
    }
    guard let bytes else { throw .outOfRange(key, range) }
    return bytes
  }

  public func info(_ key: String) throws(StorageError) -> ObjectInfo? {
    try ObjectKey.validate(key)
    let status = try calling(key) { () throws(SystemFailure) in
      try FileSystem.status(path(of: key))
    }
    guard let status, status.form == .file else { return nil }
    return ObjectInfo(key, status)
  }

  public func delete(_ keys: [String]) throws(StorageError) {
    for key in keys { try ObjectKey.validate(key) }
    // By bytes: to Swift, "é" is equal to "e" with an accent, which is another file.
    let groups = Dictionary(grouping: keys) { Array(ObjectKey.splitLast($0).folder.utf8) }
    for keys in groups.values {
      let folder = ObjectKey.splitLast(keys[0]).folder
      try calling(folder) { () throws(SystemFailure) in
        try withLockedFolder(folder) { () throws(SystemFailure) in
          for key in keys { try removeIfThere(path(of: key)) }
        }
      }
      removeEmptyFolders(from: folder)
    }
  }

  public func move(_ key: String, to target: String) throws(StorageError) {
    try ObjectKey.validate(key)
    try ObjectKey.validate(target)
    let folders = (ObjectKey.splitLast(key).folder, ObjectKey.splitLast(target).folder)
    try calling(key) { () throws(SystemFailure) in
      guard try isFile(key) else {
        if try isFile(target) { return }
        throw SystemFailure("rename", code: ENOENT)
      }
      try withFolder(folders.1) { () throws(SystemFailure) in
        try FileSystem.rename(path(of: key), to: path(of: target))
      }
      try FileSystem.syncFolder(path(of: folders.1))
      if folders.0 != folders.1 { try syncFolderIfThere(folders.0) }
    }
    removeEmptyFolders(from: folders.0)
  }
}

extension LocalStore {
  /// Runs system calls and says of failures which object they are about.
  func calling<Result>(_ place: String, _ body: () throws(SystemFailure) -> Result)
    throws(StorageError) -> Result
  {
    do { return try body() } catch {
      throw StorageError(error, place: place.isEmpty ? root : "\(root)/\(place)")
    }
  }

  func isFile(_ key: String) throws(SystemFailure) -> Bool {
    try FileSystem.status(path(of: key))?.form == .file
  }

  private func syncFolderIfThere(_ folder: String) throws(SystemFailure) {
    do { try FileSystem.syncFolder(path(of: folder)) } catch {
      if error.code != ENOENT { throw error }
    }
  }

  func removeIfThere(_ path: String) throws(SystemFailure) {
    do { try FileSystem.removeFile(path) } catch {
      switch error.code {
      case ENOENT, ENOTDIR: break
      // A folder is not an object: unlink says EISDIR on Linux, EPERM by POSIX.
      case EISDIR: break
      case EPERM where try FileSystem.status(path)?.form == .folder: break
      default: throw error
      }
    }
  }

  /// Runs `body` in a folder that exists; another process may be removing it as empty meanwhile.
  func withFolder<Result: ~Copyable>(_ folder: String, _ body: () throws(SystemFailure) -> Result)
    throws(SystemFailure) -> Result
  {
    var attempts = 0
    while true {
      do {
        try makeFolders(path(of: folder))
        return try body()
      } catch {
        attempts += 1
        if error.code != ENOENT || attempts == 64 { throw error }
      }
    }
  }

  /// Makes a folder with those above it, durably.
  private func makeFolders(_ path: String) throws(SystemFailure) {
    do { try FileSystem.makeFolder(path) } catch {
      switch error.code {
      case EEXIST:
        if try FileSystem.status(path)?.form == .file {
          throw SystemFailure("mkdir", code: ENOTDIR)
        }
        return
      case ENOENT where path != "/":
        try makeFolders(parent(path))
        do { try FileSystem.makeFolder(path) } catch { if error.code != EEXIST { throw error } }
      default:
        // A folder that exists on a read-only disk is reported as EROFS, not EEXIST.
        if try FileSystem.status(path)?.form == .folder { return }
        throw error
      }
    }
    do { try FileSystem.syncFolder(parent(path)) } catch {
      if error.code != ENOENT { throw error }
    }
  }

  private func parent(_ path: String) -> String {
    let folder = ObjectKey.splitLast(path).folder
    return folder.isEmpty ? "/" : folder
  }

  /// Removes the folder and those above it as far as they are empty; never the root. What fails
  /// here is no harm: an empty folder is no object.
  func removeEmptyFolders(from folder: String) {
    var folder = folder
    while !folder.isEmpty {
      do { try FileSystem.removeFolder(path(of: folder)) } catch {
        if error.code != ENOENT { return }
      }
      folder = ObjectKey.splitLast(folder).folder
    }
  }

  /// Runs `body` while no other writer changes objects of the folder by `put` or `delete`, and
  /// makes its changes durable. A folder that is not there needs no lock.
  private func withLockedFolder(_ folder: String, _ body: () throws(SystemFailure) -> Void)
    throws(SystemFailure)
  {
    let lock: OpenFile
    do { lock = try OpenFile(path(of: folder), O_RDONLY | O_DIRECTORY) } catch {
      if error.code == ENOENT || error.code == ENOTDIR { return }
      throw error
    }
    do { try lock.lock() } catch { if !error.isLockUnsupported { throw error } }
    try body()
    // Not by its path: once empty, another may have removed it.
    try lock.sync()
  }
}

extension SystemFailure {
  /// Some network file systems know no locks.
  var isLockUnsupported: Bool {
    call == "flock" && [EBADF, ENOLCK, EINVAL, EOPNOTSUPP, ENOSYS].contains(code)
  }
}

extension ObjectInfo {
  init(_ key: String, _ status: FileStatus) {
    self.init(
      key: key, byteCount: status.byteCount, version: status.version, modified: status.modified)
  }
}
