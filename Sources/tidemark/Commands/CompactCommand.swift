import ArgumentParser
import Base
import Ingest

struct CompactCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compact",
    abstract: "Merges small files.",
    discussion: """
      Writes the small files of each partition anew as files of the target size, in another \
      folder, and switches the partition in the catalog in one step. Rows stay the same, and \
      rewinds stay exact. The old files stay for readers at work until 'tidemark gc' removes them. \
      Runs do this by themselves where a partition has many small files (files.compact).

      Examples:
        tidemark compact --dry-run
        tidemark compact shop_orders
      """)

  @OptionGroup var config: ConfigOptions
  @OptionGroup var listing: ListingOptions
  @Argument(help: "Tables or streams; all unless given.")
  var names: [String] = []
  @Flag(help: "Say what would be merged, and do nothing.")
  var dryRun = false
  @Option(help: "The memory to stay within, 64MB or more.")
  var memory = "128MB"

  func validate() throws {
    guard let bytes = Units.bytes(memory), bytes >= MemoryBudget.totalBytesMin else {
      throw ValidationError(
        "--memory: found '\(memory)', expected a size of at least 67MB, such as 128MB.")
    }
  }

  func run() throws {
    let cancellation = Cancellation()
    let signals = Interruption(cancellation)
    let report = try LakeCompaction(config.open(), cancellation: cancellation).run(
      names, isDryRun: dryRun,
      memoryBytes: Units.bytes(memory) ?? MemoryBudget.totalBytesDefault)
    signals.stop()
    if listing.json { listing.show(report.json) } else { show(report) }
    if report.exitCode != 0 { throw ExitCode(report.exitCode) }
  }

  private func show(_ report: LakeCompaction.Report) {
    var table = TextTable("partition", "files#", "merged#", "size#", "merged#")
    for item in report.items {
      table.add(
        item.folder, String(item.filesBefore), item.filesAfter.map(String.init),
        Units.describe(bytes: item.bytesBefore), item.bytesAfter.map { Units.describe(bytes: $0) })
    }
    if !table.isEmpty { table.print() }
    let count = Units.describe(report.items.count, "partition")
    Terminal.write(
      report.items.isEmpty
        ? "No partition has small files to merge.\n"
        : dryRun ? "\(count) would be merged.\n" : "\(count) merged.\n")
    for (stream, why) in report.skipped { Terminal.notice("\(stream) was left alone: \(why)") }
  }
}
