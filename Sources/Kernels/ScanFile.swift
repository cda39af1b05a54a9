internal import CKernels
internal import Glibc

/// A local file that is read at given places: what sources of files need of POSIX.
///
/// Safe for several threads.
public final class ScanFile: Sendable {
  private let descriptor: Int32

  /// What the system says about a file.
  public struct Status: Hashable, Sendable {
    public enum Kind: Hashable, Sendable { case file, folder, other }

    public var kind: Kind
    public var device: UInt64
    public var inode: UInt64
    /// Bytes.
    public var size: Int
    /// Nanoseconds since 1970-01-01T00:00:00Z of the last change of the content.
    public var modified: Int64
    /// Likewise, of the last change of anything: content, name, permissions.
    public var changed: Int64
    /// Likewise, of when the file was made; 0 where the file system does not say.
    public var born: Int64
    /// Whether its permissions let everybody read it.
    public var isReadableByAll: Bool

    public init(
      kind: Kind = .file, device: UInt64, inode: UInt64, size: Int, modified: Int64,
      changed: Int64, born: Int64 = 0, isReadableByAll: Bool = false
    ) {
      self.kind = kind
      self.device = device
      self.inode = inode
      self.size = size
      self.modified = modified
      self.changed = changed
      self.born = born
      self.isReadableByAll = isReadableByAll
    }
  }

  /// What the system answered instead.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Int32
    public var description: String { String(cString: strerror(code)) }
    public var isMissing: Bool { code == ENOENT || code == ENOTDIR }
    public var isDenied: Bool { code == EACCES || code == EPERM }
  }

  /// Opens for reading. A pipe or device does not block.
  public init(path: String) throws(Failure) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 { throw Failure(code: errno) }
  }

  deinit { close(descriptor) }

  public func status() throws(Failure) -> Status {
    var status = tm_file_status()
    let code = tm_file_status_read(descriptor, nil, &status)
    if code != 0 { throw Failure(code: code) }
    return Status(status)
  }

  /// Follows symbolic links.
  public static func status(path: String) throws(Failure) -> Status {
    var status = tm_file_status()
    let code = tm_file_status_read(AT_FDCWD, path, &status)
    if code != 0 { throw Failure(code: code) }
    return Status(status)
  }

  /// Why the file cannot be opened for reading; nil where it can.
  public static func obstacle(path: String) -> Failure? {
    access(path, R_OK) == 0 ? nil : Failure(code: errno)
  }

  /// The bytes of `carry`, and behind them up to `count` of the file from `offset` on: fewer only
  /// at its end.
  /// - Parameter spare: bytes for which room is kept behind.
  public func read(
    after carry: ArraySlice<UInt8> = [], at offset: Int, count: Int, spare: Int = 0
  ) throws(Failure) -> [UInt8] {
    var failure: Failure?
    let capacity = carry.count + count + spare
    let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, initialized in
      _ = buffer.initialize(from: carry)
      initialized = carry.count
      guard let base = buffer.baseAddress else { return }
      var done = 0
      while done < count {
        let got = pread(descriptor, base + initialized, count - done, off_t(offset + done))
        if got < 0 {
          if errno == EINTR { continue }
          failure = Failure(code: errno)
          return
        }
        if got == 0 { return }
        done += got
        initialized += got
      }
    }
    if let failure { throw failure }
    return bytes
  }
}

extension ScanFile.Status {
  fileprivate init(_ status: tm_file_status) {
    let kind: Kind =
      switch status.mode & UInt32(S_IFMT) {
      case UInt32(S_IFREG): .file
      case UInt32(S_IFDIR): .folder
      default: .other
      }
    self.init(
      kind: kind, device: status.device, inode: status.inode, size: Int(clamping: status.size),
      modified: status.modified, changed: status.changed, born: status.born,
      isReadableByAll: status.mode & 0o444 == 0o444)
  }
}

/// A folder that stays open, so that looking at its files needs no walk down its path for each.
public final class ScanFolder {
  private let descriptor: Int32

  public init(path: String) throws(ScanFile.Failure) {
    descriptor = tm_folder_open(path)
    if descriptor < 0 { throw ScanFile.Failure(code: errno) }
  }

  deinit { close(descriptor) }

  /// Follows symbolic links.
  public func status(of name: String) throws(ScanFile.Failure) -> ScanFile.Status {
    var status = tm_file_status()
    let code = tm_file_status_read(descriptor, name, &status)
    if code != 0 { throw ScanFile.Failure(code: code) }
    return ScanFile.Status(status)
  }
}

/// A name in a folder.
public struct ScanFolderEntry: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case file, folder, link, other
    /// The file system does not say.
    case unknown
  }

  public var name: String
  public var kind: Kind
}

/// The names in a folder, in bytewise order, without `.` and `..`.
/// - Parameter oddNames: how many names are no UTF-8; they are left out.
public func scanFolder(path: String, oddNames: inout Int) throws(ScanFile.Failure)
  -> [ScanFolderEntry]
{
  guard let folder = opendir(path) else { throw ScanFile.Failure(code: errno) }
  defer { closedir(folder) }
  var entries: [ScanFolderEntry] = []
  while true {
    errno = 0
    guard let entry = readdir(folder) else {
      if errno != 0 { throw ScanFile.Failure(code: errno) }
      break
    }
    let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
      String(validating: raw.prefix { $0 != 0 }, as: UTF8.self)
    }
    guard let name else {
      oddNames += 1
      continue
    }
    if name == "." || name == ".." { continue }
    let kind: ScanFolderEntry.Kind =
      switch Int32(entry.pointee.d_type) {
      case Int32(DT_REG): .file
      case Int32(DT_DIR): .folder
      case Int32(DT_LNK): .link
      case Int32(DT_UNKNOWN): .unknown
      default: .other
      }
    entries.append(ScanFolderEntry(name: name, kind: kind))
  }
  return entries.sorted { precedesBytewise($0.name, $1.name) }
}
