extension LocalStore {
  /// Links are left alone, and so is the root.
  public func removeEmptyFolders(_ prefix: String) throws(StorageError) {
    try ObjectKey.validate(prefix: prefix)
    var folder = prefix
    while folder.utf8.last == 0x2F { folder.removeLast() }
    try calling(folder) { () throws(SystemFailure) in try removeEmptyFolders(below: folder) }
    if !folder.isEmpty { removeEmptyFolders(from: folder) }
  }

  private func removeEmptyFolders(below folder: String) throws(SystemFailure) {
    for entry in try FileSystem.entries(path(of: folder)) where entry.form == .folder {
      guard let name = String(validating: entry.name, as: UTF8.self) else { continue }
      let below = ObjectKey.join(folder, name)
      try removeEmptyFolders(below: below)
      // One that holds something stays; so does one that somebody is just filling.
      try? FileSystem.removeFolder(path(of: below))
    }
  }
}
