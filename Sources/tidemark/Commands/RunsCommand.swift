import ArgumentParser
import Base
import Bookmarks
import Ingest

struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "What ran, what it moved, why it failed.",
    discussion: """
      Examples:
        tidemark runs
        tidemark runs 20261120-060000-3f2a
      """)

  @OptionGroup var config: ConfigOptions
  @OptionGroup var listing: ListingOptions
  @Argument(help: "A run, or the beginning of its name; the latest runs unless given.")
  var id: String?
  @Option(help: "How many at the most.")
  var limit = 20

  func run() throws {
    let workspace = try config.open()
    if let id { return try showOne(workspace, id) }
    let runs = try workspace.runs(limit: limit)
    if listing.json {
      return listing.show(.array(runs.map { $0.record.json(outcomes: $0.outcomes) }))
    }
    var table = TextTable("run", "started", "time#", "streams#", "rows#", "failed#")
    for (record, outcomes) in runs {
      table.add(
        record.id, record.startedAt.short,
        record.endedAt.map { Units.describe(seconds: $0.seconds(since: record.startedAt)) }
          ?? "did not end",
        String(outcomes.count), Units.describe(count: outcomes.reduce(0) { $0 + $1.rows }),
        String(outcomes.count { $0.status == .failed }))
    }
    if table.isEmpty { return Terminal.write("Nothing has run yet.\n") }
    table.print()
  }

  private func showOne(_ workspace: Workspace, _ id: String) throws {
    let (record, outcomes) = try workspace.run(id)
    if listing.json { return listing.show(record.json(outcomes: outcomes)) }
    Terminal.write("\(record.id)  \(record.startedAt.short)  \(record.host)\n\(record.command)\n\n")
    var table = TextTable("stream", "status", "rows#", "size#", "files#", "time#", "bookmark")
    for outcome in outcomes {
      table.add(
        outcome.stream, outcome.status.rawValue, Units.describe(count: outcome.rows),
        Units.describe(bytes: outcome.bytes), String(outcome.files),
        Units.describe(seconds: outcome.seconds),
        "\(outcome.from ?? "start") → \(outcome.to ?? "start")")
    }
    table.print()
    for outcome in outcomes {
      if let error = outcome.error { Terminal.error(error, remedy: outcome.remedy) }
    }
  }
}

extension RunRecord {
  func json(outcomes: [StreamOutcome]) -> JSONValue {
    [
      "run": .string(id), "started_at": .string(startedAt.description),
      "ended_at": .init(endedAt?.description), "command": .string(command),
      "host": .string(host), "streams": .array(outcomes.map(\.json)),
    ]
  }
}
