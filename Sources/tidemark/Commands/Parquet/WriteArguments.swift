import ArgumentParser
import Base
import Compression
import Foundation
import Ingest
import Parquet

/// How files are to be written, for every verb that writes some.
struct WriteArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Which readers the file is for: lake (Athena, Spark, Trino and all others) or max.",
      valueName: "lake|max"))
  var profile = ProfileName.lake

  @Option(
    help: ArgumentHelp(
      "The codec's level; 3 for zstd (1-22), 6 for gzip (1-9), 5 for brotli (0-11) unless given."))
  var level: Int?

  @Option(help: ArgumentHelp("Rows of a row group at most.", valueName: "rows"))
  var rowGroupRows = 1_048_576

  @Option(
    help: ArgumentHelp("Bytes of a page before compression, such as 1MiB.", valueName: "size"))
  var pageBytes = "1MiB"

  func validate() throws {
    if rowGroupRows < 1 { throw ValidationError("--row-group-rows: expected 1 or more.") }
    guard let bytes = Units.bytes(pageBytes), (1024...(256 << 20)).contains(bytes) else {
      throw ValidationError(
        "--page-bytes: found '\(pageBytes)', expected a size from 1KiB to 256MiB.")
    }
  }

  /// - Parameter isLevelRequired: otherwise codecs without levels pass over the one that is given.
  /// - Throws: `.configuration` for a level that the codec does not have.
  func options(_ codec: Codec, isLevelRequired: Bool = true) throws(IngestError) -> WriteOptions {
    if let level, isLevelRequired || codec.levels != nil {
      guard let levels = codec.levels else {
        throw IngestError(
          .configuration, "--level \(level): \(codec.name) has no levels",
          remedy: "Leave --level out, or take zstd, gzip or brotli.")
      }
      guard levels.range.contains(level) else {
        throw IngestError(
          .configuration, "--level \(level) is out of range",
          remedy: "\(codec.name) has the levels \(levels.range.lowerBound) to "
            + "\(levels.range.upperBound); \(levels.standard) is its standard.")
      }
    }
    var options = WriteOptions(
      codec: codec, level: codec.levels == nil ? nil : level, profile: profile.profile)
    options.rowGroupRowsMax = rowGroupRows
    options.pageBytesMax = Units.bytes(pageBytes) ?? options.pageBytesMax
    return options
  }
}

enum ProfileName: String, ExpressibleByArgument, CaseIterable {
  case lake, max

  var profile: WriteProfile { self == .lake ? .lake : .max }
}

/// A codec that can be written, by its name.
struct WrittenCodec: ExpressibleByArgument {
  static let all: [Codec] = [.none, .snappy, .gzip, .zstd, .lz4Raw, .brotli]
  static var allValueStrings: [String] { all.map(\.name) }

  var codec: Codec

  init(_ codec: Codec) { self.codec = codec }

  init?(argument: String) {
    guard let codec = Codec(name: argument), Self.all.contains(codec) else { return nil }
    self.codec = codec
  }

  var defaultValueDescription: String { codec.name }
}

/// How many threads work, and in how much memory.
struct WorkArguments: ParsableArguments {
  @Option(help: ArgumentHelp("How many threads work; all cores unless given.", valueName: "count"))
  var threads: Int?

  @Option(help: ArgumentHelp("The memory that the work may take.", valueName: "size"))
  var memory = "512MB"

  func validate() throws {
    if let threads, !(1...256).contains(threads) {
      throw ValidationError("--threads: found \(threads), expected 1 to 256.")
    }
    guard let bytes = Units.bytes(memory), bytes >= RewriteOptions.memoryByteCountMin else {
      throw ValidationError("--memory: found '\(memory)', expected a size of at least 16MiB.")
    }
  }

  var threadCount: Int { threads ?? max(1, ProcessInfo.processInfo.activeProcessorCount) }
  var memoryByteCount: Int { Units.bytes(memory) ?? 512_000_000 }
}
