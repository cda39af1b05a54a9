import ArgumentParser
import Base
import Bookmarks
import Connector
import Ingest

struct StateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "state",
    abstract: "The commit log: where it is, whose it is, and what to do when it is lost.",
    discussion: """
      The lake names its log, and the log is refused (exit code 5) where it is missing, another \
      lake's, or an older copy than the lake has seen: each would lose or double rows.

      Examples:
        tidemark state show
        tidemark state adopt --dry-run
      """,
    subcommands: [StateShow.self, StateAdopt.self])
}

struct StateShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Where the log is, what it holds, who works on it now; changes nothing.",
    discussion: """
      Also where the log is refused; the exit code is 5 then.

      Example:
        tidemark state show --json
      """)
  @OptionGroup var config: ConfigOptions
  @OptionGroup var listing: ListingOptions

  func run() throws {
    let configuration = try config.load()
    let report = try StateControl(configuration, context: ConfigOptions.context(configuration))
      .show()
    if listing.json { listing.show(report.json) } else { show(report) }
    guard let problem = report.problem else { return }
    if !listing.json { Terminal.error(problem.description, remedy: problem.remedy) }
    throw ExitCode(problem.exitCode)
  }

  private func show(_ report: StateReport) {
    func line(_ name: String, _ text: String) {
      Terminal.write(name.padding(to: 12) + text + "\n")
    }
    line("lake", report.lake)
    line("log", report.location + (report.log.map { "  (\($0))" } ?? ""))
    if let cache = report.cache { line("cache", cache) }
    line("lake names", report.marker?.description ?? "none: nothing was written to it yet")
    guard let summary = report.summary else { return }
    line(
      "holds",
      "\(Units.describe(summary.commitCount, "commit")) of "
        + "\(Units.describe(summary.streamCount, "stream")), "
        + "\(Units.describe(summary.fileCount, "file")), \(Units.describe(bytes: summary.byteCount))"
    )
    if let entries = summary.entryCount {
      line("entries", "\(entries), the last checkpoint at \(summary.checkpoint ?? 0)")
    }
    if summary.unpublishedCount > 0 {
      line(
        "unpublished",
        "\(Units.describe(summary.unpublishedCount, "commit")); the next run or reader publishes them"
      )
    }
    if let at = summary.lastCommitAt { line("last commit", at.short) }
    if let run = summary.lastRun {
      line("last run", "\(run.id) on \(run.host)\(run.endedAt == nil ? ", did not end" : "")")
    }
    for lease in summary.leases {
      line("at work", "\(lease.stream): \(lease.holder), last sign \(lease.lastSign.short)")
    }
    if report.streams.isEmpty { return }
    Terminal.write("\n")
    var table = TextTable("stream", "version#", "published#", "mark", "held")
    for stream in report.streams {
      table.add(
        stream.name, String(stream.version), String(stream.publishedVersion),
        stream.bookmark?.mark, stream.holdReason ?? "")
    }
    table.print()
  }
}

struct StateAdopt: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt",
    abstract: "Takes over a lake whose log is lost, older than the lake, or no longer named by it.",
    discussion: """
      Says what it would do and does nothing, unless --yes is given. What can be done:

      - The state file is lost: a new log takes the tables' files as they are found. No file is \
      changed. How far each stream was read is lost, so each is held until you set its bookmark or \
      reset it.
      - The state file is an older copy: files that it does not know leave their tables (to \
      _retired), and the next run reads their rows again.
      - The marker in the lake is gone: it is written again, when all files of the log are there.
      - With 'state: lake' nothing is lost but what this machine had seen and the lake has not.

      A copy of the state file is always better: look for one first.

      Examples:
        tidemark state adopt
        tidemark state adopt --yes
      """)
  @OptionGroup var config: ConfigOptions
  @OptionGroup var listing: ListingOptions
  @Flag(help: "Do it.")
  var yes = false
  @Flag(help: "Say what would be done, and do nothing; so it is without --yes.")
  var dryRun = false

  func validate() throws {
    if yes && dryRun { throw ValidationError("Give one of --yes and --dry-run.") }
  }

  func run() throws {
    let configuration = try config.load()
    let adoption = try StateControl(configuration, context: ConfigOptions.context(configuration))
      .adopt(isDryRun: !yes)
    if listing.json { return listing.show(adoption.json) }
    for text in adoption.says { Terminal.write(text + "\n") }
    if !adoption.tables.isEmpty {
      Terminal.write("\n")
      var table = TextTable("table", "stream", "files#", "rows#")
      for found in adoption.tables {
        table.add(
          found.table, found.stream ?? (adoption.kind == .found ? "none: left as it is" : "–"),
          String(found.files), Units.describe(count: found.rows))
      }
      table.print()
    }
    if adoption.kind == .nothing { return }
    Terminal.write(yes ? "\nDone.\n" : "\nNothing was done. To do it: tidemark state adopt --yes\n")
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
