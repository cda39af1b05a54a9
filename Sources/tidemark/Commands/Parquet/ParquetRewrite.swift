import ArgumentParser
import Base
import Compression
import Foundation
import Ingest
import Parquet

struct ParquetRewrite: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rewrite",
    abstract: "Writes a file anew: other codec, encodings, pages, row groups, order.",
    discussion: """
      Rows stream through in the memory that --memory allows. OUT appears when it is whole, and \
      may be IN itself. Files for the lake are read by every engine; a type that lakes do not \
      have becomes the next one, with a warning. --profile max keeps every type and takes the \
      encodings that come out smallest.

      Examples:
        tidemark parquet rewrite old.parquet new.parquet
        tidemark parquet rewrite in.parquet in.parquet --codec zstd --level 9
        tidemark parquet rewrite in.parquet out.parquet --profile max --row-group-rows 122880
      """)

  @OptionGroup var input: FileArgument
  @Argument(help: "The file to write; replaced where it is there.")
  var output: String
  @Option(
    help: ArgumentHelp(
      "How pages are compressed.", valueName: WrittenCodec.allValueStrings.joined(separator: "|")))
  var codec = WrittenCodec(.zstd)
  @OptionGroup var writing: WriteArguments
  @OptionGroup var work: WorkArguments
  @OptionGroup var listing: ListingOptions

  func run() throws {
    var write = try writing.options(codec.codec)
    write.threads = work.threadCount
    var options = RewriteOptions(write)
    options.memoryByteCountMax = work.memoryByteCount
    MemoryTuning.keepFreedMemory(byteCount: work.memoryByteCount / 4)
    let file = try input.open(options.readOptions)
    let rewriter = try input.reading { try ParquetRewriter(file, options: options) }
    for note in rewriter.notes { Terminal.notice("\(note)") }

    let sink = try LocalOutput(output)
    let cancellation = Cancellation()
    let signals = Interruption(
      cancellation, notice: "stopping; \(output) stays as it was", atOnce: sink.removal)
    defer { signals.stop() }
    let line = ProgressLine(isQuiet: listing.json)
    let written: WrittenFile
    do {
      written = try input.reading {
        try rewriter.run(to: sink) { progress in
          line.show(
            "\(Units.describe(count: progress.rowsRead)) of "
              + "\(Units.describe(count: progress.rowCount)) rows",
            share: Double(progress.rowsWritten) / Double(max(1, progress.rowCount)))
          return !cancellation.isCancelled
        }
      }
    } catch {
      line.end()
      sink.abandon()
      throw cancellation.isCancelled ? stopped(cancellation) : error
    }
    line.end()
    try sink.publish()
    report(written, file, seconds: line.seconds, notes: rewriter.notes)
  }

  private func stopped(_ cancellation: Cancellation) -> IngestError {
    IngestError(
      .cancelled, "\(cancellation.reason ?? "stopped"); \(output) was not written",
      remedy: "Run the command again when there is time.")
  }

  private func report(
    _ written: WrittenFile, _ file: ParquetFile, seconds: Double, notes: [RewriteNote]
  ) {
    let before = file.source.byteCount
    let ratio = Double(before) / Double(max(1, written.byteCount))
    if listing.json {
      return listing.show(
        .object([
          "file": .string(input.file), "output": .string(output), "rows": .init(written.rowCount),
          "row_groups": .init(written.metaData.rowGroups.count),
          "bytes_in": .init(before), "bytes_out": .init(written.byteCount),
          "ratio": .double(ratio), "seconds": .double(seconds),
          "profile": .string(writing.profile.rawValue), "codec": .string(codec.codec.name),
          "notes": .array(
            notes.map { .object(["column": .string($0.column), "message": .string($0.message)]) }),
        ]))
    }
    let rounded = (ratio * 100).rounded() / 100
    Terminal.write(
      "\(Units.describe(count: written.rowCount)) rows, \(Units.describe(bytes: before)) → "
        + "\(Units.describe(bytes: written.byteCount)) (\(rounded)×), "
        + "\(Units.describe(seconds: seconds))\n")
  }
}
