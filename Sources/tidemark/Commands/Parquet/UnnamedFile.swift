import Foundation
import Glibc

/// Files that have no name while they are written: they go with the program, however it ends.
enum UnnamedFile {
  /// `__O_TMPFILE` of <fcntl.h>, which Swift does not import.
  private static let temporary = O_DIRECTORY | 0o20_000_000

  /// A file to write and read; nil where the file system, or the system, has none, or the folder
  /// takes no files.
  static func make(in folder: URL) -> FileHandle? {
    let descriptor = open(folder.path, temporary | O_RDWR | O_CLOEXEC, 0o666)
    if descriptor < 0 { return nil }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    // It gets its name by this path.
    return access(link(to: handle), F_OK) == 0 ? handle : nil
  }

  private static func link(to handle: FileHandle) -> String {
    "/proc/self/fd/\(handle.fileDescriptor)"
  }

  /// Gives the file a name, over a file that is there.
  ///
  /// No call does both at once: the file gets a hidden name first. That is one for all writers of
  /// the target, and whole whoever they are, so one that a killed writer left is simply taken.
  /// - Returns: false where it can not be.
  static func name(_ handle: FileHandle, as target: URL) -> Bool {
    let file = link(to: handle)
    let hidden = HiddenFile.wholeURL(beside: target).path
    if linkat(AT_FDCWD, file, AT_FDCWD, target.path, AT_SYMLINK_FOLLOW) == 0 { return true }
    var failure = errno
    for _ in 0..<100 where failure == EEXIST || failure == ENOENT {
      unlink(hidden)
      if linkat(AT_FDCWD, file, AT_FDCWD, hidden, AT_SYMLINK_FOLLOW) == 0,
        rename(hidden, target.path) == 0
      {
        return true
      }
      // Another writer of the same target may have come between: again.
      failure = errno
    }
    unlink(hidden)
    return false
  }
}
