import Connector
import Foundation
import Ingest

/// The files that `parse` reads. Standard input goes to a temporary file first, as it is read more
/// than once; that has no name, so that nothing is left of it however the program ends.
struct ParseInput {
  /// Where they can be opened.
  let paths: [String]
  private let spool: FileHandle?

  private static let pieceBytes = 1 << 20

  var isStandardInput: Bool { spool != nil }

  init(_ names: [String]) throws(IngestError) {
    guard names == ["-"] else {
      paths = names
      spool = nil
      return
    }
    do {
      let spool = try Self.copyOfStandardInput()
      self.spool = spool
      paths = ["/proc/self/fd/\(spool.fileDescriptor)"]
    } catch {
      throw IngestError(
        .unreachable, "standard input cannot be kept in \(NSTemporaryDirectory()): \(error)",
        remedy: "Make room there, set TMPDIR to a folder with room, or name a file.")
    }
  }

  private static func copyOfStandardInput() throws -> FileHandle {
    // The letters are mkstemp's, which puts others in their place.
    let name = "/tidemark-parse-XXXXXX"  // ALLOW: mkstemp
    var template = Array((NSTemporaryDirectory() + name).utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    unlink(template)
    let spool = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    while let piece = try FileHandle.standardInput.read(upToCount: pieceBytes), !piece.isEmpty {
      try spool.write(contentsOf: piece)
    }
    return spool
  }

  func close() { try? spool?.close() }

  /// Reads them: a file that cannot be read is one that cannot be reached.
  func reading<Result>(_ body: () throws(ConnectorError) -> Result) throws(IngestError) -> Result {
    do {
      return try body()
    } catch {
      var wrapped = IngestError(error)
      let isOfFile = [.notFound, .malformed, .interrupted].contains(error.kind)
      if isOfFile { wrapped.kind = .unreachable }
      if spool != nil {
        wrapped.message = wrapped.message.replacing(paths[0], with: "standard input")
      }
      throw wrapped
    }
  }
}
