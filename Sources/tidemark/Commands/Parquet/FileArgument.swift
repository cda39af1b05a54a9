import ArgumentParser
import Foundation
import Ingest
import Lake
import Parquet
import Records
import Storage

/// A file named on the command line.
struct FileArgument: ParsableArguments {
  @Argument(help: "A Parquet file.")
  var file: String
  @Option(
    help: ArgumentHelp(
      "Keys of an encrypted file, a line each: footer = KEY, column NAME = KEY, key ID = KEY, "
        + "aad_prefix = TEXT.", valueName: "file"))
  var keys: String?

  init() {}

  init(file: String) {
    self.file = file
    keys = nil
  }

  func open(_ options: ReadOptions = ReadOptions()) throws(IngestError) -> ParquetFile {
    let source = try source()
    let options = try withKeys(options)
    return try reading { try ParquetFile(source, options: options) }
  }

  /// The options with the keys, and with the key material that lies beside the file.
  func withKeys(_ options: ReadOptions = ReadOptions()) throws(IngestError) -> ReadOptions {
    guard let keys else { return options }
    var options = options
    do {
      var parsed = try DecryptionKeys(parsing: String(contentsOfFile: keys, encoding: .utf8))
      let url = URL(fileURLWithPath: file)
      let material = url.deletingLastPathComponent()
        .appendingPathComponent("_KEY_MATERIAL_FOR_\(url.lastPathComponent).json")
      if FileManager.default.fileExists(atPath: material.path) {
        try parsed.addKeyMaterial(parsing: String(contentsOf: material, encoding: .utf8))
      }
      options.decryption = parsed
    } catch let error as ParquetError {
      throw IngestError(.configuration, "\(keys): \(error.message)", remedy: "Mend the keys.")
    } catch {
      throw IngestError(
        .configuration, "\(keys): it cannot be read", remedy: "Name a file of keys.")
    }
    return options
  }

  func source() throws(IngestError) -> StoredFile {
    let url = URL(fileURLWithPath: file).standardizedFileURL
    if let problem = Self.problem(url.path) {
      throw IngestError(.configuration, "\(file): \(problem)", remedy: "Name a Parquet file.")
    }
    return try reading {
      let store = try LocalStore(root: url.deletingLastPathComponent().path)
      return try StoredFile(url.lastPathComponent, in: store)
    }
  }

  /// What is at a path instead of a file that may be a Parquet one; nil where one is.
  private static func problem(_ path: String) -> String? {
    // Through links.
    var status = stat()
    guard stat(path, &status) == 0 else {
      return errno == ENOENT || errno == ENOTDIR
        ? "there is no such file" : "it cannot be looked at: \(String(cString: strerror(errno)))"
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return status.st_size == 0 ? "it is empty" : nil
    case S_IFDIR: return "it is a folder"
    case S_IFIFO: return "it is a pipe, and a Parquet file is read from its end"
    case S_IFSOCK: return "it is a socket"
    default: return "it is a device"
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

  /// Runs what the command line asks of a file: a column that is not there, or can not be what is
  /// asked, is a mistake of the command line.
  func asking<T>(_ body: () throws(ParquetError) -> T) throws(IngestError) -> T {
    do {
      return try body()
    } catch {
      guard error.kind == .schemaMismatch else { throw located(error) }
      let place = error.place.column.map { "column \($0): " } ?? ""
      throw IngestError(
        .configuration, "\(file): \(place)\(error.message)",
        remedy: "'tidemark parquet schema \(file)' lists the columns and their types.")
    }
  }

  func located(_ error: any Error) -> IngestError {
    var wrapped = IngestError(wrapping: error)
    if let error = error as? ParquetError {
      // The remedy has a line of its own.
      wrapped.message = wrapped.message.replacing("; \(error.remedy)", with: "")
        .replacing("parquet: ", with: "", maxReplacements: 1)
      if error.kind == .schemaMismatch, error.message.contains("INT96") {
        wrapped.remedy = "Read such timestamps in microseconds: --int96 us."
      }
    }
    wrapped.place = wrapped.place ?? file
    return wrapped
  }
}

/// How INT96 timestamps are read, which have a wider range than 64 bits of nanoseconds.
struct TimestampArguments: ParsableArguments {
  enum Unit: String, ExpressibleByArgument, CaseIterable { case ns, us }

  @Option(
    help: ArgumentHelp(
      "The unit of INT96 timestamps; us reaches beyond the years 1678 to 2262.",
      valueName: "ns|us"))
  var int96: Unit?

  func apply(to options: inout ReadOptions) {
    if let int96 { options.int96Unit = int96 == .us ? .microseconds : .nanoseconds }
  }
}
