import ArgumentParser
import Base
import Foundation
import Ingest
import Lake
import Parquet
import Records
import Storage

struct ParquetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parquet",
    abstract: "Looks into Parquet files.",
    discussion: """
      Examples:
        tidemark parquet schema part.parquet
        tidemark parquet meta part.parquet --json
        tidemark parquet cat part.parquet --columns id,amount --limit 10
      """,
    subcommands: [
      ParquetSchemaCommand.self, ParquetMeta.self, ParquetPages.self, ParquetCat.self,
      ParquetVerify.self,
    ])
}

/// A file named on the command line.
struct FileArgument: ParsableArguments {
  @Argument(help: "A Parquet file.")
  var file: String

  func open() throws(IngestError) -> ParquetFile {
    let source = try source()
    return try reading { try ParquetFile(source) }
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
      var wrapped = IngestError(wrapping: error)
      wrapped.place = file
      throw wrapped
    }
  }
}

struct ParquetSchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "The columns and their types.")
  @OptionGroup var argument: FileArgument
  @OptionGroup var listing: ListingOptions

  func run() throws { listing.show(try argument.open().schemaReport()) }
}

struct ParquetMeta: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "meta",
    abstract: "Row groups and columns: encodings, sizes, ratios, statistics, indexes.")
  @OptionGroup var argument: FileArgument
  @OptionGroup var listing: ListingOptions

  func run() throws { listing.show(try argument.open().metaReport()) }
}

struct ParquetPages: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pages", abstract: "Every page: type, encoding, place, sizes, rows, nulls.")
  @OptionGroup var argument: FileArgument
  @OptionGroup var listing: ListingOptions
  @Option(help: ArgumentHelp("Only these columns.", valueName: "a,b"))
  var columns: String?

  func run() throws {
    let names = columns?.split(separator: ",").map(String.init)
    let file = try argument.open()
    listing.show(try argument.reading { try file.pagesReport(columns: names) })
  }
}

struct ParquetVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Reads everything, and checks checksums, statistics, indexes and counts against it.")
  @OptionGroup var argument: FileArgument
  @OptionGroup var listing: ListingOptions

  func run() throws {
    let verification = ParquetFile.verify(try argument.source())
    listing.show(verification.report)
    if !verification.isSound { throw ExitCode(4) }
  }
}

struct ParquetCat: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cat", abstract: "Prints rows as JSON Lines.")
  @OptionGroup var argument: FileArgument
  @Option(help: ArgumentHelp("Columns in the order to print; all unless given.", valueName: "a,b"))
  var columns: String?
  @Option(help: "How many rows at the most.")
  var limit: Int?

  func run() throws {
    let file = try argument.open()
    let names = columns?.split(separator: ",").map(String.init)
    for name in names ?? [] where file.schema[name] == nil {
      throw IngestError(
        .configuration, "\(argument.file): there is no column '\(name)'",
        remedy: nearestName(to: name, among: file.schema.names).map { "Did you mean '\($0)'?" }
          ?? "Its columns: \(file.schema.names.joined(separator: ", ")).")
    }
    var left = limit ?? .max
    try argument.reading {
      let reader = try file.reader(columns: names)
      let printer = RowPrinter(for: reader)
      while left > 0, let batch = try reader.next() {
        let rows = batch.slice(0..<min(left, batch.rowCount))
        left -= rows.rowCount
        Terminal.write(bytes: try printer.lines(of: rows))
      }
    }
  }
}
