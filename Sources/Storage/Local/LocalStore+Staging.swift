internal import Glibc
internal import Kernels
internal import Synchronization

extension LocalStore {
  public func stage(_ key: String, owner: String) throws(StorageError) -> any StagedWriter {
    try ObjectKey.validate(key)
    try ObjectKey.validate(owner: owner)
    return try LocalWriter.open(self, key: key, owner: owner)
  }

  public func publish(_ staged: StagedObject) throws(StorageError) {
    let token = try checkedToken(staged)
    let target = ObjectKey.splitLast(staged.key).folder
    try calling(staged.key) { () throws(SystemFailure) in
      guard let source = try FileSystem.status(path(of: token)), source.form == .file else {
        guard try FileSystem.status(path(of: staged.key))?.byteCount == staged.byteCount else {
          throw SystemFailure("rename", code: ENOENT)
        }
        // A crash may have come between the rename and the sync that was to follow it.
        return try FileSystem.syncFolder(path(of: target))
      }
      // Shorter than recorded: its data did not survive.
      if source.byteCount != staged.byteCount { throw SystemFailure("rename", code: ENOENT) }
      if let there = try FileSystem.status(path(of: staged.key)) {
        guard there.form == .file, there.byteCount == staged.byteCount else {
          throw SystemFailure("rename", code: EEXIST)
        }
      }
      try withFolder(target) { () throws(SystemFailure) in
        try FileSystem.rename(path(of: token), to: path(of: staged.key))
      }
      try FileSystem.syncFolder(path(of: target))
    }
    removeEmptyFolders(from: ObjectKey.splitLast(token).folder)
  }

  public func discard(_ staged: StagedObject) throws(StorageError) {
    let token = try checkedToken(staged)
    try calling(token) { () throws(SystemFailure) in try removeIfThere(path(of: token)) }
    removeEmptyFolders(from: ObjectKey.splitLast(token).folder)
  }

  /// The token comes out of a log, so it must not lead anywhere else.
  private func checkedToken(_ staged: StagedObject) throws(StorageError) -> String {
    try ObjectKey.validate(staged.key)
    try ObjectKey.validate(owner: staged.owner)
    let expected = ObjectKey.stagedKey(staged.key, owner: staged.owner)
    guard staged.token.utf8.elementsEqual(expected.utf8) else {
      throw ObjectKey.invalid(staged.token, "this is not where '\(staged.key)' is staged")
    }
    return staged.token
  }

  /// Each put gives the key a new file, whose time is later than that of the file it replaces:
  /// so a version never comes back. Puts and deletes in one folder take turns through a lock on
  /// the folder itself, between processes too.
  @discardableResult
  public func put(_ key: String, _ bytes: [UInt8], if condition: PutCondition) throws(StorageError)
    -> ObjectInfo
  {
    try ObjectKey.validate(key)
    let writer = try temporaryWriter(key)
    defer { writer.abandon() }
    try writer.write(bytes)
    let staged = try writer.finish()
    let status = try calling(key) { () throws(SystemFailure) in
      try withFolder(ObjectKey.splitLast(key).folder) { () throws(SystemFailure) in
        try replace(key, with: path(of: staged.token), if: condition)
      }
    }
    guard let status else { throw .conflicting(key, condition) }
    return ObjectInfo(key, status)
  }

  /// Stages a file for a put. A dead process may have left one under this process's number.
  private func temporaryWriter(_ key: String) throws(StorageError) -> LocalWriter {
    for _ in 0..<1000 {
      let owner = "put-\(getpid())-\(Self.putCount.add(1, ordering: .relaxed).newValue)"
      do { return try LocalWriter.open(self, key: key, owner: owner) } catch {
        if error.kind != .conflict { throw error }
      }
    }
    throw .stagedAlready(key)
  }

  /// Counts the puts of this process, to tell their temporary files apart.
  private static let putCount = Atomic<Int>(0)

  /// nil where the condition does not hold.
  private func replace(_ key: String, with source: String, if condition: PutCondition)
    throws(SystemFailure) -> FileStatus?
  {
    let folder = path(of: ObjectKey.splitLast(key).folder)
    let target = path(of: key)
    let lock = try OpenFile(folder, O_RDONLY | O_DIRECTORY)
    do { try lock.lock() } catch {
      // Without locks, only a put that relies on nothing else is safe.
      if !error.isLockUnsupported { throw error }
      if case .matches = condition { throw error }
    }
    // The folder may have been removed as empty, and made anew, before the lock was ours.
    let folderNow = try FileSystem.status(folder)
    guard try lock.status().inode == folderNow?.inode else {
      throw SystemFailure("open", code: ENOENT)
    }
    let there = try FileSystem.status(target)
    switch condition {
    case .always: break
    case .absent: if there != nil { return nil }
    case .matches(let version): if there?.version != version || there?.form != .file { return nil }
    }
    if let there {
      if there.form != .file { throw SystemFailure("rename", code: EISDIR) }
      let file = try OpenFile(source, O_RDONLY)
      let (next, overflow) = there.modifiedNanoseconds.addingReportingOverflow(1)
      let modified = try file.status().modifiedNanoseconds
      if !overflow && modified < next {
        try file.setModified(nanoseconds: next)
        try file.sync()
      }
    }
    if condition == .absent {
      // A link fails where the target exists, also on file systems without locks.
      do { try FileSystem.link(source, to: target) } catch {
        if error.code == EEXIST { return nil }
        throw error
      }
    } else {
      try FileSystem.rename(source, to: target)
    }
    try lock.sync()
    guard let status = try FileSystem.status(target) else {
      throw SystemFailure("stat", code: ENOENT)
    }
    return status
  }
}

/// Writes a staged file.
private final class LocalWriter: StagedWriter {
  private let store: LocalStore
  private let key: String
  private let owner: String
  private let token: String
  private var file: OpenFile?
  private var byteCount = 0
  /// Small enough that the last piece is soon on the disk, and large enough to be few.
  private var writeBehind = WriteBehind(stepBytes: 4 << 20)
  private var result: StagedObject?
  private var isAbandoned = false

  private init(_ store: LocalStore, key: String, owner: String, file: consuming OpenFile) {
    self.store = store
    self.key = key
    self.owner = owner
    token = ObjectKey.stagedKey(key, owner: owner)
    self.file = consume file
  }

  /// The file is made before the writer, whose end would remove one that is another's.
  static func open(_ store: LocalStore, key: String, owner: String) throws(StorageError)
    -> LocalWriter
  {
    let token = ObjectKey.stagedKey(key, owner: owner)
    do {
      let file = try store.withFolder(ObjectKey.splitLast(token).folder) {
        () throws(SystemFailure) in
        try OpenFile(store.path(of: token), O_WRONLY | O_CREAT | O_EXCL)
      }
      return LocalWriter(store, key: key, owner: owner, file: file)
    } catch {
      throw error.code == EEXIST
        ? .stagedAlready(key) : StorageError(error, place: store.path(of: key))
    }
  }

  func write(_ bytes: [UInt8]) throws(StorageError) {
    if file == nil { throw .closedWriter(key) }
    do { try file?.writeAll(bytes) } catch { throw StorageError(error, place: store.path(of: key)) }
    byteCount += bytes.count
    file?.writeBehind(&writeBehind, byteCount: byteCount)
  }

  func finish() throws(StorageError) -> StagedObject {
    if let result { return result }
    if file == nil { throw .closedWriter(key) }
    do {
      try file?.sync()
      try FileSystem.syncFolder(store.path(of: ObjectKey.splitLast(token).folder))
    } catch {
      // After a failed sync nobody knows what is on the disk.
      abandon()
      throw StorageError(error, place: store.path(of: key))
    }
    file = nil
    let staged = StagedObject(key: key, owner: owner, token: token, byteCount: byteCount)
    result = staged
    return staged
  }

  func abandon() {
    if isAbandoned { return }
    isAbandoned = true
    file = nil
    // What cannot be removed now is found by `listStaged` later.
    do { try store.removeIfThere(store.path(of: token)) } catch { return }
    store.removeEmptyFolders(from: ObjectKey.splitLast(token).folder)
  }

  deinit { if result == nil { abandon() } }
}
