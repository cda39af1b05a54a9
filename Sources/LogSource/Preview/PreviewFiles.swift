public import Connector
internal import Foundation
internal import Kernels

/// The files that a person means by paths, patterns and addresses in S3.
public struct PreviewFiles: Sendable {
  struct Group: Sendable {
    let place: any FilePlace
    var files: [ListedFile]
  }

  private(set) var groups: [Group] = []

  /// In the order in which they are read.
  public var paths: [String] {
    groups.flatMap { group in group.files.map { group.place.root + $0.path } }
  }

  /// - Parameter arguments: each a path, absolute or from the working folder, where a file of that
  ///   name need not exist if it is a pattern (`logs/**/*.gz`); or `s3://bucket/` and a key, a
  ///   pattern, or a prefix that ends with a slash.
  /// - Throws: `.notFound` where nothing is there, with what is there instead of a file.
  public init(_ arguments: [String], _ context: SourceContext) throws(ConnectorError) {
    for argument in arguments {
      let isRemote = argument.hasPrefix("s3://")
      let group =
        try isRemote ? Self.objects(argument, context) : Self.localFiles(argument, context)
      // Files of this machine have one root.
      if !isRemote, groups.last?.place.isRemote == false {
        groups[groups.count - 1].files += group.files
      } else {
        groups.append(group)
      }
    }
  }

  init(_ file: ListedFile, in place: any FilePlace) {
    groups = [Group(place: place, files: [file])]
  }

  private static func localFiles(_ path: String, _ context: SourceContext) throws(ConnectorError)
    -> Group
  {
    let root = try GlobPattern("/*")
    let place = LocalPlace(
      pattern: root, excluded: try ExcludedPaths([], root: root.root), clock: context.clock)
    let whole =
      path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    let status: ScanFile.Status
    do {
      status = try ScanFile.status(path: whole)
    } catch {
      guard error.isMissing else { throw LocalFile.unreadable(path, error) }
      guard isPattern(path) else {
        throw ConnectorError(
          .notFound, "there is no such file", remedy: "Check the path.", place: path)
      }
      let pattern = try GlobPattern(whole)
      let listing = FileListing(
        pattern, excluding: try ExcludedPaths([], root: pattern.root)
      ) { _ in false }
      guard !listing.files.isEmpty else {
        throw ConnectorError(
          .notFound, "no file matches the pattern", remedy: "Check the path.", place: path)
      }
      return Group(
        place: place,
        files: listing.files.map { file in
          ListedFile(
            path: String((pattern.root + file.path).dropFirst(root.root.count)),
            status: file.status)
        })
    }
    guard status.kind == .file else {
      throw ConnectorError(
        .notFound, status.kind == .folder ? "it is a folder" : "it is no regular file",
        remedy: status.kind == .folder
          ? "Name a file, or its files as '\(path)/**/*'."
          : "Name a file, or give its text on standard input as '-'.", place: path)
    }
    if let obstacle = ScanFile.obstacle(path: whole) {
      throw LocalFile.unreadable(path, obstacle)
    }
    return Group(
      place: place,
      files: [ListedFile(path: String(whole.dropFirst(root.root.count)), status: status)])
  }

  private static func isPattern(_ path: String) -> Bool { path.contains { "*?[{".contains($0) } }

  private static func objects(_ address: String, _ context: SourceContext) throws(ConnectorError)
    -> Group
  {
    let bucket = String(address.dropFirst(5).prefix { $0 != "/" })
    let key = String(address.dropFirst(5 + bucket.count))
    guard !bucket.isEmpty else {
      throw ConnectorError(
        .notFound, "the address names no bucket", remedy: "Write s3://bucket/key.", place: address)
    }
    let bucketObjects = try BucketAddress(bucket: bucket, nil).open(context, isPatient: false)
    // A key may have a pattern's characters in it.
    var texts = [GlobPattern.escaped(key)]
    if key.isEmpty || key.hasSuffix("/") {
      texts = [GlobPattern.escaped(key.isEmpty ? "/" : key) + "**/*"]
    } else if isPattern(key) {
      texts.append(key)
    }
    for text in texts {
      let pattern = try GlobPattern(text)
      let place = ObjectPlace(
        bucketObjects, pattern, excluding: try ExcludedPaths([], root: pattern.root))
      let files = try place.list { _ in false }.files
      if !files.isEmpty { return Group(place: place, files: files) }
    }
    throw ConnectorError(
      .notFound, "there is no such object",
      remedy: "Check the key; end a prefix with a slash, or write a pattern.", place: address)
  }
}
