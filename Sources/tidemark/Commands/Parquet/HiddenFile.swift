import Foundation
import Glibc

/// A file under a hidden name beside the one that it is to become, locked as long as its writer
/// lives: one without a lock was left by a writer that was killed.
struct HiddenFile {
  let path: String
  let handle: FileHandle

  private static let suffix = ".tidemark"

  /// What a finished file is called for a moment before it takes the place of another.
  static func wholeURL(beside target: URL) -> URL { url(beside: target, "whole") }

  private static func url(beside target: URL, _ word: String) -> URL {
    target.deletingLastPathComponent().appendingPathComponent(prefix(of: target) + word + suffix)
  }

  private static func prefix(of target: URL) -> String { ".\(target.lastPathComponent)." }

  /// Makes the file; nil where the folder takes none.
  init?(beside target: URL) {
    path = Self.url(beside: target, "\(ProcessInfo.processInfo.processIdentifier)").path
    for _ in 0..<100 {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      if descriptor < 0 { return nil }
      let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      // Some network file systems know no locks: nobody removes anything there.
      let isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK
      // Between its making and the lock somebody may have taken it for abandoned.
      if isLocked, Self.isNamed(descriptor, path), ftruncate(descriptor, 0) == 0 {
        handle = file
        return
      }
    }
    return nil
  }

  private static func isNamed(_ descriptor: Int32, _ path: String) -> Bool {
    var file = stat()
    var named = stat()
    return fstat(descriptor, &file) == 0 && stat(path, &named) == 0
      && file.st_ino == named.st_ino && file.st_dev == named.st_dev
  }

  /// Removes what killed writers of the target have left.
  static func removeAbandoned(beside target: URL) {
    let folder = target.deletingLastPathComponent()
    let prefix = prefix(of: target)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names where name.hasPrefix(prefix) && name.hasSuffix(suffix) {
      let writer = name.dropFirst(prefix.count).dropLast(suffix.count)
      guard !writer.isEmpty, writer.allSatisfy(\.isNumber) else { continue }
      let path = folder.appendingPathComponent(name).path
      let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      if descriptor < 0 { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0, isNamed(descriptor, path) { unlink(path) }
      close(descriptor)
    }
  }
}
