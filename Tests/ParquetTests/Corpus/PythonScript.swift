import Foundation
import Testing

/// A script of `Scripts`, run by the interpreter that the tests are told of.
enum PythonScript {
  /// Runs a script that makes files in a folder of its own, and gives the folder to `body`.
  static func withFiles(of script: String, _ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "tidemark-parquet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let output = try run(script, [folder.path()])
    try #require(output.status == 0, "\(output.text)")
    try body(folder)
  }

  /// - Returns: how it ended, and what it wrote on standard output and error.
  static func run(_ script: String, _ arguments: [String]) throws -> (status: Int32, text: String) {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Scripts/\(script)")
    let process = Process()
    process.executableURL = try PythonReaders.interpreter()
    process.arguments = [file.path()] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }
}
