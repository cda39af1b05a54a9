internal import Base
public import Records

/// Lines by grok patterns: `%{IPORHOST:client} %{WORD:verb} %{NUMBER:bytes:int}`.
///
/// - SeeAlso: `GrokLibrary` for the patterns that there are, `RegexLines` for how they are applied.
public enum Grok: LineFormat {
  public static let name = "grok"
  public static let shortOption: String? = "pattern"
  public static let newlineMask: UInt8? = nil
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
    var options = options
    var sources: [PatternSource] = []
    for text in options.format.patternTexts {
      sources.append(try source(text, definitions, &options))
    }
    return try PatternParser(sources, options, knownSchema: knownSchema)
  }

  /// - Parameter options: to which are added the types that the pattern gives, except for columns
  ///   that the config declares.
  private static func source(
    _ text: String, _ definitions: [String: String], _ options: inout LineOptions
  ) throws(FormatError) -> PatternSource {
    let expansion = try GrokExpansion(text, definitions: definitions, place: "pattern")
    let pattern = try Pattern(
      expansion.text, capturesNamedOnly: true, dotIsNewlineToo: options.multiline != nil,
      place: "pattern")
    var columns: [PatternSource.Column] = []
    for group in pattern.groups {
      let capture = expansion.captures.first { $0.group == group.name }
      let name = capture?.column ?? GrokExpansion.column(group.name)
      if let type = capture?.type { try declare(name, type, &options) }
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

  /// Gives a column the type that a pattern names: in the words of grok (`int`, `float`), or those
  /// of `columns`.
  private static func declare(_ name: String, _ text: String, _ options: inout LineOptions)
    throws(FormatError)
  {
    if options.declared.contains(where: { foldedName($0.name) == foldedName(name) }) { return }
    let words = ["int": "bigint", "integer": "bigint", "float": "double"]
    guard let (type, timePattern) = ColumnTypeText.parse(words[text] ?? text) else {
      let known = ["int", "float", "boolean", "decimal", "date", "timestamp", "string"]
      let near = nearestName(to: text, among: known).map { "Did you mean \($0)? " } ?? ""
      throw FormatError(
        .invalidOption, "the field '\(name)' has no known type: '\(text)'",
        remedy: near + "Use one of \(known.joined(separator: ", ")).", place: "pattern")
    }
    options.declared.append(Field(name, type))
    options.timePatterns[name] = timePattern
  }
}
