import ArgumentParser
import Parquet

struct ParquetSchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "The columns and their types.")
  @OptionGroup var argument: FileArgument
  @OptionGroup var listing: ListingOptions

  func run() throws { listing.show(try argument.open().schemaReport()) }
}
