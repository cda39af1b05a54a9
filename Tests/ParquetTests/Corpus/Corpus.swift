import Foundation
import Testing

/// The Apache conformance files. They are not part of the package: `TIDEMARK_PARQUET_TESTING`
/// names their folder, or `shared/data/parquet-testing` in a folder above is used.
enum Corpus {
  static let variable = "TIDEMARK_PARQUET_TESTING"

  static let folder: URL? = {
    let environment = ProcessInfo.processInfo.environment
    if let path = environment[variable] {
      let folder = URL(fileURLWithPath: path, isDirectory: true)
      return isCorpus(folder) ? folder : nil
    }
    var folder = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    while folder.path != "/" {
      let candidate = folder.appendingPathComponent("shared/data/parquet-testing")
      if isCorpus(candidate) { return candidate }
      folder.deleteLastPathComponent()
    }
    return nil
  }()

  private static func isCorpus(_ folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent("bad_data").path)
  }

  /// The corpus; nil where it may be left out.
  static func required() throws -> URL? {
    if let folder { return folder }
    if ProcessInfo.processInfo.environment["TIDEMARK_REQUIRE_CORPUS"] == "1" {
      Issue.record("the conformance corpus is missing: set \(variable) to its folder")
    } else {
      print("conformance corpus left out: \(variable) does not name it")
    }
    return nil
  }

  static func bytes(_ url: URL) throws -> [UInt8] { [UInt8](try Data(contentsOf: url)) }

  /// All files below a folder, as paths from it.
  static func files(_ folder: URL) -> [String] {
    let all = FileManager.default.subpaths(atPath: folder.path) ?? []
    return all.filter { path in
      var isFolder: ObjCBool = false
      let full = folder.appendingPathComponent(path).path
      return FileManager.default.fileExists(atPath: full, isDirectory: &isFolder)
        && !isFolder.boolValue
    }.sorted()
  }
}
