internal import Connector
internal import Kernels

/// Where a stream's files lie: a folder of this machine, or a prefix of an object store.
protocol FilePlace: Sendable {
  /// What the paths of files are below, for people: `/var/log/`, `s3://bucket/prefix/`.
  var root: String { get }

  /// Whether every look into a file is a request to a server. Files then appear whole under their
  /// names, and are replaced, never written on.
  var isRemote: Bool { get }

  /// The files that the pattern matches now.
  /// - Parameter prefers: whether a path is the one to keep where a file has several names.
  /// - Throws: where nothing can be listed at all.
  func list(_ prefers: (String) -> Bool) throws(ConnectorError) -> FileListing

  /// Opens a file that was listed.
  /// - Returns: nil where it is gone, or another by now.
  func open(_ file: ListedFile, for use: FileUse) throws(ConnectorError) -> (any ReadableFile)?

  /// Why the file cannot be read, as far as can be told without a request; nil where it can, and
  /// where it is gone.
  func obstacle(to file: ListedFile) -> ConnectorError?

  /// Says which files will be opened for reading, in this order, so that the place can begin.
  func expect(_ files: [ListedFile])
}

extension FilePlace {
  func expect(_ files: [ListedFile]) {}
}

/// What a file is opened for.
enum FileUse: Hashable, Sendable {
  /// A look at some of its bytes.
  case looking
  /// All of its bytes from a place on, in their order.
  case reading(from: Int)
}

/// An open file. Safe for several threads.
protocol ReadableFile: Sendable {
  /// Its path, for people.
  var path: String { get }

  /// Whether all reads are of the version that was listed: one that is another by then fails.
  var isOneVersion: Bool { get }

  /// The store's id of that version, where it keeps versions and has said it.
  var versionID: String? { get }

  /// What it is now; of one version, what was listed.
  func status() throws(ConnectorError) -> ScanFile.Status

  /// The bytes of `carry`, and behind them up to `count` of the file from `offset` on: fewer only
  /// at its end.
  /// - Parameter spare: bytes for which room is kept behind.
  func read(after carry: ArraySlice<UInt8>, at offset: Int, count: Int, spare: Int)
    throws(ConnectorError) -> [UInt8]
}

extension ReadableFile {
  var versionID: String? { nil }

  func read(at offset: Int, count: Int) throws(ConnectorError) -> [UInt8] {
    try read(after: [], at: offset, count: max(0, count), spare: 0)
  }
}
