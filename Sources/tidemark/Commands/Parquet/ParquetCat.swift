import ArgumentParser
import Base
import Ingest
import Parquet
import Records

struct ParquetCat: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cat",
    abstract: "Prints rows as JSON Lines.",
    discussion: """
      Integers are numbers, decimals texts with their scale, dates and times in ISO form with Z \
      where they are in UTC, binary base64, maps arrays of {"key":…,"value":…}, variants their \
      JSON; what is not a finite number is "NaN", "Infinity" or "-Infinity".

      --where prints the rows that meet a condition, and all of them where there are several. \
      Operators are = != < <= > >=, is null, is not null; values are written as cat prints them, \
      in quotes or without. What statistics, page indexes and bloom filters rule out is not read, \
      nor are columns that are not needed.

      Examples:
        tidemark parquet cat part.parquet --limit 10
        tidemark parquet cat part.parquet --columns id,customer.name --where 'price >= 9.95'
        tidemark parquet cat part.parquet --where "day = '2026-11-21'" --where 'note is not null'
      """)
  @OptionGroup var argument: FileArgument
  @Option(
    help: ArgumentHelp(
      "Columns in the order to print, also dotted paths; all unless given.", valueName: "a,b"))
  var columns: String?
  @Option(help: ArgumentHelp("How many rows at the most.", valueName: "rows"))
  var limit: Int?
  @Option(
    name: .customLong("where"),
    help: ArgumentHelp("Only rows that meet it; repeat it for more.", valueName: "condition"))
  var conditions: [String] = []
  @Option(help: ArgumentHelp("The memory that reading may take.", valueName: "size"))
  var memory = "512MB"

  @OptionGroup var timestamps: TimestampArguments

  /// Rows that are turned into text at a time.
  private static let printedRowCount = 1024

  func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit: expected 0 or more.") }
    guard let bytes = Units.bytes(memory), bytes >= 1 << 20 else {
      throw ValidationError("--memory: found '\(memory)', expected a size of at least 1MiB.")
    }
  }

  func run() throws {
    var left = limit ?? .max
    let file = try argument.open(readOptions)
    let reader = try reader(file)
    let printer = RowPrinter(for: reader)
    try argument.reading {
      while left > 0, let batch = try reader.next() {
        let count = min(left, batch.rowCount)
        left -= count
        for start in stride(from: 0, to: count, by: Self.printedRowCount) {
          let rows = batch.slice(start..<min(count, start + Self.printedRowCount))
          Terminal.write(bytes: try printer.lines(of: rows))
        }
      }
    }
  }

  private var readOptions: ReadOptions {
    var options = ReadOptions()
    let bytes = Units.bytes(memory) ?? options.memoryByteCountMax
    options.memoryByteCountMax = bytes
    options.batchByteCountMax = min(4 << 20, bytes / 8)
    options.windowByteCount = min(options.windowByteCount, max(64 << 10, bytes / 32))
    if let limit, conditions.isEmpty {
      options.batchRowCountMax = min(max(1, limit), options.batchRowCountMax)
    }
    timestamps.apply(to: &options)
    return options
  }

  private func reader(_ file: ParquetFile) throws(IngestError) -> ParquetReader {
    let names = columns?.split(separator: ",").map(String.init)
    for name in names ?? [] where file.schema[name] == nil && !name.contains(".") {
      throw IngestError(
        .configuration, "\(argument.file): there is no column '\(name)'",
        remedy: nearestName(to: name, among: file.schema.names).map { "Did you mean '\($0)'?" }
          ?? "Its columns: \(file.schema.names.joined(separator: ", ")).")
    }
    var filter: [RowCondition] = []
    for text in conditions {
      let condition = try RowCondition(parsing: text)
      let paths = file.parquetSchema.leaves.map(\.name)
      guard paths.contains(condition.column) || condition.column.contains(".") else {
        throw IngestError(
          .configuration,
          "\(argument.file): --where '\(text)': there is no column "
            + "'\(condition.column)' of single values",
          remedy: nearestName(to: condition.column, among: paths).map { "Did you mean '\($0)'?" }
            ?? "'tidemark parquet schema \(argument.file)' lists the columns.")
      }
      filter.append(condition)
    }
    return try argument.asking { () throws(ParquetError) in
      var predicates: [Predicate] = []
      for condition in filter {
        predicates.append(
          try Predicate(
            column: condition.column, operator: condition.symbol, text: condition.text, in: file))
      }
      // The first rows are known by their numbers, so pages behind them are not read.
      let rows = predicates.isEmpty ? limit.map { 0..<$0 } : nil
      return try file.reader(columns: names, filter: predicates, rows: rows)
    }
  }
}
