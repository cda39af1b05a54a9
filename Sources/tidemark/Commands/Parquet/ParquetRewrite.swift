import ArgumentParser
import Base
import Compression
import Foundation
import Ingest
import Kernels
import Parquet

struct ParquetRewrite: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rewrite",
    abstract: "Writes a file anew: other codec, encodings, pages, row groups, order.",
    discussion: """
      Rows stream through in the memory that --memory allows. OUT appears when it is whole, and \
      may be IN itself; nothing is left of a rewrite that was stopped. Names, order, field IDs and \
      key-values of the footer stay, as far as they are true of the new file. Files for the lake are read by every engine; a type that lakes do not \
      have becomes the next one, with a warning. --profile max keeps every type and takes the \
      encodings that come out smallest.

      Examples:
        tidemark parquet rewrite old.parquet new.parquet
        tidemark parquet rewrite in.parquet in.parquet --codec zstd --level 9
        tidemark parquet rewrite in.parquet out.parquet --profile max --row-group-rows 122880
        tidemark parquet rewrite in.parquet out.parquet --encoding id=DELTA_BINARY_PACKED
        tidemark parquet rewrite in.parquet out.parquet --sort day --sort price:desc --bloom id

      --encoding takes PLAIN, RLE_DICTIONARY (or DICTIONARY), DELTA_BINARY_PACKED, \
      DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY, BYTE_STREAM_SPLIT and RLE (booleans). COLUMN is \
      a name or a dotted path; inside lists as the file spells it, such as tags.list.element.

      --sort orders the whole file, whatever its size: rows that do not fit in memory are kept in \
      temporary files in OUT's folder. Nulls come last in both directions, NaN after all numbers; rows of \
      equal keys keep their order.
      """)

  @OptionGroup var input: FileArgument
  @Argument(help: "The file to write; replaced where it is there.")
  var output: String
  @Option(
    help: ArgumentHelp(
      "How pages are compressed.", valueName: WrittenCodec.allValueStrings.joined(separator: "|")))
  var codec = WrittenCodec(.zstd)
  @Option(help: ArgumentHelp("A column's encoding; repeat it for more.", valueName: "column=name"))
  var encoding: [String] = []
  @Option(
    help: ArgumentHelp(
      "The form of data pages: 1 for the lake, 2 for max unless given.", valueName: "1|2"))
  var pageVersion: Int?
  @Option(help: ArgumentHelp("Writes a bloom filter of a column.", valueName: "column"))
  var bloom: [String] = []
  @Option(
    help: ArgumentHelp("Sorts the file by a column, then by the next.", valueName: "column[:desc]"))
  var sort: [String] = []
  @OptionGroup var writing: WriteArguments
  @OptionGroup var timestamps: TimestampArguments
  @OptionGroup var work: WorkArguments
  @OptionGroup var listing: ListingOptions

  func validate() throws {
    if let pageVersion, ![1, 2].contains(pageVersion) {
      throw ValidationError("--page-version: found \(pageVersion), expected 1 or 2.")
    }
  }

  func run() throws {
    let options = try rewriteOptions()
    MemoryTuning.keepFreedMemory(byteCount: work.memoryByteCount / 4)
    var readOptions = options.readOptions
    timestamps.apply(to: &readOptions)
    let file = try input.open(readOptions)
    let rewriter = try input.asking { () throws(ParquetError) in
      try ParquetRewriter(file, options: options)
    }
    for note in rewriter.notes { Terminal.notice("\(note)") }
    for text in layoutNotes { Terminal.notice(text) }

    let sink = try LocalOutput(output)
    let spill = sort.isEmpty ? nil : try LocalSpill(beside: output)
    let cancellation = Cancellation()
    let signals = Interruption(
      cancellation, notice: "stopping; \(output) stays as it was", atOnce: sink.removal)
    defer { signals.stop() }
    let line = ProgressLine(isQuiet: listing.json)
    let written: WrittenFile
    do {
      written = try input.reading {
        try rewriter.run(to: sink, spill: spill) { progress in
          line.show(
            "\(Units.describe(count: progress.rowsRead)) of "
              + "\(Units.describe(count: progress.rowCount)) rows",
            share: progress.share)
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

  private func rewriteOptions() throws(IngestError) -> RewriteOptions {
    var write = try writing.options(codec.codec)
    write.threads = work.threadCount
    write.bloomFilters = bloom
    write.pageVersion = pageVersion.map { $0 == 2 ? .v2 : .v1 }
    for text in encoding {
      // Names of columns may have a = in them, names of encodings have none.
      guard let mark = text.lastIndex(of: "="), mark > text.startIndex else {
        throw IngestError(
          .configuration, "--encoding \(text): expected COLUMN=NAME",
          remedy: "Write it as --encoding id=DELTA_BINARY_PACKED.")
      }
      let name = String(text[text.index(after: mark)...])
      guard let found = Encoding(name: name), Self.encodings.contains(found) else {
        let names = Self.encodings.map(\.description)
        throw IngestError(
          .configuration, "--encoding \(text): there is no encoding '\(name)'",
          remedy: nearestName(to: name, among: names).map { "Did you mean \($0)?" }
            ?? "They are \(names.joined(separator: ", ")).")
      }
      write.encodings[String(text[..<mark])] = found
    }
    var options = RewriteOptions(write)
    options.memoryByteCountMax = work.memoryByteCount
    options.sorting = sort.map(SortKey.init(parsing:))
    return options
  }

  private static let encodings: [Encoding] = [
    .plain, .rleDictionary, .deltaBinaryPacked, .deltaLengthByteArray, .deltaByteArray,
    .byteStreamSplit, .rle,
  ]

  /// What readers of lakes can not make out, beyond what is said of columns.
  private var layoutNotes: [String] {
    guard writing.profile == .lake else { return [] }
    var notes: [String] = []
    if [.brotli, .lz4Raw].contains(codec.codec) {
      notes.append(
        "Athena can not read \(codec.codec.name); take zstd or snappy for files of a lake")
    }
    if pageVersion == 2 { notes.append("some readers of lakes can not read version 2 pages") }
    return notes
  }

  private func stopped(_ cancellation: Cancellation) -> IngestError {
    IngestError(
      .cancelled, "\(cancellation.reason ?? "stopped"); \(output) was not written",
      remedy: "Run the command again when there is time.")
  }

  private func report(
    _ written: WrittenFile, _ file: ParquetFile, seconds: Double, notes: [ConversionNote]
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
