internal import Base
internal import Glibc
internal import Kernels

/// A system call that failed.
struct SystemFailure: Error {
  var code: Int32
  var call: String

  init(_ call: String, code: Int32 = errno) {
    self.code = code
    self.call = call
  }
}

/// What is known of a file or folder.
struct FileStatus {
  enum Form { case file, folder, other }

  var form: Form
  var device: UInt64
  var inode: UInt64
  var byteCount: Int
  var modifiedNanoseconds: Int64

  init(_ raw: stat) {
    switch raw.st_mode & S_IFMT {
    case S_IFREG: form = .file
    case S_IFDIR: form = .folder
    default: form = .other
    }
    device = UInt64(raw.st_dev)
    inode = UInt64(raw.st_ino)
    byteCount = Int(raw.st_size)
    let (scaled, overflow) = Int64(raw.st_mtim.tv_sec).multipliedReportingOverflow(
      by: 1_000_000_000)
    modifiedNanoseconds = overflow ? 0 : scaled &+ Int64(raw.st_mtim.tv_nsec)
  }

  var modified: Instant {
    Instant(microseconds: modifiedNanoseconds.floorDivided(by: 1000))
  }

  /// Changes with every write that goes through the store: see `LocalStore.put`.
  var version: String {
    "\(String(inode, radix: 16))-\(byteCount)-\(String(modifiedNanoseconds, radix: 16))"
  }
}

/// The system calls that a local store is made of; the only pointers of this module are here.
enum FileSystem {
  /// nil where nothing is at the path. Follows symbolic links.
  static func status(_ path: String) throws(SystemFailure) -> FileStatus? {
    var raw = stat()
    if stat(path, &raw) == 0 { return FileStatus(raw) }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw SystemFailure("stat")
  }

  static func makeFolder(_ path: String) throws(SystemFailure) {
    if mkdir(path, 0o777) != 0 { throw SystemFailure("mkdir") }
  }

  static func removeFolder(_ path: String) throws(SystemFailure) {
    if rmdir(path) != 0 { throw SystemFailure("rmdir") }
  }

  static func removeFile(_ path: String) throws(SystemFailure) {
    if unlink(path) != 0 { throw SystemFailure("unlink") }
  }

  static func rename(_ path: String, to target: String) throws(SystemFailure) {
    if Glibc.rename(path, target) != 0 { throw SystemFailure("rename") }
  }

  /// A second name for a file; fails where the target exists.
  static func link(_ path: String, to target: String) throws(SystemFailure) {
    if Glibc.link(path, target) != 0 { throw SystemFailure("link") }
  }

  static func currentFolder() throws(SystemFailure) -> String {
    guard let buffer = getcwd(nil, 0) else { throw SystemFailure("getcwd") }
    defer { free(buffer) }
    return String(cString: buffer)
  }

  /// Makes the names in a folder durable.
  static func syncFolder(_ path: String) throws(SystemFailure) {
    try OpenFile(path, O_RDONLY | O_DIRECTORY).sync()
  }

  struct Entry {
    var name: [UInt8]
    /// nil where the file system does not say, or where the entry is a link.
    var form: FileStatus.Form?
  }

  /// What a folder holds, in no order; nothing where there is no such folder.
  static func entries(_ path: String) throws(SystemFailure) -> [Entry] {
    guard let folder = opendir(path) else {
      if errno == ENOENT || errno == ENOTDIR { return [] }
      throw SystemFailure("opendir")
    }
    defer { closedir(folder) }
    var found: [Entry] = []
    while true {
      errno = 0
      guard let entry = readdir(folder) else {
        if errno != 0 { throw SystemFailure("readdir") }
        return found
      }
      // The record may be shorter than the struct, so the name is read in place.
      let start = UnsafeRawPointer(entry) + (MemoryLayout<dirent>.offset(of: \.d_name) ?? 0)
      let length = strlen(start.assumingMemoryBound(to: CChar.self))
      let name = [UInt8](UnsafeRawBufferPointer(start: start, count: length))
      if name == [0x2E] || name == [0x2E, 0x2E] { continue }
      let form: FileStatus.Form? =
        switch Int32(entry.pointee.d_type) {
        case Int32(DT_REG): .file
        case Int32(DT_DIR): .folder
        case Int32(DT_LNK), Int32(DT_UNKNOWN): nil
        default: .other
        }
      found.append(Entry(name: name, form: form))
    }
  }
}

/// An open file or folder; closed when it goes out of scope.
struct OpenFile: ~Copyable {
  private let descriptor: Int32

  init(_ path: String, _ flags: Int32, mode: mode_t = 0o666) throws(SystemFailure) {
    descriptor = Glibc.open(path, flags | O_CLOEXEC, mode)
    if descriptor < 0 { throw SystemFailure("open") }
  }

  deinit { close(descriptor) }

  func status() throws(SystemFailure) -> FileStatus {
    var raw = stat()
    if fstat(descriptor, &raw) != 0 { throw SystemFailure("fstat") }
    return FileStatus(raw)
  }

  /// Lets the disk begin with what was written, of `byteCount` bytes from the start on.
  func writeBehind(_ progress: inout WriteBehind, byteCount: Int) {
    progress.advance(descriptor, written: byteCount)
  }

  func sync() throws(SystemFailure) {
    if fsync(descriptor) != 0 { throw SystemFailure("fsync") }
  }

  /// Waits until no other process or thread holds the file's lock. Released with the file.
  func lock() throws(SystemFailure) {
    while flock(descriptor, LOCK_EX) != 0 {
      if errno != EINTR { throw SystemFailure("flock") }
    }
  }

  /// UTIME_OMIT of <sys/stat.h>, which Swift does not import: this time stays as it is.
  private static let omitted = (1 << 30) - 2

  func setModified(nanoseconds: Int64) throws(SystemFailure) {
    let seconds = nanoseconds.floorDivided(by: 1_000_000_000)
    var times = [
      timespec(tv_sec: 0, tv_nsec: Self.omitted),
      timespec(tv_sec: Int(seconds), tv_nsec: Int(nanoseconds - seconds * 1_000_000_000)),
    ]
    if futimens(descriptor, &times) != 0 { throw SystemFailure("futimens") }
  }

  func writeAll(_ bytes: [UInt8]) throws(SystemFailure) {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno != EINTR { throw SystemFailure("write") }
      } else {
        done += count
      }
    }
  }

  /// Reads up to `count` bytes; fewer only where the file ends.
  func read(at offset: Int, count: Int) throws(SystemFailure) -> [UInt8] {
    var failure: SystemFailure?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let rest = UnsafeMutableBufferPointer(rebasing: buffer[filled..<count])
        let got = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + filled))
        if got > 0 {
          filled += got
        } else if got == 0 {
          return
        } else if errno != EINTR {
          failure = SystemFailure("pread")
          return
        }
      }
    }
    if let failure { throw failure }
    return bytes
  }
}

extension StorageError {
  /// What a failed call means for who asked.
  init(_ failure: SystemFailure, place: String) {
    let words = String(cString: strerror(failure.code))
    let cause = "\(failure.call): \(words)"
    switch failure.code {
    case ENOENT:
      self.init(
        .notFound, "there is no such object", remedy: "check the path", place: place, cause: cause)
    case EACCES, EPERM, EROFS:
      self.init(
        .denied, "the file system does not allow it",
        remedy: "give this user read and write access to the path, or choose another one",
        place: place, cause: cause)
    case ENOSPC, EDQUOT, EFBIG:
      self.init(
        .full, "no room is left on the file system",
        remedy: "free some space, run `tidemark gc`, or move the lake to a larger disk",
        place: place, cause: cause)
    case EEXIST:
      self.init(
        .conflict, "another object is there already",
        remedy: "find out who wrote it; move it away before trying again", place: place,
        cause: cause)
    case ENOTDIR, EISDIR, ENOTEMPTY:
      self.init(
        .invalid, "a file is where a folder should be, or a folder where a file should be",
        remedy: "move what is in the way", place: place, cause: cause)
    case ENAMETOOLONG, ELOOP, EINVAL:
      self.init(
        .invalid, "the file system does not take this path",
        remedy: "choose a shorter root, or shorter names", place: place, cause: cause)
    case EMFILE, ENFILE, ENOMEM, EAGAIN:
      self.init(
        .failed, "the system is short of resources",
        remedy: "raise the limit of open files (`ulimit -n`) or run fewer threads", place: place,
        isRetryable: true, cause: cause)
    default:
      self.init(
        .failed, "the file system reports an error",
        remedy: "check the disk and the system's log", place: place, cause: cause)
    }
  }
}
