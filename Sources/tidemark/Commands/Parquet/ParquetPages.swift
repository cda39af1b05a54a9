import ArgumentParser
import Parquet

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
