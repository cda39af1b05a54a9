import ArgumentParser
import Base
import Bookmarks
import Dispatch
import Foundation
import Ingest

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "The daily run: takes only what is new.",
    discussion: """
      Reads each stream from its bookmark up to a ceiling, writes Parquet, and moves files, \
      bookmark and catalog in one step. Running again at once moves nothing. A stream that fails \
      does not stop the others (exit code 4).

      Examples:
        tidemark run                     everything
        tidemark run shop web.access     a source and a stream
        tidemark run --json              one object for a scheduler
        tidemark run shop.orders --no-advance --zone trial
                                         the next window's rows in trial.shop_orders; the \
      real table and the bookmark stay as they are, and doing it again replaces the trial
        tidemark run crm --record answers   the same, and every answer of the API as a file
        tidemark run crm --replay answers   the same rows without the API
      """)

  @OptionGroup var config: ConfigOptions
  @OptionGroup var recording: RecordingOptions
  @Argument(help: "Sources or streams; all unless given.")
  var names: [String] = []
  @Flag(help: "Print one JSON object on standard output.")
  var json = false
  @Option(help: "Threads that a source may use; as many as there are cores unless given.")
  var threads: Int?
  @Option(help: "The memory to stay within, 64MB or more.")
  var memory = "128MB"
  @Option(
    help: ArgumentHelp(
      "How long to wait for a stream that another run holds.", valueName: "duration"))
  var wait = "10s"
  @Flag(help: "Let a full read replace a table by nothing or by far less.")
  var force = false
  @Flag(help: "Try the run in another zone: move no bookmark, touch no real table.")
  var noAdvance = false
  @Option(help: "The zone of a trial; a folder of the lake and a database of the catalog.")
  var zone: String?

  func validate() throws {
    guard let bytes = Units.bytes(memory), bytes >= MemoryBudget.totalBytesMin else {
      throw ValidationError(
        "--memory: found '\(memory)', expected a size of at least 67MB, such as 128MB.")
    }
    guard Units.seconds(wait) != nil else {
      throw ValidationError("--wait: found '\(wait)', expected a duration such as 10s.")
    }
    if noAdvance != (zone != nil) {
      throw ValidationError("--no-advance and --zone go together: the trial needs a place.")
    }
    if let threads, threads < 1 { throw ValidationError("--threads: expected 1 or more.") }
  }

  func run() throws {
    let workspace = try config.open(memoryBytes: Units.bytes(memory))
    var options = RunOptions()
    options.selection = names
    if let threads { options.threads = threads }
    options.memoryBytes = Units.bytes(memory) ?? options.memoryBytes
    options.leaseWaitSeconds = Units.seconds(wait) ?? options.leaseWaitSeconds
    options.isForced = force
    options.trialZone = zone
    options.command = (["tidemark"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
    let display = RunDisplay(isQuiet: json)
    let cancellation = Cancellation()
    let signals = Interruption(cancellation)
    let engine = Engine(
      workspace,
      context: ConfigOptions.context(workspace.configuration, recording: recording.recording),
      observer: display.observe)
    let report = try engine.run(options, cancellation: cancellation)
    signals.stop()
    display.end()
    if json { Terminal.write(report.json.text() + "\n") } else { show(report) }
    if report.exitCode != 0 { throw ExitCode(report.exitCode) }
  }

  private func show(_ report: RunReport) {
    var table = TextTable("stream", "status", "rows#", "size#", "files#", "time#", "bookmark")
    for outcome in report.outcomes {
      let moved =
        outcome.from == outcome.to || outcome.to == nil
        ? outcome.from : "\(outcome.from ?? "start") → \(outcome.to ?? "")"
      table.add(
        outcome.stream, outcome.status.rawValue, Units.describe(count: outcome.rows),
        Units.describe(bytes: outcome.bytes), String(outcome.files),
        Units.describe(seconds: outcome.seconds), moved)
    }
    table.print()
    let left = report.outcomes.filter { !$0.counts.isEmpty }
    for outcome in left {
      let counts = outcome.counts.sorted { $0.key < $1.key }
        .map { "\($0.key.replacing("_", with: " ")) \(Units.describe(count: $0.value))" }
      Terminal.write("\(outcome.stream): \(counts.joined(separator: ", "))\n")
    }
    let rows = report.outcomes.reduce(0) { $0 + $1.rows }
    if report.outcomes.allSatisfy({ $0.status == .unchanged }) {
      Terminal.write("Nothing is new. Run \(report.run).\n")
    } else {
      Terminal.write("\(Units.describe(count: rows)) rows. Run \(report.run).\n")
    }
    if let zone {
      Terminal.write(
        """
        A trial: its rows are in the tables of '\(zone)'. No bookmark moved, no real table changed.
          look at it: tidemark catalog tables \(zone)

        """)
      for outcome in report.outcomes where outcome.status == .committed {
        Terminal.write("  take it away: tidemark bookmark reset \(outcome.stream)\n")
      }
    }
    for outcome in report.outcomes where outcome.status == .failed {
      Terminal.error(outcome.error ?? "\(outcome.stream) failed", remedy: outcome.remedy)
    }
  }
}

/// Turns Ctrl-C and SIGTERM into a request to stop; a second one ends the program at once, which
/// is safe as well: the next run recovers, or `atOnce` removes what must not stay.
final class Interruption {
  private let sources: [any DispatchSourceSignal]

  init(
    _ cancellation: Cancellation, notice: String = "stopping; what is committed stays",
    atOnce: @escaping @Sendable () -> Void = {}
  ) {
    sources = [(SIGINT, "interrupted"), (SIGTERM, "terminated")].map { number, reason in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        if cancellation.isCancelled {
          atOnce()
          _exit(128 + number)
        }
        Terminal.write("\n", to: .standardError)
        Terminal.notice("\(notice), press again to stop at once")
        cancellation.cancel(reason)
      }
      source.resume()
      return source
    }
  }

  func stop() { for source in sources { source.cancel() } }
}
