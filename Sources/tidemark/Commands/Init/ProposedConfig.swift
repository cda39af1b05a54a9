import Base
import Connector
import Ingest

/// A config made of what a source proposes.
struct ProposedConfig {
  let proposal: Proposal
  let typeName: String
  /// The source's.
  let name: String
  /// The environment variable that holds the URL.
  let variable: String

  /// - Parameters:
  ///   - name: the source's; nil for the suggested one.
  ///   - variable: nil for one named after the source.
  init(_ proposal: Proposal, typeName: String, name: String?, variable: String?) {
    self.proposal = proposal
    self.typeName = typeName
    self.name = name ?? Self.sourceName(proposal.suggestedName)
    self.variable = variable ?? Self.cleaned(self.name).uppercased() + "_URL"
  }

  /// The suggested name, as far as a config takes it.
  private static func sourceName(_ suggested: String) -> String {
    let name = cleaned(suggested.lowercased())
    return Configuration.zoneNames.contains(name) ? name + "_db" : name
  }

  private static func cleaned(_ name: String) -> String {
    let name = String(
      name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    return name.first.map { $0.isLetter || $0 == "_" } ?? false ? name : "db_" + name
  }

  /// Reads it as `check` and `run` will.
  func validate() throws(IngestError) {
    _ = try Configuration(
      ConfigurationFile(path: ConfigurationFile.defaultName, text: text), keys: ConfigOptions.keys)
  }

  var warningCount: Int {
    (proposal.remarks + proposal.streams.flatMap(\.remarks)).count { $0.kind == .warning }
  }

  // MARK: As a file

  var text: String {
    var text = """
      # Written by 'tidemark init' after a look at \(Self.line(proposal.place)).
      # Read it, correct it, then: 'tidemark check', 'tidemark run'. 'tidemark config schema'
      # describes every key. Secrets are never in this file, only the names of environment variables.
      version: 1

      lake:
        root: ./lake                      # or s3://bucket/prefix

      sources:

      """
    for remark in proposal.remarks { text += Self.comment(remark) }
    text += """
        \(ConfigText.scalar(name)): \(sourceText)

      streams:

      """
    for (index, stream) in proposal.streams.enumerated() {
      if index > 0 { text += "\n" }
      text += self.text(stream)
    }
    if !proposal.leftOut.isEmpty { text += "\n" }
    for left in proposal.leftOut { text += ConfigText.comment("Left out: \(left)", indent: "  ") }
    return text
  }

  /// What stands behind the source's name.
  private var sourceText: String {
    guard let options = proposal.sourceOptions else {
      return
        "{type: \(typeName), \(proposal.urlKey): \(variable)}    # \(Self.line(proposal.urlForm))"
    }
    return ConfigText.flow(
      ConfigValue(.map([.init(key: "type", value: .plain(typeName))] + options)))
  }

  private func text(_ stream: ProposedStream) -> String {
    var text = stream.remarks.map(Self.comment).joined()
    let key = ConfigText.scalar("\(name).\(stream.item)")
    // A stream without settings is a name with nothing behind it.
    text += "  \(key):\(stream.options.isEmpty ? " {}" : "")\n"
    for entry in stream.options { text += "    \(entry.key): \(ConfigText.flow(entry.value))\n" }
    return text
  }

  private static func comment(_ remark: ProposalRemark) -> String {
    let label =
      switch remark.kind {
      case .reason: ""
      case .alternative: "or "
      case .warning: "warning: "
      }
    return ConfigText.comment(label + remark.text, indent: "  ", hang: label.isEmpty ? "" : "  ")
      + (remark.statement.map { ConfigText.verbatim($0, indent: "  ") } ?? "")
  }

  private static func line(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  // MARK: For people and scripts

  /// A line a stream.
  var overview: TextTable { proposal.sourceOptions == nil ? tables : files }

  private var files: TextTable {
    var table = TextTable("stream", "format", "files", "number#", "size#")
    for stream in proposal.streams {
      func option(_ key: String) -> String? {
        stream.options.first { $0.key == key }?.value.string
      }
      table.add(
        "\(name).\(stream.item)", option("parse"), option("path"),
        Units.describe(count: stream.members.count), stream.bytes.map { Units.describe(bytes: $0) })
    }
    return table
  }

  private var tables: TextTable {
    var table = TextTable("stream", "cursor", "key", "rows#", "size#", "")
    for stream in proposal.streams {
      func option(_ key: String) -> ConfigValue? { stream.options.first { $0.key == key }?.value }
      let warnings = stream.remarks.count { $0.kind == .warning }
      table.add(
        "\(name).\(stream.item)",
        option("bookmark")?["by"]?.strings?.joined(separator: ", ") ?? "none: read whole",
        option("key")?.strings?.joined(separator: ", "),
        stream.rows.map { Units.describe(count: $0) },
        stream.bytes.map { Units.describe(bytes: $0) },
        warnings == 0 ? "" : Units.describe(warnings, "warning"))
    }
    return table
  }

  var json: JSONValue {
    [
      "place": .string(proposal.place), "source": .string(name), "type": .string(typeName),
      "variable": proposal.sourceOptions == nil ? .string(variable) : .null,
      "remarks": .array(proposal.remarks.map(Self.json)),
      "streams": .array(
        proposal.streams.map { stream in
          [
            "stream": .string("\(name).\(stream.item)"),
            "tables": .array(stream.members.map { .string($0) }),
            "rows": .init(stream.rows), "bytes": .init(stream.bytes),
            "config": Self.json(ConfigValue(.map(stream.options))),
            "remarks": .array(stream.remarks.map(Self.json)),
          ]
        }),
      "left_out": .array(proposal.leftOut.map { .string($0) }),
    ]
  }

  private static func json(_ remark: ProposalRemark) -> JSONValue {
    [
      "kind": .string(remark.kind.rawValue), "text": .string(remark.text),
      "statement": .init(remark.statement),
    ]
  }

  private static func json(_ value: ConfigValue) -> JSONValue {
    switch value.content {
    case .null: .null
    case .scalar(let text, _): .string(text)
    case .list(let items): .array(items.map(json))
    case .map(let entries):
      .object(entries.map { JSONValue.Member(key: $0.key, value: json($0.value)) })
    }
  }
}
