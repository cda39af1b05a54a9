internal import Foundation

/// Bytes that do not fit in memory, in a temporary file, sorted into numbered bins. The file has no
/// name from the beginning, so it goes with the process. One thread uses it.
final class SpillFile {
  /// A piece of a bin in the file.
  private struct Piece {
    var offset: UInt64
    var byteCount: Int
  }

  private static let pieceBytes = 4096

  private let file: FileHandle
  private var end: UInt64 = 0
  private var pieces: [[Piece]]
  private var buffers: [[UInt8]]

  /// - Parameter name: tells this file from others of the process.
  init(binCount: Int, name: String) throws(IngestError) {
    pieces = Array(repeating: [], count: binCount)
    buffers = Array(repeating: [], count: binCount)
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "tidemark-\(ProcessInfo.processInfo.processIdentifier)-\(name)")
    guard
      FileManager.default.createFile(
        atPath: path.path, contents: nil, attributes: [.posixPermissions: 0o600]),
      let file = try? FileHandle(forUpdating: path)
    else {
      throw IngestError(
        .failed, "no temporary file can be made at \(path.path)",
        remedy: "Give this user a folder for temporary files, by TMPDIR.")
    }
    try? FileManager.default.removeItem(at: path)
    self.file = file
  }

  deinit { try? file.close() }

  var binCount: Int { pieces.count }

  func byteCount(ofBin bin: Int) -> Int {
    pieces[bin].reduce(buffers[bin].count) { $0 + $1.byteCount }
  }

  /// Puts a record at the end of a bin.
  func append(_ record: some Collection<UInt8>, toBin bin: Int) throws(IngestError) {
    buffers[bin].append(contentsOf: record)
    if buffers[bin].count >= Self.pieceBytes { try flush(bin) }
  }

  private func flush(_ bin: Int) throws(IngestError) {
    let bytes = buffers[bin]
    do {
      try file.seek(toOffset: end)
      try file.write(contentsOf: bytes)
    } catch {
      throw Self.problem("written", error)
    }
    pieces[bin].append(Piece(offset: end, byteCount: bytes.count))
    end += UInt64(bytes.count)
    buffers[bin].removeAll(keepingCapacity: true)
  }

  /// Gives the bytes of a bin in the order they came, piece by piece; a record may lie in two.
  func read(bin: Int, _ body: ([UInt8]) throws -> Void) throws {
    for piece in pieces[bin] {
      let bytes: Data?
      do {
        try file.seek(toOffset: piece.offset)
        bytes = try file.read(upToCount: piece.byteCount)
      } catch {
        throw Self.problem("read", error)
      }
      guard let bytes, bytes.count == piece.byteCount else {
        throw Self.problem("read", "it is shorter than what was written")
      }
      try body(Array(bytes))
    }
    if !buffers[bin].isEmpty { try body(buffers[bin]) }
  }

  private static func problem(_ verb: String, _ cause: any Sendable) -> IngestError {
    IngestError(
      .failed, "a temporary file cannot be \(verb): \(cause)",
      remedy: "Look whether the folder for temporary files is full; TMPDIR names another.")
  }
}
