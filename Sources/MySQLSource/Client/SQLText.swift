/// Names and values as SQL text, for sessions with an empty `sql_mode` in utf8mb4.
enum SQLText {
  /// A name in backticks.
  static func name(_ name: String) -> String {
    "`" + name.replacing("`", with: "``") + "`"
  }

  /// A text in quotes.
  static func literal(_ text: String) -> String {
    var result = "'"
    for scalar in text.unicodeScalars {
      switch scalar {
      case "'": result += "''"
      case "\\": result += "\\\\"
      case "\0": result += "\\0"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "'"
  }

  /// What a column list, a table or a condition is part of, on one line for a person.
  static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).map { String($0).trimmed }.joined(separator: " ")
  }
}

extension String {
  /// Without white space around it.
  var trimmed: Substring { trimmed(of: " ") }

  /// Without white space and the character around it.
  func trimmed(of character: Character) -> Substring {
    var result = drop { $0.isWhitespace || $0 == character }
    while let last = result.last, last.isWhitespace || last == character { result.removeLast() }
    return result
  }
}
