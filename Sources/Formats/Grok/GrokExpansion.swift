internal import Base

/// A grok pattern with its references put in: one regular expression.
///
/// `%{NAME}` is the named pattern, `%{NAME:field}` a group of it that sets a field,
/// `%{NAME:field:int}` one whose type is given. `[a][b]` and `a.b` are the column `a_b`.
struct GrokExpansion {
  /// A group of the expression that fills a column.
  struct Capture: Equatable {
    let group: String
    let column: String
    /// As the pattern writes it.
    let type: String?
    /// What it refers to; nil for groups that the expression writes out.
    let pattern: String?
  }

  private(set) var text = ""
  private(set) var captures: [Capture] = []
  /// Where in the text the parts of the pattern as it was written begin, in bytes.
  private(set) var parts: [(start: Int, source: String)] = []

  private let definitions: [String: String]
  private let place: String
  /// Names whose definitions are being put in, the outermost first.
  private var open: [String] = []
  private var byteCount = 0

  /// What the library can compile is far less.
  private static let bytesMax = 1 << 18
  private static let depthMax = 64
  private static let capturesMax = 1000

  /// - Parameter definitions: patterns by name, the standard ones among them.
  /// - Throws: `.invalidOption` where a name is unknown, or means itself.
  init(_ pattern: String, definitions: [String: String], place: String) throws(FormatError) {
    self.definitions = definitions
    self.place = place
    try expand(pattern)
  }

  private mutating func expand(_ pattern: String) throws(FormatError) {
    var rest = pattern[...]
    var isEscaped = false
    while let character = rest.first {
      if isEscaped {
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if rest.hasPrefix("%{"), let reference = try reference(&rest) {
        try expand(reference)
        continue
      } else if rest.hasPrefix("(?<"), let field = inlineField(&rest) {
        note("(?<\(field)>…)")
        try put("(?<\(try capture(field, nil, nil))>")
        continue
      }
      try put(String(character))
      rest.removeFirst()
    }
  }

  private struct Reference {
    let source: String
    let name: String
    let field: String?
    let type: String?
  }

  /// Takes a reference off the rest; nil, and nothing taken, where the braces say how often a
  /// percent sign is repeated.
  private func reference(_ rest: inout Substring) throws(FormatError) -> Reference? {
    guard let end = rest.firstIndex(of: "}") else {
      throw error(
        "the pattern ends within \(rest.prefix(40))", "Close the reference with }.")
    }
    let source = rest[...end]
    let inner = source.dropFirst(2).dropLast()
    if inner.first?.isNumber ?? false, inner.allSatisfy({ $0.isNumber || $0 == "," }) { return nil }
    let words = inner.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard let name = words.first, !name.isEmpty,
      name.allSatisfy({ $0.isLetter || $0.isNumber || "_-.".contains($0) }),
      !words.dropFirst().contains(where: \.isEmpty)
    else {
      throw error(
        "\(source) is no reference to a pattern",
        "Write %{NAME}, %{NAME:field} or %{NAME:field:int}.")
    }
    rest = rest[source.endIndex...]
    return Reference(
      source: String(source), name: String(name), field: words.count > 1 ? String(words[1]) : nil,
      type: words.count > 2 ? String(words[2]) : nil)
  }

  /// Takes `(?<field>` off the rest where the field is no name of a group, such as `[a][b]`, or is
  /// too long for one; nil, and nothing taken, else.
  private func inlineField(_ rest: inout Substring) -> String? {
    let inner = rest.dropFirst(3)
    guard let first = inner.first, first != "=", first != "!", let end = inner.firstIndex(of: ">")
    else { return nil }
    let field = inner[..<end]
    let isName = field.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    if isName && field.utf8.count <= 32 && !first.isNumber { return nil }
    guard field.allSatisfy({ $0.isLetter || $0.isNumber || "_-.@[]".contains($0) }) else {
      return nil
    }
    rest = inner[inner.index(after: end)...]
    return String(field)
  }

  private mutating func expand(_ reference: Reference) throws(FormatError) {
    guard let definition = definitions[reference.name] else {
      let near = nearestName(to: reference.name, among: definitions.keys.sorted())
      throw error(
        "there is no pattern '\(reference.name)'",
        (near.map { "Did you mean %{\($0)}? " } ?? "")
          + "Define patterns of your own with 'patterns' or 'patterns_file'.")
    }
    if open.contains(reference.name) {
      throw error(
        "the pattern '\(reference.name)' means itself: "
          + (open + [reference.name]).joined(separator: " → "),
        "Take the reference out of one of them.")
    }
    guard open.count < Self.depthMax else {
      throw error(
        "patterns mean one another \(Self.depthMax) deep", "Put some of them together.")
    }
    note(reference.source)
    if let field = reference.field {
      try put("(?<\(try capture(field, reference.type, reference.name))>")
    } else {
      try put("(?:")
    }
    open.append(reference.name)
    try expand(definition)
    open.removeLast()
    try put(")")
    note("")
  }

  /// Says of what the text is made from here on; what definitions are made of is not said.
  private mutating func note(_ source: String) {
    if open.isEmpty { parts.append((byteCount, source)) }
  }

  private mutating func capture(_ field: String, _ type: String?, _ pattern: String?)
    throws(FormatError) -> String
  {
    guard captures.count < Self.capturesMax else {
      throw error(
        "the pattern sets more than \(Self.capturesMax) fields",
        "Set fewer, or give several patterns.")
    }
    let group = "_f\(captures.count)"
    captures.append(
      Capture(group: group, column: Self.column(field), type: type, pattern: pattern))
    return group
  }

  /// The column of a field: `[http][status]` and `http.status` are `http_status`.
  static func column(_ field: String) -> String {
    let parts = field.split { $0 == "[" || $0 == "]" || $0 == "." }
    return parts.isEmpty ? field : parts.joined(separator: "_")
  }

  private mutating func put(_ more: String) throws(FormatError) {
    byteCount += more.utf8.count
    guard byteCount <= Self.bytesMax else {
      throw error(
        "the pattern grows to more than \(Self.bytesMax >> 10) KiB with its references",
        "Refer to fewer patterns, or to each fewer times.")
    }
    text += more
  }

  private func error(_ message: String, _ remedy: String) -> FormatError {
    FormatError(.invalidOption, message, remedy: remedy, place: open.last ?? place)
  }

  /// The part of the pattern as it was written that stands at a byte of the text; nil where that
  /// is one of the expression's own characters.
  func source(at offset: Int) -> String? {
    guard let part = parts.last(where: { $0.start <= offset }), !part.source.isEmpty else {
      return nil
    }
    return part.source
  }
}
