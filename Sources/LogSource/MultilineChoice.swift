internal import Connector
internal import Formats

/// What a stream's `multiline` says: `indented`, or `{start: "^\\d{4}-", max_lines: 500}`.
enum MultilineChoice {
  static var key: ConfigKey {
    ConfigKey(
      "multiline",
      .oneOf([
        .choice(["indented"]),
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
      "Which lines make up a record: 'indented' for stack traces, or a pattern.")
  }

  /// - Parameter value: validated against the key.
  static func multiline(_ value: ConfigValue?, lineBytesMax: Int, place: String)
    throws(ConnectorError) -> Multiline?
  {
    guard let value else { return nil }
    var rule = Multiline.Rule.continues
    var pattern = Multiline.indented
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
    do {
      return try Multiline(
        rule, pattern, linesMax: value["max_lines"]?.integer ?? Multiline.linesMaxDefault,
        bytesMax: lineBytesMax)
    } catch {
      throw ConnectorError(error, place: place)
    }
  }
}
