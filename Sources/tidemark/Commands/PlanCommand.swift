import ArgumentParser
import Base
import Connector
import Ingest

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "The windows the next run would read, with estimates; moves nothing.",
    discussion: """
      Shows for each stream from where to where the next run reads, what it asks of the source, \
      and why the ceiling is where it is.

      Example:
        tidemark plan shop.orders
      """)

  @OptionGroup var config: ConfigOptions
  @OptionGroup var recording: RecordingOptions
  @OptionGroup var listing: ListingOptions
  @Argument(help: "Sources or streams; all unless given.")
  var names: [String] = []

  func run() throws {
    let workspace = try config.openForReading()
    let engine = Engine(
      workspace,
      context: ConfigOptions.context(workspace.configuration, recording: recording.recording),
      observer: { _ in })
    let plans = try engine.plan(names)
    if listing.json {
      listing.show(.array(plans.map(Self.json)))
    } else {
      for plan in plans { show(plan) }
    }
    let errors = plans.compactMap(\.error)
    if let first = errors.first {
      throw ExitCode(errors.count == plans.count ? first.exitCode : 4)
    }
  }

  /// `ceiling: the server's clock` → `up to the server's clock`.
  private static func sentence(_ reason: String) -> String {
    let label = "ceiling: "
    return reason.hasPrefix(label) ? "up to " + reason.dropFirst(label.count) : reason
  }

  private func show(_ plan: StreamPlan) {
    Terminal.write(Terminal.styled(plan.stream, .bold) + "\n")
    if let error = plan.error {
      Terminal.error(error.description, remedy: error.remedy)
      return
    }
    guard let found = plan.plan else { return }
    if let reason = plan.holdReason { Terminal.write("  held       \(reason)\n") }
    let window = found.window
    Terminal.write("  window     \(window.from ?? "start") → \(window.to ?? "now")\n")
    Terminal.write("  reads      \(window.predicate == "TRUE" ? "all rows" : window.predicate)\n")
    Terminal.write("  why        \(Self.sentence(window.reason))\n")
    var estimate =
      found.splits.isEmpty ? "nothing is new" : Units.describe(found.splits.count, "split")
    if let rows = found.estimatedRows { estimate += ", about \(Units.describe(rows, "row"))" }
    if let bytes = found.estimatedBytes { estimate += ", about \(Units.describe(bytes: bytes))" }
    if found.replacesTable { estimate += "; everything is read, and replaces the table" }
    Terminal.write("  estimate   \(estimate)\n")
    if let comparison = plan.comparison { show(comparison) }
    for text in found.warnings { Terminal.notice("\(plan.stream): \(text)") }
  }

  private func show(_ comparison: ComparisonSchedule) {
    let last = comparison.last.map { "last compared \($0)" } ?? "never compared yet"
    let next =
      comparison.isDue
      ? comparison.waits.map { "due, but waits: \($0)" } ?? "due" : "next after \(comparison.next)"
    Terminal.write("  deletes    keys \(last), \(next)\n")
  }

  private static func json(_ plan: StreamPlan) -> JSONValue {
    let found = plan.plan
    let comparison = plan.comparison.map { comparison -> JSONValue in
      [
        "last": .init(comparison.last?.description), "next": .string(comparison.next.description),
        "is_due": .boolean(comparison.isDue), "waits": .init(comparison.waits),
      ]
    }
    return [
      "stream": .string(plan.stream), "from": .init(found?.window.from),
      "to": .init(found?.window.to), "predicate": .init(found?.window.predicate),
      "reason": .init(found?.window.reason), "splits": .init(found?.splits.count),
      "replaces_table": .boolean(found?.replacesTable ?? false),
      "estimated_rows": .init(found?.estimatedRows),
      "estimated_bytes": .init(found?.estimatedBytes),
      "warnings": .array((found?.warnings ?? []).map { .string($0) }),
      "key_comparison": comparison ?? .null, "held": .init(plan.holdReason),
      "error": .init(plan.error?.description),
    ]
  }
}
