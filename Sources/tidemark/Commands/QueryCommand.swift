import ArgumentParser
import Base
import Foundation
import Ingest
import Query

struct QueryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query",
    abstract: "Queries the zones with the embedded engine.",
    discussion: """
      Tables are named TABLE or ZONE.TABLE; a query sees the files of published commits and \
      nothing else, and cannot change them.

      Examples:
        tidemark query "SELECT status, count(*) FROM web_access GROUP BY status"
        tidemark query --format csv "FROM shop_orders" > orders.csv
        tidemark query - < report.sql
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case table, csv, json }

  @OptionGroup var config: ConfigOptions
  @Argument(help: "One SELECT statement; - reads it from standard input.")
  var sql: String
  @Option(help: "table, csv or json.")
  var format = Format.table
  @Flag(help: "The same as --format json.")
  var json = false
  @Option(help: ArgumentHelp("Rows that a table shows at the most.", valueName: "rows"))
  var limit = 100
  @Option(help: "The memory that the engine may use.")
  var memory = "512MB"

  func validate() throws {
    guard let bytes = Units.bytes(memory), bytes >= 16_000_000 else {
      throw ValidationError("--memory: found '\(memory)', expected a size of at least 16MB.")
    }
    if limit < 1 { throw ValidationError("--limit: expected 1 or more.") }
  }

  func run() throws {
    let workspace = try config.openForReading()
    var limits = QueryLimits()
    limits.memoryBytes = Units.bytes(memory) ?? limits.memoryBytes
    limits.threads = max(1, ProcessInfo.processInfo.activeProcessorCount)
    limits.temporaryFolder = NSTemporaryDirectory()
    let cancellation = Cancellation()
    let signals = Interruption(cancellation)
    defer { signals.stop() }
    try IngestError.wrapping {
      let engine = try DuckDBEngine.find(
        environment: ProcessInfo.processInfo.environment, limits: limits)
      let request = QueryRequest(
        sql: try statement(), tables: try workspace.queryTables(),
        searchPath: workspace.searchPath, format: form, s3: try workspace.queryAccess())
      try engine.run(request, cancellation: cancellation) { bytes in
        (try? FileHandle.standardOutput.write(contentsOf: Data(bytes))) != nil
      }
    }
  }

  private var form: QueryFormat {
    if json || format == .json { return .json }
    if format == .csv { return .csv }
    return .table(rowsMax: limit, width: nil)
  }

  private func statement() throws -> String {
    if sql != "-" { return sql }
    let data = try FileHandle.standardInput.readToEnd() ?? Data()
    guard let text = String(data: data, encoding: .utf8) else {
      throw ValidationError("Standard input is not UTF-8 text.")
    }
    return text
  }
}
