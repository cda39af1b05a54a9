internal import Connector
internal import Kernels

/// A file that a pattern matches, as a listing found it.
struct ListedFile: Hashable, Sendable {
  /// Below the pattern's root.
  var path: String
  var status: ScanFile.Status
  /// In an object store, its version; empty elsewhere.
  var version = ""

  var identity: FileIdentity { FileIdentity(device: status.device, inode: status.inode) }
}

/// What a file is on its host, whatever its name; of an object, the hash of its version.
struct FileIdentity: Hashable, Sendable {
  var device: UInt64
  var inode: UInt64

  /// Stands for the device where the inode is the hash of a version.
  static let versions = UInt64.max

  var isVersion: Bool { device == Self.versions }
}

/// The files that a pattern matches now.
struct FileListing: Sendable {
  /// In bytewise order of their paths; each file once, under one of its names.
  private(set) var files: [ListedFile] = []
  /// Folders and files that could not be looked at, with the system's words.
  private(set) var problems: [(path: String, failure: ScanFile.Failure)] = []
  /// Names that are no UTF-8, which no pattern matches.
  private(set) var oddNames = 0

  private static let depthMax = 64

  /// - Parameter files: in bytewise order of their paths, each path once.
  init(files: [ListedFile], oddNames: Int) {
    self.files = files
    self.oddNames = oddNames
  }

  /// - Parameter prefers: whether a path is the one to keep where a file has several names.
  init(_ pattern: GlobPattern, excluding excluded: ExcludedPaths, prefers: (String) -> Bool) {
    var found: [(path: String, isLink: Bool)] = []
    for alternative in pattern.alternatives {
      visit(pattern.root, "", alternative[...], depth: 0, &found)
    }
    found.sort { precedesBytewise($0.path, $1.path) }
    var places: [FileIdentity: Int] = [:]
    places.reserveCapacity(found.count)
    var isLink: [Bool] = []
    var isOrdered = true
    var last: String?
    // Swift takes names for the same whose accents are composed differently; as do ledgers.
    var accented: Set<String> = []
    var looks = FolderLooks(root: pattern.root)
    for (path, link) in found {
      // Alternatives of a pattern may find the same.
      if path == last { continue }
      last = path
      if !path.utf8.allSatisfy({ $0 < 0x80 }), !accented.insert(path).inserted { continue }
      guard !excluded.contains(path), let file = status(path, &looks) else { continue }
      if let place = places[file.identity] {
        let isBetter = prefers(path) && !prefers(files[place].path) || isLink[place] && !link
        if isBetter && !prefers(files[place].path) {
          files[place] = file
          isLink[place] = link
          isOrdered = false
        }
      } else {
        places[file.identity] = files.count
        files.append(file)
        isLink.append(link)
      }
    }
    if !isOrdered { files.sort { precedesBytewise($0.path, $1.path) } }
  }

  private mutating func status(_ path: String, _ looks: inout FolderLooks) -> ListedFile? {
    do {
      let status = try looks.status(path)
      return status.kind == .file ? ListedFile(path: path, status: status) : nil
    } catch {
      // Gone since the folder was read: as if it had been gone before.
      if !error.isMissing { problems.append((path, error)) }
      return nil
    }
  }

  /// Collects the paths below `folder` that the rest of a pattern matches, and whether each is a
  /// symbolic link.
  private mutating func visit(
    _ root: String, _ folder: String, _ pattern: ArraySlice<GlobPattern.Name>, depth: Int,
    _ found: inout [(path: String, isLink: Bool)]
  ) {
    guard let name = pattern.first, depth <= Self.depthMax else { return }
    let rest = pattern.dropFirst()
    if case .exactly(let text) = name {
      if !rest.isEmpty {
        return visit(root, folder + text + "/", rest, depth: depth + 1, &found)
      }
      // The folder need not be readable for that.
      found.append((folder + text, false))
      return
    }
    let entries: [ScanFolderEntry]
    do {
      entries = try scanFolder(path: root + folder, oddNames: &oddNames)
    } catch {
      if !error.isMissing { problems.append((folder, error)) }
      return
    }
    if name == .folders {
      visit(root, folder, rest, depth: depth, &found)
      // Links to folders are not followed here: they may lead in a circle.
      for entry in entries where entry.kind == .folder || isFolder(entry, root + folder) {
        if entry.name.hasPrefix(".") { continue }
        visit(root, folder + entry.name + "/", pattern, depth: depth + 1, &found)
      }
      return
    }
    for entry in entries where name.matches(entry.name) {
      if rest.isEmpty {
        if entry.kind != .folder && entry.kind != .other {
          found.append((folder + entry.name, entry.kind == .link))
        }
      } else if entry.kind != .file && entry.kind != .other {
        visit(root, folder + entry.name + "/", rest, depth: depth + 1, &found)
      }
    }
  }

  private func isFolder(_ entry: ScanFolderEntry, _ folder: String) -> Bool {
    guard entry.kind == .unknown else { return false }
    return (try? ScanFile.status(path: folder + entry.name))?.kind == .folder
  }
}

/// Looks at files in the order of their paths: a folder that has several is opened for them.
private struct FolderLooks {
  let root: String
  /// That of the file before.
  private var folder: Substring?
  private var opened: ScanFolder?

  init(root: String) { self.root = root }

  mutating func status(_ path: String) throws(ScanFile.Failure) -> ScanFile.Status {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let name = slash.map { path.utf8.index(after: $0) } ?? path.startIndex
    // By their bytes: Swift takes names for the same whose accents are composed differently.
    guard let folder, folder.utf8.elementsEqual(path[..<name].utf8) else {
      folder = path[..<name]
      opened = nil
      return try ScanFile.status(path: root + path)
    }
    if opened == nil { opened = try ScanFolder(path: root + folder) }
    guard let opened else { return try ScanFile.status(path: root + path) }
    return try opened.status(of: String(path[name...]))
  }
}

/// The paths that `exclude` takes away.
struct ExcludedPaths: Sendable {
  /// Patterns of whole paths, below the root of the files.
  private let paths: [GlobPattern]
  /// Patterns of names, in any folder.
  private let names: [GlobPattern]
  private let root: String

  init(_ patterns: [String], root: String) throws(ConnectorError) {
    var paths: [GlobPattern] = []
    var names: [GlobPattern] = []
    for pattern in patterns {
      if pattern.hasPrefix("s3://") {
        paths.append(try GlobPattern(String(pattern.dropFirst(5).drop { $0 != "/" })))
      } else if pattern.hasPrefix("/") {
        paths.append(try GlobPattern(pattern))
      } else if pattern.contains("/") {
        paths.append(try GlobPattern(root + pattern))
      } else {
        names.append(try GlobPattern("/" + pattern))
      }
    }
    self.paths = paths
    self.names = names
    self.root = root
  }

  var isEmpty: Bool { paths.isEmpty && names.isEmpty }

  func contains(_ path: String) -> Bool {
    if names.isEmpty && paths.isEmpty { return false }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    if names.contains(where: { $0.matches(name) }) { return true }
    let whole = root + path
    return paths.contains { pattern in
      whole.hasPrefix(pattern.root) && pattern.matches(String(whole.dropFirst(pattern.root.count)))
    }
  }
}
