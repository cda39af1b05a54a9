import Connector

/// Values of a config as YAML, on one line.
enum ConfigText {
  /// What YAML takes for something else than a text.
  private static let words: Set<String> = [
    "true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf",
  ]

  static func flow(_ value: ConfigValue) -> String {
    switch value.content {
    case .null: "null"
    case .scalar(let text, let isQuoted): isQuoted ? scalar(text) : text
    case .list(let items): "[" + items.map(flow).joined(separator: ", ") + "]"
    case .map(let entries):
      "{" + entries.map { "\(scalar($0.key)): \(flow($0.value))" }.joined(separator: ", ") + "}"
    }
  }

  /// A text, in quotes where YAML would read it otherwise.
  static func scalar(_ text: String) -> String {
    let isPlain =
      text.first.map { $0.isASCII && ($0.isLetter || $0 == "_") } ?? false
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || "_.*".contains($0) }
      && !words.contains(text.lowercased())
    return isPlain ? text : quoted(text)
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20 || (0x7F...0xA0).contains(scalar.value):
        result += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      case "\u{2028}": result += "\\L"
      case "\u{2029}": result += "\\P"
      case "\u{FEFF}": result += "\\uFEFF"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// Comment lines of at most 100 characters.
  ///
  /// - Parameters:
  ///   - hang: what lines after the first begin with, behind the `#`.
  static func comment(_ text: String, indent: String, hang: String = "") -> String {
    let begin = "\(indent)# "
    var lines: [String] = []
    var line = ""
    for word in text.split(whereSeparator: \.isWhitespace).map(harmless) {
      if !line.isEmpty, begin.count + line.count + 1 + word.count > 100 {
        lines.append(line)
        line = hang + word
      } else {
        line += line.isEmpty || line == hang ? word : " " + word
      }
    }
    if !line.isEmpty { lines.append(line) }
    return lines.map { begin + $0 + "\n" }.joined()
  }

  /// One comment line, as long as it is: to be copied.
  static func verbatim(_ text: String, indent: String) -> String {
    "\(indent)#   \(harmless(Substring(text)))\n"
  }

  /// Without what would end a comment, or must not be in a YAML file.
  private static func harmless(_ text: Substring) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
          return isControl || ["\u{2028}", "\u{2029}", "\u{FEFF}"].contains(scalar) ? " " : scalar
        }))
  }
}
