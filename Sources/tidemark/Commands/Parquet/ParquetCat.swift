import ArgumentParser
import Base
import Ingest
import Parquet
import Records

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
