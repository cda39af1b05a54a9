import Base
import Connector
import Ingest
import LogSource
import Parquet
import Records

/// What `parse` found, for people and for scripts.
struct ParseReport {
  /// As the person named them.
  var arguments: [String]
  /// Those that were read.
  var files: [String]
  var parse: ConfigValue
  var options: [ConfigValue.Entry]
  var outcome: LogPreview.Outcome
  /// Where the format was looked for.
  var proposal: FormatProposal?

  private static let cellCharactersMax = 40

  /// The stream's keys.
  private var streamOptions: [ConfigValue.Entry] {
    [.init(key: "parse", value: parse)] + options
  }

  // MARK: For people

  func print() throws {
    if let proposal { Terminal.write(Self.why(proposal)) }
    try printSample()
    printSchema()
    printRejects()
    Terminal.write(summary + "\n")
    for note in outcome.notes { Terminal.notice(note) }
    if proposal != nil { Terminal.write("\nIn the config:\n\n" + config) }
  }

  private static func why(_ proposal: FormatProposal) -> String {
    let fits = proposal.candidates.enumerated().map { index, candidate in
      let lines = "\(candidate.rows) of \(candidate.rows + candidate.rejected)"
      return index == 0
        ? "\(candidate.format) (\(lines) of the first lines parse)"
        : "\(candidate.format) (\(lines))"
    }
    return Terminal.styled("format", .bold) + "  \(fits[0])"
      + (fits.count > 1 ? "; less particular: \(fits.dropFirst().joined(separator: ", "))" : "")
      + "\n\n"
  }

  private func printSample() throws {
    let names = (outcome.hasSeveralFiles ? ["_file"] : []) + ["_line"] + outcome.schema.names
    var table = TextTable(headers: names.map(Self.printable))
    for row in try rows() {
      table.add(
        cells: names.map { name in
          name == "_file" ? Self.end(of: row[name]?.string ?? "") : row[name].map(Self.cell) ?? "–"
        })
    }
    guard !table.isEmpty else { return }
    table.print()
    Terminal.write("\n")
  }

  private func printSchema() {
    guard !outcome.schema.fields.isEmpty else { return }
    var table = TextTable("column", "type")
    for field in outcome.schema.fields {
      table.add(Self.printable(field.name), field.type.description)
    }
    table.print()
    Terminal.write("\n")
  }

  private func printRejects() {
    guard outcome.rejected > 0 else { return }
    var table = TextTable("rejected line#", "reason", "text")
    for reject in outcome.rejects {
      let file = outcome.hasSeveralFiles ? Self.end(of: reject.file) + ":" : ""
      table.add(
        "\(file)\(reject.line)", Self.printable(reject.reason, limit: 100),
        Self.printable(reject.text, limit: 60))
    }
    if !table.isEmpty { table.print() }
    let more = outcome.rejected - outcome.rejects.count
    if more > 0 {
      Terminal.write("… and \(Units.describe(more, "more reject")); why, of all:\n")
      for (reason, count) in outcome.reasons {
        Terminal.write(
          "  \(Units.describe(count: count)) ×  \(Self.printable(reason, limit: 100))\n")
      }
    }
    Terminal.write("\n")
  }

  private var summary: String {
    var text =
      "\(Units.describe(outcome.lines, "line")): \(Units.describe(outcome.rows, "row")), "
      + "\(Units.describe(count: outcome.rejected)) rejected"
    if let other = outcome.otherLines, other > 0 {
      text += ", \(Units.describe(count: other)) blank, headers or parts of a row"
    }
    if outcome.repaired > 0 {
      text += "; \(Units.describe(outcome.repaired, "row")) with bytes that are not UTF-8, replaced"
    }
    return text + "  (\(outcome.format))"
  }

  /// Source and stream for this file, and those that rotation makes of it.
  private var config: String {
    let file = arguments.first ?? "-"
    let isFile = file != "-"
    // Of one file rotation makes others; a pattern or a prefix stays as it is.
    let isOne = arguments.count > 1 || (files.count == 1 && files[0].hasSuffix(file))
    let path =
      !isFile
      ? "/var/log/app.log*" : isOne ? file + "*" : file.hasSuffix("/") ? file + "**/*" : file
    let name = isFile ? file.split(separator: "/").last.map(String.init) ?? "app" : "app.log"
    let stem = String(name.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
    let item = stem.first.map { $0.isLetter } ?? false ? stem.lowercased() : "app"
    var text = """
      sources:
        logs: {type: logs, path: \(ConfigText.scalar(path))}
      streams:
        logs.\(ConfigText.scalar(item)):

      """
    for option in streamOptions { text += "    \(option.key): \(ConfigText.flow(option.value))\n" }
    return text
  }

  /// A text that no terminal takes for a command, cut where it is long.
  static func printable(_ text: String, limit: Int) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      if result.unicodeScalars.count >= limit { return result + "…" }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func printable(_ text: String) -> String {
    printable(text, limit: cellCharactersMax)
  }

  /// What tells paths apart is at their ends.
  private static func end(of path: String) -> String {
    let limit = cellCharactersMax
    return path.count <= limit
      ? printable(path, limit: limit) : "…" + printable(String(path.suffix(limit)), limit: limit)
  }

  private static func cell(_ value: JSONValue) -> String {
    switch value {
    case .null: "–"
    case .string(let text): printable(text)
    default: printable(value.text())
    }
  }

  // MARK: For scripts

  var json: JSONValue {
    get throws {
      var members: [JSONValue.Member] = [
        .init(key: "file", value: .string(arguments.first ?? "-")),
        .init(key: "files", value: .array(files.map { .string($0) })),
        .init(key: "format", value: .string(outcome.format)),
        .init(key: "lines", value: .init(outcome.lines)),
        .init(key: "rows", value: .init(outcome.rows)),
        .init(key: "rejected", value: .init(outcome.rejected)),
        .init(key: "other_lines", value: .init(outcome.otherLines)),
        .init(key: "repaired", value: .init(outcome.repaired)),
        .init(
          key: "schema",
          value: .array(
            outcome.schema.fields.map {
              ["name": .string($0.name), "type": .string($0.type.description)]
            })),
        .init(
          key: "rejects",
          value: .array(
            outcome.rejects.map {
              [
                "file": .string(outcome.hasSeveralFiles ? $0.file : arguments.first ?? "-"),
                "line": .init($0.line), "text": .string($0.text), "reason": .string($0.reason),
              ]
            })),
        .init(
          key: "reasons",
          value: .array(
            outcome.reasons.map { ["reason": .string($0.reason), "count": .init($0.count)] })),
        .init(key: "notes", value: .array(outcome.notes.map { .string($0) })),
        .init(key: "sample", value: .array(try rows())),
      ]
      if let proposal {
        members.append(
          .init(
            key: "candidates",
            value: .array(
              proposal.candidates.map {
                [
                  "format": .string($0.format), "rows": .init($0.rows),
                  "rejected": .init($0.rejected), "score": .double($0.score),
                ]
              })))
        members.append(.init(key: "config", value: .string(config)))
      }
      return .object(members)
    }
  }

  /// The first rows as objects.
  private func rows() throws -> [JSONValue] {
    var rows: [JSONValue] = []
    for batch in outcome.sample {
      let text = try RowPrinter(schema: batch.schema).lines(of: batch)
      for line in text.split(separator: 0x0A) { rows.append(try JSONValue(parsing: Array(line))) }
    }
    return rows
  }
}
