/// The patterns that go by well-known names, such as `IPORHOST` or `COMBINEDAPACHELOG`.
///
/// Names and the fields that they set are those that grok users know; what they match was written
/// for this engine: alternatives do not go back where that cannot help, quoted values come
/// without their quotes, and a `-` that stands for nothing is null.
enum GrokLibrary {
  /// Definitions by name.
  static let standard: [String: String] = {
    var patterns: [String: String] = [:]
    let texts = [
      core, dates, syslog, mail, web, services, java, cloud, firewalls, monitoring, bacula, zeek,
    ]
    for text in texts {
      for (name, pattern) in definitions(text) { patterns[name] = pattern }
    }
    return patterns
  }()

  /// How the times are written that patterns match which say all of them, year and zone too:
  /// fields of these patterns alone are timestamps.
  static let times = ["HTTPDATE": "%d/%b/%Y:%H:%M:%S %z"]

  /// Reads lines of a name, blanks and a pattern; blank ones and those that begin with # are
  /// passed over. A line without a pattern is left out.
  static func definitions(_ text: String) -> [(name: String, pattern: String)] {
    text.split(whereSeparator: \.isNewline).compactMap { line in
      let line = line.drop { $0 == " " || $0 == "\t" }
      let name = line.prefix { $0 != " " && $0 != "\t" }
      let pattern = line.dropFirst(name.count).drop { $0 == " " || $0 == "\t" }
      if line.hasPrefix("#") || pattern.isEmpty { return nil }
      return (String(name), String(pattern))
    }
  }
}
