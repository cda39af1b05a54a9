import ArgumentParser
import Parquet

struct ParquetMeta: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "meta",
    abstract: "Row groups and columns: encodings, sizes, ratios, statistics, indexes.")
  @OptionGroup var argument: FileArgument
  @OptionGroup var listing: ListingOptions

  func run() throws { listing.show(try argument.open().metaReport()) }
}
