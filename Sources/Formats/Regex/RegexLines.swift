public import Records

/// Lines by regular expressions: each named group is a column.
///
/// The pattern is searched for in the line, so it begins with `^` where it must begin with it. A
/// group that takes no part in the match, or is empty, is null. Of several patterns the first
/// that matches counts; their columns lie side by side.
public enum RegexLines: LineFormat {
  public static let name = "regex"
  public static let shortOption: String? = "pattern"
  public static let newlineMask: UInt8? = nil
  public static func parsesBlocksApart(_ options: LineOptions) -> Bool { true }
  public static let options = [
    FormatOption(
      "pattern", .texts, isRequired: true,
      "A regular expression (PCRE2) with named groups, (?<name>…), or several to try in order.")
  ]

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    var sources: [PatternSource] = []
    for text in options.format.patternTexts {
      let pattern = try Pattern(text, dotIsNewlineToo: options.multiline != nil, place: "pattern")
      guard !pattern.groups.isEmpty else {
        throw FormatError(
          .invalidOption, "the pattern has no named group, so there would be no column",
          remedy: "Name what is to be a column: (?<name>…).", place: "pattern")
      }
      sources.append(
        PatternSource(
          pattern,
          columns: pattern.groups.map {
            PatternSource.Column(name: $0.name, groups: $0.numbers)
          }))
    }
    return try PatternParser(sources, options, knownSchema: knownSchema)
  }
}

extension FormatOptions {
  /// What `pattern` holds: one text or several.
  var patternTexts: [String] { texts("pattern") ?? text("pattern").map { [$0] } ?? [] }
}
