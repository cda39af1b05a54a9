import ArgumentParser
import Parquet

struct ParquetVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Reads everything, and checks checksums, statistics, indexes and counts against it.")
  @OptionGroup var argument: FileArgument
  @OptionGroup var listing: ListingOptions

  func run() throws {
    let verification = ParquetFile.verify(
      try argument.source(), options: try argument.withKeys())
    listing.show(verification.report)
    if !verification.isSound { throw ExitCode(4) }
  }
}
