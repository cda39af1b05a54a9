import ArgumentParser
import Base
import Compression
import Foundation
import Ingest
import Kernels
import Parquet
import Records

struct ParquetBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures how fast and how small files are written and read.",
    discussion: """
      Reads each FILE into memory once, then, for each codec and number of threads, writes the \
      rows to a file in memory and reads them back with every value, several times; the best \
      counts. MB/s are of the columns' bytes as Arrow holds them (fixed widths, offsets of 4 bytes, \
      texts, a bit a value where some are null), 10⁶ bytes a MB.

      peak_bytes is the most memory that writing or reading took beyond the rows and the file: of \
      one more run of each that drops what it makes, measured by the system's resident peak.

      Examples:
        tidemark parquet bench part.parquet
        tidemark parquet bench part.parquet --codec zstd --level 9 --threads 4 --by-column
        tidemark parquet bench *.parquet --profile max --plot bench.svg
      """)

  @Argument(help: "Parquet files.")
  var files: [String]
  @Option(
    help: ArgumentHelp(
      "A codec, or several with commas; none,snappy,zstd unless given.",
      valueName: WrittenCodec.allValueStrings.joined(separator: "|")))
  var codec: [String] = []
  @Option(
    help: ArgumentHelp(
      "How many threads, or several numbers with commas; 1 and all cores unless given.",
      valueName: "count"))
  var threads: [String] = []
  @OptionGroup var writing: WriteArguments
  @Option(
    name: .customLong("repeat"),
    help: ArgumentHelp("The best of so many counts.", valueName: "times"))
  var repeats = 3
  @Option(help: ArgumentHelp("Only these columns.", valueName: "a,b"))
  var columns: String?
  @Flag(help: "Each column on its own as well.")
  var byColumn = false
  @Option(help: ArgumentHelp("Draws the results as an SVG.", valueName: "file.svg"))
  var plot: String?
  @OptionGroup var listing: ListingOptions

  func validate() throws {
    if !(1...1000).contains(repeats) {
      throw ValidationError("--repeat: found \(repeats), expected 1 to 1000.")
    }
    for text in Self.items(threads) {
      guard let count = Int(text), (1...256).contains(count) else {
        throw ValidationError("--threads: found '\(text)', expected 1 to 256.")
      }
    }
    for name in Self.items(codec) where WrittenCodec(argument: name) == nil {
      throw ValidationError(
        "--codec: there is no '\(name)'; there are "
          + WrittenCodec.allValueStrings.joined(separator: ", ") + ".")
    }
  }

  private static func items(_ options: [String]) -> [String] {
    options.flatMap { $0.split(separator: ",").map(String.init) }
  }

  func run() throws {
    MemoryTuning.keepFreedMemory(byteCount: 1 << 30)
    let target = try plot.map { try LocalOutput.checkedTarget($0) }
    let settings = try settings()
    var results: [BenchResult] = []
    let line = ProgressLine(isQuiet: listing.json)
    for (index, file) in files.enumerated() {
      let subject = try subject(file)
      for (number, options) in settings.enumerated() {
        let done = Double(index) + Double(number) / Double(settings.count)
        line.show(
          "\(file), \(options.codec.name), \(options.threads) threads",
          share: done / Double(files.count))
        results.append(try measure(subject, file, options))
      }
    }
    line.end()
    if let target {
      try IngestError.wrapping {
        try Data(BenchPlot(results).svg.utf8).write(to: target, options: .atomic)
      }
    }
    if listing.json { return listing.show(.array(results.map(\.json))) }
    BenchTable.show(results)
  }

  /// One for each codec and number of threads.
  private func settings() throws(IngestError) -> [WriteOptions] {
    var codecs = Self.items(codec).compactMap { WrittenCodec(argument: $0)?.codec }
    if codecs.isEmpty { codecs = [.none, .snappy, .zstd] }
    if writing.level != nil, codecs.allSatisfy({ $0.levels == nil }) {
      _ = try writing.options(codecs[0])
    }
    var counts = Self.items(threads).compactMap { Int($0) }
    if counts.isEmpty {
      counts = Array(Set([1, max(1, ProcessInfo.processInfo.activeProcessorCount)])).sorted()
    }
    var settings: [WriteOptions] = []
    for codec in codecs {
      for count in counts {
        var options = try writing.options(codec, isLevelRequired: false)
        options.threads = count
        settings.append(options)
      }
    }
    return settings
  }

  private func subject(_ file: String) throws(IngestError) -> BenchSubject {
    let argument = FileArgument(file: file)
    let source = try argument.source()
    let names = columns?.split(separator: ",").map(String.init)
    return try argument.asking { () throws(ParquetError) in
      try BenchSubject(
        reading: source, columns: names,
        threads: max(1, ProcessInfo.processInfo.activeProcessorCount))
    }
  }

  private func measure(
    _ subject: BenchSubject, _ file: String, _ options: WriteOptions
  ) throws(IngestError) -> BenchResult {
    try FileArgument(file: file).reading {
      let best = try BenchMeasure(subject, options, repeats: repeats)
      var result = BenchResult(
        file: file, codec: options.codec, level: options.level ?? options.codec.levels?.standard,
        threads: options.threads, profile: options.profile.rawValue, rows: subject.rowCount,
        columnBytes: subject.columnByteCount, fileBytes: best.fileBytes,
        encodeSeconds: best.encodeSeconds, decodeSeconds: best.decodeSeconds,
        peakBytes: try peak(subject, options))
      guard byColumn else { return result }
      for index in subject.schema.fields.indices {
        let column = subject.column(index)
        let best = try BenchMeasure(column, options, repeats: repeats)
        result.columns.append(
          .init(
            name: subject.schema.fields[index].name, encodings: best.encodings, result: best,
            columnBytes: column.columnByteCount))
      }
      return result
    }
  }

  private func peak(_ subject: BenchSubject, _ options: WriteOptions) throws -> Int? {
    let sink = MemorySink()
    _ = try subject.encode(options, to: sink)
    let bytes = sink.bytes
    let encoding = try ProcessMemory.peak { _ = try subject.encode(options, to: CountingSink()) }
    let decoding = try ProcessMemory.peak {
      _ = try BenchSubject.decode(bytes, threads: options.threads, keepsBatches: false)
    }
    guard let encoding, let decoding else { return nil }
    return max(encoding, decoding)
  }
}
