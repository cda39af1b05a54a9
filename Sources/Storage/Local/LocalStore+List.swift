internal import Glibc

extension LocalStore {
  /// Holds the names of the folders on the way down, and no more. Symbolic links are followed,
  /// except back up into a folder that is being listed.
  /// - Throws: `.invalid` for a file whose name is not UTF-8: it could never be read.
  public func list(_ prefix: String, _ visit: (ObjectInfo) throws(StorageError) -> Void)
    throws(StorageError)
  {
    try ObjectKey.validate(prefix: prefix)
    let (folder, name) = ObjectKey.splitLast(prefix)
    try listFolder(folder, startingWith: name, under: [], visit)
  }

  private struct Place: Equatable {
    var device: UInt64
    var inode: UInt64
  }

  private func listFolder(
    _ folder: String, startingWith prefix: String, under ancestors: [Place],
    _ visit: (ObjectInfo) throws(StorageError) -> Void
  ) throws(StorageError) {
    let status = try calling(folder) { () throws(SystemFailure) in
      try FileSystem.status(path(of: folder))
    }
    guard let status, status.form == .folder else { return }
    let place = Place(device: status.device, inode: status.inode)
    if ancestors.contains(place) { return }

    for name in try sortedNames(folder, startingWith: prefix) {
      if name.hasBytePrefix("/") { continue }
      if name.utf8.last == UInt8(ascii: "/") {
        let below = ObjectKey.join(folder, String(name.dropLast()))
        try listFolder(below, startingWith: "", under: ancestors + [place], visit)
        continue
      }
      let key = ObjectKey.join(folder, name)
      let status = try calling(key) { () throws(SystemFailure) in
        try FileSystem.status(path(of: key))
      }
      // It may have been removed since the folder was read.
      if let status, status.form == .file { try visit(ObjectInfo(key, status)) }
    }
  }

  /// Names of files and, with a `/` behind them, of folders: so they sort as the keys below do.
  private func sortedNames(_ folder: String, startingWith prefix: String) throws(StorageError)
    -> [String]
  {
    let entries = try calling(folder) { () throws(SystemFailure) in
      try FileSystem.entries(path(of: folder))
    }
    var names: [String] = []
    for entry in entries where entry.name.starts(with: prefix.utf8) {
      guard let name = String(validating: entry.name, as: UTF8.self) else {
        throw StorageError(
          .invalid, "the name of a file is not UTF-8", remedy: "rename the file",
          place: ObjectKey.join(folder, String(decoding: entry.name, as: UTF8.self)))
      }
      if name == ObjectKey.stagedFolder { continue }
      let form: FileStatus.Form? =
        if let form = entry.form {
          form
        } else {
          try calling(folder) { () throws(SystemFailure) in
            try linkedForm(path(of: ObjectKey.join(folder, name)))
          }
        }
      switch form {
      case .file: names.append(name)
      case .folder: names.append(name + "/")
      case .other, nil: break
      }
    }
    names.sort { $0.precedesBytewise($1) }
    return names
  }

  /// What a link leads to; nil where it leads nowhere.
  private func linkedForm(_ path: String) throws(SystemFailure) -> FileStatus.Form? {
    do { return try FileSystem.status(path)?.form } catch {
      if error.code == ELOOP || error.code == EACCES { return nil }
      throw error
    }
  }

  public func listStaged(_ prefix: String) throws(StorageError) -> [StagedObject] {
    try ObjectKey.validate(prefix: prefix)
    var found: [StagedObject] = []
    for folder in try tableFolders(prefix) {
      let staged = ObjectKey.join(folder, ObjectKey.stagedFolder)
      for owner in try sortedNames(staged, startingWith: "") where owner.utf8.last == 0x2F {
        let owned = staged + "/" + owner.dropLast()
        try listFolder(owned, startingWith: "", under: []) { (info) throws(StorageError) in
          let rest = String(info.key.utf8.dropFirst(owned.utf8.count + 1)) ?? ""
          let key = ObjectKey.join(folder, rest)
          guard key.hasBytePrefix(prefix) else { return }
          found.append(
            StagedObject(
              key: key, owner: String(owner.dropLast()), token: info.key,
              byteCount: info.byteCount))
        }
      }
    }
    return found.sorted { a, b in
      a.key == b.key ? a.owner.precedesBytewise(b.owner) : a.key.precedesBytewise(b.key)
    }
  }

  /// The folders whose `_staged` may hold objects that will have this prefix: of up to two names.
  private func tableFolders(_ prefix: String) throws(StorageError) -> [String] {
    let names = prefix.utf8.split(separator: 0x2F, omittingEmptySubsequences: false)
      .map { String($0) ?? "" }
    var folders = [""]
    var level = [""]
    for depth in 0..<2 {
      let isWhole = depth < names.count - 1
      let wanted = depth < names.count ? names[depth] : ""
      var below: [String] = []
      for folder in level {
        for name in try sortedNames(folder, startingWith: wanted) where name.utf8.last == 0x2F {
          let name = String(name.dropLast())
          if !isWhole || name == wanted { below.append(ObjectKey.join(folder, name)) }
        }
      }
      level = below
      folders += below
    }
    return folders
  }
}
