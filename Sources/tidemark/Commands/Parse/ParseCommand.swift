import ArgumentParser
import Base
import Connector
import Foundation
import Ingest
import LogSource

struct ParseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parse",
    abstract: "What a log format makes of a file.",
    discussion: """
      Reads the whole file as a run would and shows the first rows, the columns, how many lines \
      became rows, and those that did not, with the reason. Nothing is written anywhere. The file \
      may be compressed, a zip archive or Parquet; - is standard input. Several files are read as \
      the files of one stream. Objects in S3 are s3://bucket/key, all below a prefix \
      s3://bucket/prefix/; patterns in quotes match as in a config. Credentials and endpoints for \
      S3 are those of AWS's own settings (AWS_ENDPOINT_URL_S3, AWS_PROFILE, …).

      --as takes what a stream may have below 'parse': the name of a format, or a map of one to \
      its options. Without it, or with auto, the formats that can be told from text are tried on \
      the first lines; the best is used, and the piece of config for it printed. Where none fits \
      and the lines begin with a time, a grok pattern for them is drafted.

      Exit codes: 0 also where lines do not parse; 2 where there is no such format, or none fits; \
      3 where the file cannot be read.

      Examples:
        tidemark parse access.log
        tidemark parse --as combined access.log.2.gz --json
        tidemark parse --as '{regex: "(?<ip>\\\\S+) (?<what>.*)"}' app.log
        journalctl -o json | tidemark parse --as json -
        tidemark parse --as parquet export-1.parquet export-2.parquet
        tidemark parse 's3://acme-logs/app/2026/**/*.gz'
      """)

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "A format, a map such as '{csv: {delimiter: \";\"}}', or auto.", valueName: "format"))
  var format = "auto"
  @Argument(
    help: ArgumentHelp(
      "Files, also compressed, patterns or addresses in S3; - for standard input.",
      valueName: "file"))
  var files: [String]
  @Option(help: ArgumentHelp("Rows and rejects that are shown at the most.", valueName: "n"))
  var limit = 20
  @OptionGroup var lines: LineArguments
  @OptionGroup var listing: ListingOptions

  func validate() throws {
    if limit < 0 || limit > 100_000 {
      throw ValidationError("--limit: expected a number from 0 to 100000.")
    }
    if files.count > 1, files.contains("-") {
      throw ValidationError("-: standard input is read alone, without other files.")
    }
  }

  func run() throws {
    var options = try lines.options()
    let input = try ParseInput(files)
    defer { input.close() }
    let context = SourceContext(
      environment: { ProcessInfo.processInfo.environment[$0] },
      baseDirectory: FileManager.default.currentDirectoryPath)
    let named = try input.reading { () throws(ConnectorError) in
      try PreviewFiles(input.paths, context)
    }
    var proposal: FormatProposal?
    var parse = try LineArguments.parse(format)
    if format == "auto" {
      let found = try input.reading { () throws(ConnectorError) in
        try FormatProposal(named, options, context)
      }
      guard let best = found.candidates.first else { throw Self.nothingFits(found, files[0]) }
      proposal = found
      parse = best.parse
      options += best.options
    }
    let cancellation = Cancellation()
    let signals = Interruption(cancellation)
    defer { signals.stop() }
    let line = ProgressLine()
    let outcome = try input.reading { () throws(ConnectorError) in
      try LogPreview([.init(key: "parse", value: parse)] + options, context)
        .read(
          named, .init(rows: limit, rejects: limit), cancellation: cancellation,
          progress: { line.show(files.joined(separator: " "), share: $0) })
    }
    line.end()
    let report = ParseReport(
      arguments: files, files: input.isStandardInput ? files : named.paths, parse: parse,
      options: options, outcome: outcome, proposal: proposal)
    if listing.json { return listing.show(try report.json) }
    try report.print()
  }

  private static func nothingFits(_ found: FormatProposal, _ file: String) -> IngestError {
    if found.isEmpty {
      return IngestError(
        .configuration, "\(file) has no line to tell its format from",
        remedy: "Name the format with --as.")
    }
    let hint = ParseReport.printable(found.example, limit: 160)
    return IngestError(
      .configuration,
      "none of the formats that can be told from text fits \(file): "
        + "\(found.unfit.joined(separator: ", ")). Its first lines are like: \(hint)",
      remedy: "Describe the lines yourself, with a named group a column: --as "
        + "'{regex: \"^(?<time>\\\\S+ \\\\S+) (?<level>[A-Z]+) (?<message>.*)$\"}', or with grok's "
        + "patterns: --as '{grok: \"%{TIMESTAMP_ISO8601:time} %{LOGLEVEL:level} "
        + "%{GREEDYDATA:message}\"}'. Formats: \(LogPreview.formats.joined(separator: ", ")).")
  }
}

/// What streams may say about lines, whatever their format.
struct LineArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The zone of times that name none, such as Europe/Berlin; UTC.", valueName: "zone"))
  var timeZone: String?
  @Option(
    help: ArgumentHelp(
      "Types of columns, where they should not be inferred.", valueName: "name=type,…"))
  var columns: String?
  @Flag(help: "Objects in objects become columns a_b instead of structs.")
  var flatten = false
  @Option(
    help: ArgumentHelp(
      "What arrays of JSON become: lists, or JSON text.", valueName: "lists|json"))
  var arrays: String?
  @Flag(help: "Keys that differ only in case fill one column.")
  var mergeCase = false
  @Option(
    help: ArgumentHelp(
      "Which lines make up a record: 'indented', or a map such as '{start: \"^[0-9]{4}-\"}'.",
      valueName: "rule"))
  var multiline: String?

  init() {}

  /// As a stream of the config has them.
  func options() throws(IngestError) -> [ConfigValue.Entry] {
    var options: [ConfigValue.Entry] = []
    if let timeZone { options.append(.init(key: "time_zone", value: .string(timeZone))) }
    if let columns {
      options.append(.init(key: "columns", value: try Self.columns(columns)))
    }
    if let multiline {
      options.append(.init(key: "multiline", value: try Self.parse(multiline, key: "multiline")))
    }
    if flatten { options.append(.init(key: "flatten", value: .plain("true"))) }
    if let arrays { options.append(.init(key: "arrays", value: try Self.arrays(arrays))) }
    if mergeCase { options.append(.init(key: "merge_case", value: .plain("true"))) }
    return options
  }

  private static func arrays(_ text: String) throws(IngestError) -> ConfigValue {
    guard ["lists", "json"].contains(text) else {
      throw IngestError(
        .configuration, "--arrays: found '\(text)', expected lists or json",
        remedy: "Write --arrays json to keep arrays as text.")
    }
    return .string(text)
  }

  /// `a=bigint,b=decimal(12,2),c=array<struct<x:int,y:int>>`: commas in brackets belong to the type.
  private static func columns(_ text: String) throws(IngestError) -> ConfigValue {
    var parts = [""]
    var depth = 0
    for character in text {
      if character == "," && depth == 0 {
        parts.append("")
        continue
      }
      depth += "(<".contains(character) ? 1 : ")>".contains(character) ? -1 : 0
      parts[parts.count - 1].append(character)
    }
    var entries: [ConfigValue.Entry] = []
    for part in parts {
      guard let equals = part.lastIndex(of: "="), equals > part.startIndex else {
        throw IngestError(
          .configuration, "--columns: found '\(part)', expected name=type",
          remedy: "Write such as --columns 'id=bigint,price=decimal(12,2)'.")
      }
      entries.append(
        .init(
          key: String(part[..<equals]), value: .string(String(part[part.index(after: equals)...]))))
    }
    return ConfigValue(.map(entries))
  }

  /// What `--as` says, as a stream has it below `parse`; or another option, below its key.
  static func parse(_ text: String, key: String = "parse") throws(IngestError) -> ConfigValue {
    let place = key == "parse" ? "--as" : "--\(key)"
    let file: ConfigurationFile
    do {
      file = try ConfigurationFile(path: place, text: "\(key): \(text)\n")
    } catch {
      throw IngestError(
        .configuration, error.message,
        remedy: key != "parse"
          ? "Write YAML such as --multiline '{start: \"^[0-9]{4}-\"}'."
          : "Write a format's name, or YAML such as --as '{regex: \"(?<ip>\\\\S+) .*\"}'.",
        place: place)
    }
    let value = file.root[key] ?? ConfigValue(.null)
    // A name that no format has is the format's own error, which lists them.
    if value.string == nil,
      let schema = LogPreview.keys.first(where: { $0.name == key })?.schema,
      let problem = schema.problems(in: value).first
    {
      throw IngestError(.configuration, problem.message, remedy: problem.remedy, place: place)
    }
    return value
  }
}
