internal import Connector
internal import Kernels

/// One file whose bytes are in memory: the start of another, to be looked at more than once.
struct MemoryPlace: FilePlace {
  let root: String
  let file: ListedFile
  private let bytes: [UInt8]

  var isRemote: Bool { false }

  /// - Parameter file: under whose path and time the bytes are known.
  init(_ bytes: [UInt8], root: String, file: ListedFile) {
    self.bytes = bytes
    self.root = root
    var file = file
    file.status.size = bytes.count
    self.file = file
  }

  func list(_ prefers: (String) -> Bool) -> FileListing { FileListing(files: [file], oddNames: 0) }

  func open(_ file: ListedFile, for use: FileUse) -> (any ReadableFile)? {
    MemoryFile(path: root + file.path, bytes: bytes, known: self.file.status)
  }

  func obstacle(to file: ListedFile) -> ConnectorError? { nil }
}

private struct MemoryFile: ReadableFile {
  let path: String
  let bytes: [UInt8]
  let known: ScanFile.Status

  var isOneVersion: Bool { true }

  func status() -> ScanFile.Status { known }

  func read(after carry: ArraySlice<UInt8>, at offset: Int, count: Int, spare: Int) -> [UInt8] {
    let start = min(max(0, offset), bytes.count)
    var read: [UInt8] = []
    read.reserveCapacity(carry.count + count + spare)
    read += carry
    read += bytes[start..<start + min(max(0, count), bytes.count - start)]
    return read
  }
}
