internal import Connector
internal import Formats

/// What a stream's `multiline` says: `indented`, or `{start: "^\\d{4}-", max_lines: 500}`.
enum MultilineChoice {
  static var key: ConfigKey {
    ConfigKey(
      "multiline",
      .oneOf([
        .choice(["indented", "none"]),
        .map([
          ConfigKey("start", .string, "Lines that this pattern matches begin a record."),
          ConfigKey(
            "continues", .string,
            "Lines that this pattern matches belong to the record of the line before."),
          ConfigKey("ends", .string, "Lines that this pattern matches are the last of a record."),
          ConfigKey(
            "max_lines", .integer(1...1_000_000),
            "A record ends at the latest after so many lines; \(Multiline.linesMaxDefault)."),
        ]),
      ]),
      "Which lines make up a record: 'indented' for stack traces, a pattern, or 'none' where each "
        + "line is one; none, but for error logs.")
  }

  /// - Parameters:
  ///   - value: validated against the key.
  ///   - format: says which lines begin a record where the config does not.
  static func multiline(
    _ value: ConfigValue?, of format: any LineFormat.Type, lineBytesMax: Int, place: String
  ) throws(ConnectorError) -> Multiline? {
    var rule = Multiline.Rule.continues
    var pattern = Multiline.indented
    guard let value else {
      guard let start = format.recordStart else { return nil }
      return try multiline(.start, start, nil, lineBytesMax, place)
    }
    if value.string == "none" { return nil }
    if value.string == nil {
      let given = Multiline.Rule.allCases.filter { value[$0.rawValue] != nil }
      guard given.count == 1, let text = value[given[0].rawValue]?.string else {
        throw ConnectorError(
          .misconfigured,
          "'multiline' has \(given.count) of 'start', 'continues' and 'ends'; it needs one",
          remedy: "Write multiline: indented, or multiline: {start: REGEX}.", place: place)
      }
      rule = given[0]
      pattern = text
    }
    return try multiline(rule, pattern, value["max_lines"]?.integer, lineBytesMax, place)
  }

  private static func multiline(
    _ rule: Multiline.Rule, _ pattern: String, _ linesMax: Int?, _ bytesMax: Int, _ place: String
  ) throws(ConnectorError) -> Multiline {
    do {
      return try Multiline(
        rule, pattern, linesMax: linesMax ?? Multiline.linesMaxDefault, bytesMax: bytesMax)
    } catch {
      throw ConnectorError(error, place: place)
    }
  }
}
