internal import Connector

/// `a{b,c{d,e}}` → `ab`, `acd`, `ace`.
enum BraceExpansion {
  private static let countMax = 1000

  /// - Throws: `.misconfigured` where a brace does not close or there are too many alternatives.
  static func expand(_ text: String) throws(ConnectorError) -> [String] {
    guard let open = firstBrace(in: text[...]) else { return [text] }
    var depth = 0
    var isEscaped = false
    var start = text.index(after: open)
    var parts: [Substring] = []
    var close: String.Index?
    for index in text[open...].indices {
      let character = text[index]
      if isEscaped {
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == "{" {
        depth += 1
      } else if character == "}" {
        depth -= 1
        if depth == 0 {
          parts.append(text[start..<index])
          close = index
          break
        }
      } else if character == ",", depth == 1 {
        parts.append(text[start..<index])
        start = text.index(after: index)
      }
    }
    guard let close else {
      throw ConnectorError(
        .misconfigured, "a '{' in the path '\(text)' is not closed",
        remedy: "Close it with '}', or write '\\{' for the character itself.")
    }
    let tails = try expand(String(text[text.index(after: close)...]))
    var expanded: [String] = []
    for part in parts {
      for middle in try expand(String(part)) {
        for tail in tails { expanded.append(text[..<open] + middle + tail) }
      }
    }
    guard expanded.count <= countMax else {
      throw ConnectorError(
        .misconfigured, "the braces in the path '\(text)' stand for more than \(countMax) paths",
        remedy: "Use '*' in place of some of them.")
    }
    return expanded
  }

  private static func firstBrace(in text: Substring) -> String.Index? {
    var isEscaped = false
    for index in text.indices {
      if isEscaped {
        isEscaped = false
      } else if text[index] == "\\" {
        isEscaped = true
      } else if text[index] == "{" {
        return index
      }
    }
    return nil
  }
}
