import ArgumentParser
import Foundation
import Ingest
import Lake
import Parquet
import Storage

/// A file named on the command line.
struct FileArgument: ParsableArguments {
  @Argument(help: "A Parquet file.")
  var file: String

  func open(_ options: ReadOptions = ReadOptions()) throws(IngestError) -> ParquetFile {
    let source = try source()
    return try reading { try ParquetFile(source, options: options) }
  }

  func source() throws(IngestError) -> StoredFile {
    let url = URL(fileURLWithPath: file).standardizedFileURL
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder),
      !isFolder.boolValue
    else {
      throw IngestError(
        .configuration,
        "\(file): \(isFolder.boolValue ? "it is a folder" : "there is no such file")",
        remedy: "Name a Parquet file.")
    }
    return try reading {
      let store = try LocalStore(root: url.deletingLastPathComponent().path)
      return try StoredFile(url.lastPathComponent, in: store)
    }
  }

  /// Errors name the file.
  func reading<T>(_ body: () throws -> T) throws(IngestError) -> T {
    do {
      return try body()
    } catch {
      throw located(error)
    }
  }

  func located(_ error: any Error) -> IngestError {
    var wrapped = IngestError(wrapping: error)
    wrapped.place = wrapped.place ?? file
    return wrapped
  }
}
