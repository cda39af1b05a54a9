/// Cuts SQL into quoted texts, comments and single characters between them, as sessions with an
/// empty `sql_mode` read it: double quotes are texts, a backslash escapes.
struct SQLScanner {
  struct Token {
    var text: Substring
    /// A text or a name in quotes, these included.
    var isQuoted = false
    var isComment = false
  }

  var rest: Substring

  init(_ text: some StringProtocol) { rest = Substring(text) }

  mutating func next() -> Token? {
    guard let first = rest.first else { return nil }
    switch first {
    case "'", "\"", "`": return take(quoted(by: first), isQuoted: true)
    case "#": return take(line(), isComment: true)
    case "-" where isDashComment: return take(line(), isComment: true)
    case "/" where rest.hasPrefix("/*"):
      // The server runs what stands in a comment that begins like this.
      if rest.hasPrefix("/*!") || rest.hasPrefix("/*M!") { return take(rest.prefix(1)) }
      let end = rest.dropFirst(2).firstRange(of: "*/")?.upperBound ?? rest.endIndex
      return take(rest[..<end], isComment: true)
    default: return take(rest.prefix(1))
    }
  }

  private mutating func take(
    _ text: Substring, isQuoted: Bool = false, isComment: Bool = false
  ) -> Token {
    rest = rest[text.endIndex...]
    return Token(text: text, isQuoted: isQuoted, isComment: isComment)
  }

  private var isDashComment: Bool {
    let third = rest.dropFirst(2).first
    return rest.hasPrefix("--") && (third?.isWhitespace ?? true)
  }

  private func line() -> Substring { rest.prefix { !$0.isNewline } }

  /// Up to the closing quote; a doubled one is two texts side by side, which is as good.
  private func quoted(by quote: Character) -> Substring {
    var index = rest.index(after: rest.startIndex)
    while index < rest.endIndex {
      let character = rest[index]
      index = rest.index(after: index)
      if character == quote { break }
      if character == "\\", quote != "`", index < rest.endIndex { index = rest.index(after: index) }
    }
    return rest[..<index]
  }
}
