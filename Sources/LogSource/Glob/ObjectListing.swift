internal import AWS
internal import Base
internal import Kernels
internal import Storage

/// The objects that a pattern matches, listed with few requests: from the longest start that all
/// names have, and folder by folder where that leaves much out.
struct ObjectListing {
  private let bucket: any ObjectBucket
  private let pattern: GlobPattern
  private let excluded: ExcludedPaths
  private var files: [ListedFile] = []
  private var oddKeys = 0

  /// With more folders at one place, all below it is listed: that is fewer requests.
  private static let foldersMax = 64

  init(_ bucket: any ObjectBucket, _ pattern: GlobPattern, excluding excluded: ExcludedPaths) {
    self.bucket = bucket
    self.pattern = pattern
    self.excluded = excluded
  }

  func listed() throws(StorageError) -> FileListing {
    var listing = self
    let root = String(pattern.root.dropFirst())
    for alternative in pattern.alternatives { try listing.visit(root, alternative[...]) }
    var files = listing.files
    func isBefore(_ a: ListedFile, _ b: ListedFile) -> Bool {
      a.path.utf8.lexicographicallyPrecedes(b.path.utf8)
    }
    if !zip(files, files.dropFirst()).allSatisfy(isBefore) {
      files.sort(by: isBefore)
      // Alternatives may match the same.
      var last: String?
      files.removeAll { file in
        defer { last = file.path }
        return file.path == last
      }
    }
    return FileListing(files: files, oddNames: listing.oddKeys)
  }

  /// - Parameter folder: the start of keys, empty or with a slash at its end.
  private mutating func visit(_ folder: String, _ names: ArraySlice<GlobPattern.Name>)
    throws(StorageError)
  {
    guard let name = names.first else { return }
    let rest = names.dropFirst()
    if case .exactly(let text) = name {
      if !rest.isEmpty { return try visit(folder + text + "/", rest) }
      try list(folder + text, byFolder: true, names, below: folder)
      return
    }
    let start = folder + name.literalStart
    if name == .folders || rest.isEmpty {
      try list(start, byFolder: rest.isEmpty, names, below: folder)
      return
    }
    // Whether going folder by folder can leave anything out.
    let isSelective = !name.literalStart.isEmpty || rest.dropLast().contains(where: \.isExact)
    guard isSelective,
      let folders = try list(start, byFolder: true, names, below: folder).folders
    else {
      try list(start, byFolder: false, names, below: folder)
      return
    }
    for below in folders { try visit(below, rest) }
  }

  private struct Listed {
    /// The folders that the first name matches; nil where they are too many.
    var folders: [String]?
  }

  /// Takes the objects that the names match below a folder.
  @discardableResult
  private mutating func list(
    _ prefix: String, byFolder: Bool, _ names: ArraySlice<GlobPattern.Name>, below folder: String
  ) throws(StorageError) -> Listed {
    let rootCount = pattern.root.utf8.count - 1
    let folderCount = folder.utf8.count
    let wantsFolders = byFolder && names.count > 1
    let matcher = KeyMatcher(names)
    // It comes first of those that begin with it.
    let isOnPageOne = names.count == 1 && names.first?.isExact == true
    let hasExclusions = !excluded.isEmpty
    var folders: [String] = []
    var isOver = false
    var found: [ListedFile] = []
    var odd = 0
    try bucket.listPages(prefix, byFolder: byFolder) { page in
      odd += page.oddKeys
      if wantsFolders {
        for below in page.folders {
          let name = below.utf8.dropFirst(folderCount).dropLast()
          if names.first?.matches(String(Substring(name))) == true { folders.append(below) }
        }
        isOver = folders.count > Self.foldersMax
        return !isOver
      }
      for object in page.objects where matcher.matches(object.key.utf8.dropFirst(folderCount)) {
        let path = String(Substring(object.key.utf8.dropFirst(rootCount)))
        if hasExclusions, excluded.contains(path) { continue }
        found.append(ListedFile(path: path, object))
      }
      return !isOnPageOne
    }
    if files.isEmpty { files = found } else { files += found }
    oddKeys += odd
    return Listed(folders: isOver ? nil : folders)
  }
}

extension ListedFile {
  init(path: String, _ object: ObjectInfo) {
    let written = object.modified.microseconds.multipliedReportingOverflow(by: 1000)
    self.init(
      path: path,
      status: ScanFile.Status(
        device: FileIdentity.versions, inode: ContentHash(object.version.utf8).hash,
        size: object.byteCount, modified: written.overflow ? 0 : written.partialValue,
        changed: written.overflow ? 0 : written.partialValue),
      version: object.version)
  }
}

/// Matches the rest of a key, byte by byte where the pattern allows it.
struct KeyMatcher {
  private let names: ArraySlice<GlobPattern.Name>
  /// The pattern as bytes: nil where a character of it is not one byte.
  private let tokens: [Token]?

  private enum Token: Equatable {
    case byte(UInt8)
    case anyText
    /// The start of a name that may not be a dot.
    case noDot
  }

  init(_ names: ArraySlice<GlobPattern.Name>) {
    self.names = names
    tokens = Self.tokens(names)
  }

  /// Patterns of plain names, `*` in them, and at most one `**` at the start.
  private static func tokens(_ names: ArraySlice<GlobPattern.Name>) -> [Token]? {
    guard let last = names.last, names.dropLast().allSatisfy({ $0 == .folders }) else { return nil }
    switch last {
    case .exactly(let text): return text.utf8.map { .byte($0) }
    case .folders: return nil
    case .matching(let tokens):
      var bytes: [Token] = []
      if case .character = tokens.first {} else { bytes.append(.noDot) }
      for token in tokens {
        switch token {
        case .character(let character): bytes += character.utf8.map { .byte($0) }
        case .anyText: bytes.append(.anyText)
        case .any, .oneOf: return nil
        }
      }
      return bytes
    }
  }

  func matches(_ key: Substring.UTF8View) -> Bool {
    guard let tokens else { return GlobPattern.match(names, String(Substring(key))) }
    let slash = key.lastIndex(of: UInt8(ascii: "/"))
    guard let slash else { return Self.match(tokens, key) }
    // Folders stand for `**`, and none of them is hidden.
    guard names.count > 1 else { return false }
    var isStart = true
    for byte in key[...slash] {
      if isStart && (byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/")) { return false }
      isStart = byte == UInt8(ascii: "/")
    }
    return Self.match(tokens, key[key.index(after: slash)...])
  }

  /// With one place to return to, that of the last `*`.
  private static func match(_ tokens: [Token], _ name: Substring.UTF8View) -> Bool {
    var token = 0
    if tokens.first == .noDot {
      if name.first == UInt8(ascii: ".") { return false }
      token = 1
    }
    var place = name.startIndex
    var retry: (token: Int, place: Substring.UTF8View.Index)?
    while place < name.endIndex {
      if token < tokens.count, tokens[token] == .anyText {
        retry = (token + 1, place)
        token += 1
      } else if token < tokens.count, tokens[token] == .byte(name[place]) {
        token += 1
        place = name.index(after: place)
      } else if let last = retry {
        retry = (last.token, name.index(after: last.place))
        token = last.token
        place = name.index(after: last.place)
      } else {
        return false
      }
    }
    return tokens[token...].allSatisfy { $0 == .anyText }
  }
}
