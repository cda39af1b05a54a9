import ArgumentParser
import Base
import Ingest

struct GCCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Removes what nothing refers to any more.",
    discussion: """
      Files that have been out of their table for longer than the grace, what killed runs left, \
      and files in tables' folders that no commit names. What needed them can't be undone after \
      that, and readers that began before may miss them: hence the grace.

      Examples:
        tidemark gc --dry-run
        tidemark gc --grace 7d
      """)

  @OptionGroup var config: ConfigOptions
  @OptionGroup var listing: ListingOptions
  @Option(
    help: ArgumentHelp(
      "How long files stay after they have left their table.", valueName: "duration"))
  var grace = "24h"
  @Flag(help: "Say what would go and why, and remove nothing.")
  var dryRun = false

  func validate() throws {
    guard Units.seconds(grace) != nil else {
      throw ValidationError("--grace: found '\(grace)', expected a duration such as 24h or 0s.")
    }
  }

  func run() throws {
    var options = GarbageCollection.Options()
    options.graceSeconds = Units.seconds(grace) ?? options.graceSeconds
    options.isDryRun = dryRun
    let cancellation = Cancellation()
    let signals = Interruption(cancellation)
    let report = try GarbageCollection(config.open(), options, cancellation: cancellation).run()
    signals.stop()
    if listing.json { listing.show(report.json) } else { show(report) }
    if report.exitCode != 0 { throw ExitCode(report.exitCode) }
  }

  private func show(_ report: GarbageReport) {
    if dryRun {
      var table = TextTable("file", "size#", "why")
      for item in report.items {
        table.add(item.key, Units.describe(bytes: item.byteCount), item.why.description)
      }
      if !table.isEmpty { table.print() }
    }
    let what =
      "\(Units.describe(report.items.count, "file")), \(Units.describe(bytes: report.byteCount))"
    Terminal.write(
      report.items.isEmpty
        ? "Nothing is to be removed.\n" : dryRun ? "\(what) would go.\n" : "\(what) removed.\n")
    for (stream, why) in report.skipped { Terminal.notice("\(stream) was left alone: \(why)") }
  }
}

extension GarbageReport.Why {
  fileprivate var description: String {
    switch self {
    case .retired: "taken back or replaced"
    case .replaced: "merged into other files"
    case .staged: "left by a killed run"
    case .unnamed: "no commit names it"
    case .temporary: "left by a killed process"
    }
  }
}
