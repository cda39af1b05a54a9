internal import CPCRE2

/// A regular expression, in the syntax of Perl as PCRE2 has it.
///
///     let pattern = try Pattern("(?<user>\\w+)@(?<host>\\S+)", place: "regex")
///     pattern.groups                              [("user", [1]), ("host", [2])]
///     let matcher = try PatternMatcher(pattern)
///
/// It is searched for: a match may begin anywhere in the text unless the pattern says `^`. A dot
/// is any character but a newline, `$` is the end, characters are those of Unicode.
struct Pattern: Sendable {
  /// Names of groups, and which groups have the name, in the order of the first of them.
  struct Group: Hashable, Sendable {
    let name: String
    var numbers: [Int]
  }

  let text: String
  let groups: [Group]
  let program: PatternProgram
  private let options: UInt32

  /// - Parameters:
  ///   - capturesNamedOnly: parentheses without a name only group.
  ///   - dotIsNewlineToo: a dot is any character at all, as records over several lines want it.
  ///   - place: the option that the pattern was given by, for errors.
  /// - Throws: `.invalidOption` that shows where the pattern is wrong.
  init(
    _ text: String, capturesNamedOnly: Bool = false, dotIsNewlineToo: Bool = false, place: String
  ) throws(FormatError) {
    self.text = text
    options =
      (capturesNamedOnly ? PCRE2_NO_AUTO_CAPTURE : 0) | (dotIsNewlineToo ? PCRE2_DOTALL : 0)
    do {
      program = try PatternProgram(text, options: options)
    } catch {
      throw Self.error(error, text, place)
    }
    var groups: [Group] = []
    for (name, number) in program.names() {
      if let index = groups.firstIndex(where: { $0.name == name }) {
        groups[index].numbers.append(number)
      } else {
        groups.append(Group(name: name, numbers: [number]))
      }
    }
    self.groups = groups
  }

  /// The same pattern, compiled to be watched; nil where it grows too large by that.
  func traced() -> PatternProgram? {
    try? PatternProgram(text, options: options, isTraced: true)
  }

  private static func error(_ fault: PatternProgram.Fault, _ text: String, _ place: String)
    -> FormatError
  {
    if fault.code == PCRE2_ERROR_NOMEMORY { return .outOfMemory }
    let bytes = Array(text.utf8)
    let before = String(decoding: bytes.prefix(fault.offset), as: UTF8.self)
    let after = String(decoding: bytes.dropFirst(fault.offset), as: UTF8.self)
    let shown =
      (before.count > 40 ? "…" : "") + before.suffix(40) + " ⟨here⟩ " + after.prefix(20)
      + (after.count > 20 ? "…" : "")
    return FormatError(
      .invalidOption,
      "the pattern is wrong at character \(before.count + 1): "
        + "\(PatternProgram.message(fault.code)): \(shown)",
      remedy: remedy(fault.code), place: place)
  }

  private static func remedy(_ code: Int32) -> String {
    switch code {
    case PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS, PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS:
      "Balance the parentheses; a literal one is written \\( or \\)."
    case PCRE2_ERROR_MISSING_SQUARE_BRACKET:
      "Close the class with ]; a literal bracket is written \\[."
    case PCRE2_ERROR_QUANTIFIER_INVALID:
      "Put something before the quantifier; a literal one is written \\*, \\+ or \\?."
    case PCRE2_ERROR_SUBPATTERN_NAME_TOO_LONG, PCRE2_ERROR_SUBPATTERN_NAME_EXPECTED,
      PCRE2_ERROR_MISSING_NAME_TERMINATOR, PCRE2_ERROR_INVALID_SUBPATTERN_NAME:
      "Name groups with at most 32 letters, digits and _, none of the digits first: (?<name>…)."
    case PCRE2_ERROR_PATTERN_TOO_LARGE, PCRE2_ERROR_PARENTHESES_NEST_TOO_DEEP,
      PCRE2_ERROR_PATTERN_TOO_COMPLICATED, PCRE2_ERROR_PATTERN_STRING_TOO_LONG:
      "Make the pattern smaller, or give several patterns."
    default: "Mend the pattern there; its syntax is that of Perl (PCRE2)."
    }
  }
}
