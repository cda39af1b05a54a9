internal import Foundation
internal import Glibc

/// A file that holds one secret, which is replaced whole or not at all, and which nobody but its
/// owner may read.
struct SecretFile {
  struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  /// What links lead to: the link stays one.
  private let path: String

  init(_ path: String) { self.path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path }

  func checkWritable() throws(Problem) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard FileManager.default.isWritableFile(atPath: folder),
      FileManager.default.isWritableFile(atPath: path)
    else { throw Problem(description: "\(path) or its folder cannot be written") }
  }

  /// Waits until no other process uses up what the file holds, as long as `pause` says to go on.
  /// - Returns: to be kept for as long as nobody else may; nil where it could not be had.
  func lock(pause: () -> Bool) -> Lock? {
    // Of the folder, since the file is replaced.
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard let handle = FileHandle(forReadingAtPath: folder) else { return nil }
    while flock(handle.fileDescriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR, pause() else { return nil }
    }
    return Lock(handle: handle)
  }

  /// Lets go when it goes out of use.
  struct Lock {
    fileprivate let handle: FileHandle
  }

  /// A file beside it takes the secret, is synced, and then takes its place.
  func replace(by secret: String) throws(Problem) {
    do {
      // What replaces it gets its mode.
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
      try Data("\(secret)\n".utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      try file.synchronize()
      try file.close()
    } catch {
      throw Problem(
        description: "the new refresh token cannot be written to \(path), and the old one may be "
          + "spent: \(error.localizedDescription)")
    }
  }
}
