import APISource
import ArgumentParser
import Connector
import Foundation
import Ingest
import Kernels
import LogSource
import MySQLSource

/// The command line, and the one place that knows every kind of source.
@main
struct Tidemark: ParsableCommand {
  /// A new source is one module and one line here.
  static let sourceTypes: [any SourceType.Type] = [
    MySQLSourceType.self, LogSourceType.self, APISourceType.self,
  ]

  static let configuration = CommandConfiguration(
    commandName: "tidemark",
    abstract: "Incremental ingestion into a lakehouse: only what is new, every row exactly once.",
    discussion: """
      Start with 'tidemark init', which writes a tidemark.yaml; 'tidemark check' says what is \
      missing in it; 'tidemark run' does the daily run; 'tidemark query' reads the result.

      Example:
        tidemark run shop.orders && tidemark query "SELECT count(*) FROM shop_orders"

      Exit codes:
        0   done
        2   usage or config
        3   a source, store or catalog cannot be reached
        4   some streams failed and the others are committed
        5   refused (a conflict, a hold, a mismatch)
        70  a defect in Tidemark
      """,
    version: "0.1.0",
    subcommands: [
      InitCommand.self, CheckCommand.self, PlanCommand.self, RunCommand.self,
      BookmarkCommand.self, StateCommand.self, RunsCommand.self, CatalogCommand.self,
      CompactCommand.self, GCCommand.self, ParseCommand.self, QueryCommand.self,
      ParquetCommand.self,
      ConfigCommand.self,
    ])

  static func main() {
    if CrashPoint.printsSteps() { return }
    // A pipe that nobody reads is an error of the write, not the end of the run.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try parseAsRoot()
      // A benchmark keeps the allocator as its rivals have theirs.
      if !(command is ParquetBench) { MemoryTuning.shareOneHeap() }
      try command.run()
    } catch let error as IngestError {
      Terminal.error(error.description, remedy: error.remedy)
      endProgram(error.exitCode)
    } catch let code as ExitCode {
      endProgram(code.rawValue)
    } catch {
      let code = exitCode(for: error)
      if code == .success {
        print(fullMessage(for: error))
        endProgram(0)
      }
      Terminal.write(fullMessage(for: error) + "\n", to: .standardError)
      endProgram(2)
    }
  }
}
