import Base
import Compression
import Foundation

/// Results as tables for people.
enum BenchTable {
  static func show(_ results: [BenchResult]) {
    for file in unique(results.map(\.file)) {
      let rows = results.filter { $0.file == file }
      guard let first = rows.first else { continue }
      Terminal.write(
        Terminal.styled(file, .bold)
          + ": \(Units.describe(count: first.rows)) rows, \(Units.describe(bytes: first.columnBytes))"
          + " of columns, profile \(first.profile)\n")
      var table = TextTable(
        "codec", "threads#", "write MB/s#", "read MB/s#", "write rows/s#", "read rows/s#",
        "size#", "ratio#", "peak#")
      for row in rows {
        table.add(
          codec(row), "\(row.threads)", rate(row.columnBytes, row.encodeSeconds),
          rate(row.columnBytes, row.decodeSeconds),
          Units.describe(count: Int(Double(row.rows) / max(1e-9, row.encodeSeconds))),
          Units.describe(count: Int(Double(row.rows) / max(1e-9, row.decodeSeconds))),
          Units.describe(bytes: row.fileBytes), rounded(row.ratio),
          row.peakBytes.map { Units.describe(bytes: $0) })
      }
      table.print()
      for row in rows where !row.columns.isEmpty { showColumns(row) }
    }
  }

  private static func showColumns(_ row: BenchResult) {
    Terminal.write("\n\(codec(row)), \(Units.describe(row.threads, "thread")), by column\n")
    var table = TextTable("column", "encoding", "write MB/s#", "read MB/s#", "size#", "ratio#")
    for column in row.columns {
      let result = column.result
      table.add(
        column.name, column.encodings, rate(column.columnBytes, result.encodeSeconds),
        rate(column.columnBytes, result.decodeSeconds), Units.describe(bytes: result.fileBytes),
        rounded(Double(column.columnBytes) / Double(max(1, result.fileBytes))))
    }
    table.print()
  }

  static func codec(_ row: BenchResult) -> String {
    row.codec.name + (row.level.map { " \($0)" } ?? "")
  }

  static func unique(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  private static func rate(_ bytes: Int, _ seconds: Double) -> String {
    Units.describe(count: Int(BenchResult.rate(bytes, seconds).rounded()))
  }

  private static func rounded(_ ratio: Double) -> String {
    "\((ratio * 100).rounded() / 100)"
  }
}
