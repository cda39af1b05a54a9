internal import Base
public import Records

/// Lines by grok patterns: `%{IPORHOST:client} %{WORD:verb} %{NUMBER:bytes:int}`.
///
/// - SeeAlso: `GrokLibrary` for the patterns that there are, `RegexLines` for how they are applied.
public enum Grok: LineFormat {
  public static let name = "grok"
  public static let shortOption: String? = "pattern"
  public static let newlineMask: UInt8? = nil
  public static func parsesBlocksApart(_ options: LineOptions) -> Bool { true }
  public static let options = [
    FormatOption(
      "pattern", .texts, isRequired: true,
      "A pattern such as %{COMBINEDAPACHELOG} or %{IP:client} %{WORD:verb}, or several to try in "
        + "order."),
    FormatOption("patterns", .dictionary, "Patterns of one's own, by name."),
    FormatOption(
      "patterns_file", .file, "A file of patterns: lines of a name, a blank and the pattern."),
  ]

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    var definitions = GrokLibrary.standard
    for (name, pattern) in GrokLibrary.definitions(options.format.text("patterns_file") ?? "") {
      definitions[name] = pattern
    }
    for (name, pattern) in options.format.dictionary("patterns") ?? [] {
      definitions[name] = pattern
    }
    var sources: [PatternSource] = []
    var captures: [GrokExpansion.Capture] = []
    for text in options.format.patternTexts {
      let expansion = try GrokExpansion(text, definitions: definitions, place: "pattern")
      sources.append(try source(expansion, options))
      captures += expansion.captures
    }
    return try PatternParser(
      sources, types: try types(captures, definitions, options), options, knownSchema: knownSchema)
  }

  private static func source(_ expansion: GrokExpansion, _ options: LineOptions)
    throws(FormatError) -> PatternSource
  {
    let pattern = try Pattern(
      expansion.text, capturesNamedOnly: true, dotIsNewlineToo: options.multiline != nil,
      place: "pattern")
    var columns: [PatternSource.Column] = []
    for group in pattern.groups {
      let capture = expansion.captures.first { $0.group == group.name }
      let name = capture?.column ?? GrokExpansion.column(group.name)
      if let index = columns.firstIndex(where: { $0.name == name }) {
        columns[index].groups += group.numbers
      } else {
        columns.append(PatternSource.Column(name: name, groups: group.numbers))
      }
    }
    guard !columns.isEmpty else {
      throw FormatError(
        .invalidOption, "the pattern sets no field, so there would be no column",
        remedy: "Name what is to be a column: %{NUMBER:bytes}.", place: "pattern")
    }
    return PatternSource(pattern, columns: columns) { expansion.source(at: $0) }
  }

  /// Types of columns: what the first reference says that says one, else that of times, where all
  /// references of the column are such times.
  private static func types(
    _ captures: [GrokExpansion.Capture], _ definitions: [String: String], _ options: LineOptions
  ) throws(FormatError) -> [String: PatternSource.ColumnType] {
    let zone = try options.zoneRules()
    var types: [String: PatternSource.ColumnType] = [:]
    for (name, captures) in Dictionary(grouping: captures, by: \.column) {
      if let text = captures.lazy.compactMap(\.type).first {
        types[name] = try type(text, name, zone)
        continue
      }
      let patterns = Set(captures.map(\.pattern))
      guard patterns.count == 1, let pattern = patterns.first ?? nil,
        let time = GrokLibrary.times[pattern],
        definitions[pattern] == GrokLibrary.standard[pattern]
      else { continue }
      types[name] = PatternSource.ColumnType(
        type: .timestamp(.microseconds, isUTC: true), time: try TimePattern(time, zone: zone))
    }
    return types
  }

  /// A type in the words of grok (`int`, `float`), or in those of `columns`.
  private static func type(_ text: String, _ name: String, _ zone: TimeZoneRules)
    throws(FormatError) -> PatternSource.ColumnType
  {
    let words = ["int": "bigint", "integer": "bigint", "float": "double"]
    guard let (type, time) = ColumnTypeText.parse(words[text] ?? text) else {
      let known = ["int", "float", "boolean", "decimal", "date", "timestamp", "string"]
      let near = nearestName(to: text, among: known).map { "Did you mean \($0)? " } ?? ""
      throw FormatError(
        .invalidOption, "the field '\(name)' has no known type: '\(text)'",
        remedy: near + "Use one of \(known.joined(separator: ", ")).", place: "pattern")
    }
    var pattern = time
    switch type {
    // In the stream's zone.
    case .date, .timestamp: pattern = time ?? "iso8601"
    default: break
    }
    guard let time = pattern else { return PatternSource.ColumnType(type: type, time: nil) }
    return PatternSource.ColumnType(type: type, time: try TimePattern(time, zone: zone))
  }
}
