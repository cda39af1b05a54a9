internal import Base
public import Records

/// Pairs of keys and values, with separators of one's own: `user:anna|action:login|ms:12`.
///
///     10:00:01 WARN disk low | host: db1 | free: 3%          {pairs: "|", values: ":"}
///     └ message              └ host = db1  └ free = 3%
///
/// What is no pair, most of all what stands before the first, is in the column `message`. A key
/// begins with a letter, `_`, `@` or `$` and has no spaces and quotes in it. Spaces around keys and values do not count. A value in quotes may hold
/// separators, and backslash escapes. The last of equal keys counts; a line without any pair is a
/// reject.
public enum KeyValueText: LineFormat {
  public static let name = "key_value"
  public static func parsesBlocksApart(_ options: LineOptions) -> Bool { true }
  public static let options: [FormatOption] = [
    FormatOption("pairs", .text, "What stands between pairs; a space if not said."),
    FormatOption("values", .text, "What stands between a key and its value; = if not said."),
    FormatOption("quote", .text, "The character around values, or 'none'; \" if not said."),
    FormatOption("message", .text, "The column for text that is no pair; message if not said."),
    FormatOption("null", .texts, "Values that mean null where they are not quoted."),
    FormatOption("infer", .flag, "Whether columns get types other than string; true if not said."),
  ]

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    let format = options.format
    let reader = KeyValueReader(
      pairs: Array((format.text("pairs") ?? " ").utf8),
      values: Array((format.text("values") ?? "=").utf8),
      quote: try quote(format), message: format.text("message") ?? "message")
    try reader.check()
    let builder = try TextRowsBuilder(
      options, knownSchema: knownSchema, infersTypes: format.flag("infer") ?? true,
      nullTexts: format.texts("null") ?? [])
    return TextLinesParser(builder, reader)
  }

  private static func quote(_ format: FormatOptions) throws(FormatError) -> UInt8? {
    let text = format.text("quote") ?? "\""
    if text == "none" || text.isEmpty { return nil }
    guard text.utf8.count == 1, let quote = text.utf8.first, quote > 0x20, quote < 0x7F else {
      throw FormatError(
        .invalidOption, "'quote' must be one ASCII character, not '\(text)'",
        remedy: "Write it in quotes, such as \"'\", or 'none'.", place: "quote")
    }
    return quote
  }
}

struct KeyValueReader: TextLineReader {
  /// Not empty.
  let pairs: [UInt8]
  let values: [UInt8]
  let quote: UInt8?
  let message: String

  func check() throws(FormatError) {
    for (name, separator) in [("pairs", pairs), ("values", values)] {
      guard (1...16).contains(separator.count), !separator.contains(0x0A) else {
        throw FormatError(
          .invalidOption, "'\(name)' must have 1 to 16 bytes and no newline",
          remedy: "Write what stands between, such as \"|\".", place: name)
      }
    }
    if pairs == values {
      throw FormatError(
        .invalidOption, "'pairs' and 'values' must differ",
        remedy: "'values' stands between a key and its value.", place: "values")
    }
  }

  func read(
    _ line: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>, into builder: TextRowsBuilder
  ) throws(FormatError) -> String? {
    var hasPairs = false
    /// Before the first pair, and between others.
    var before = line.lowerBound..<line.lowerBound
    var between: [UInt8] = []
    var start = line.lowerBound
    while start < line.upperBound {
      let pair = pair(bytes, start..<line.upperBound)
      let from = pair.map { behindQuotes(bytes, $0.value..<line.upperBound) } ?? start
      let end = find(pairs, bytes, from..<line.upperBound) ?? line.upperBound
      if let pair {
        hasPairs = true
        let key = UnsafeBufferPointer(rebasing: bytes[pair.key])
        guard let column = try builder.column(named: key) else { return ColumnName.problem(key) }
        set(column, TextLine.trimmed(bytes, pair.value..<end), bytes, builder)
      } else {
        let text = TextLine.trimmed(bytes, start..<end)
        if !hasPairs {
          before = line.lowerBound..<end
        } else if !text.isEmpty {
          if !between.isEmpty { between += pairs }
          between += bytes[text]
        }
      }
      start = end + pairs.count
    }
    guard hasPairs else { return "there is no pair of a key and a value in the line" }
    let text = TextLine.trimmed(bytes, before)
    if between.isEmpty, !text.isEmpty {
      builder.set(try builder.column(named: message), text)
    } else if !between.isEmpty {
      let joined = text.isEmpty ? between : bytes[text] + pairs + between
      builder.set(try builder.column(named: message), text: joined)
    }
    return nil
  }

  private func set(
    _ column: Int, _ value: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>,
    _ builder: TextRowsBuilder
  ) {
    guard let quote, value.count >= 2, bytes[value.lowerBound] == quote,
      let close = TextLine.closingQuote(
        bytes, value.lowerBound + 1..<value.upperBound, quote),
      close.place == value.upperBound - 1
    else { return builder.set(column, value) }
    let inner = value.lowerBound + 1..<close.place
    if close.hasEscapes {
      builder.set(column, text: TextLine.decoded(bytes, inner), isLiteral: true)
    } else {
      builder.set(column, inner, isLiteral: true)
    }
  }

  /// The key at the start of a piece, and where its value begins; nil where there is none.
  private func pair(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> (
    key: Range<Int>, value: Int
  )? {
    var index = range.lowerBound
    while index < range.upperBound, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
    let start = index
    guard index < range.upperBound, KeyText.begins(bytes[index]) else { return nil }
    while index < range.upperBound, bytes[index] > 0x20, bytes[index] != quote,
      !isAt(values, bytes, index, range.upperBound), !isAt(pairs, bytes, index, range.upperBound)
    {
      index += 1
      if index - start > JSONRowOptions.nameBytesMax { return nil }
    }
    let end = index
    // Spaces before the separator, unless they are what ends a pair.
    if pairs.first != 0x20 {
      while index < range.upperBound, bytes[index] == 0x20 { index += 1 }
    }
    guard isAt(values, bytes, index, range.upperBound) else { return nil }
    return (start..<end, index + values.count)
  }

  /// Where to look for the end of a value: behind its quotes, if it has any.
  private func behindQuotes(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int {
    var index = range.lowerBound
    while index < range.upperBound, bytes[index] == 0x20 { index += 1 }
    guard let quote, index < range.upperBound, bytes[index] == quote,
      let close = TextLine.closingQuote(bytes, index + 1..<range.upperBound, quote)
    else { return range.lowerBound }
    return close.place + 1
  }

  private func find(
    _ separator: [UInt8], _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
  ) -> Int? {
    var index = range.lowerBound
    while index + separator.count <= range.upperBound {
      if isAt(separator, bytes, index, range.upperBound) { return index }
      index += 1
    }
    return nil
  }

  @inline(__always)
  private func isAt(
    _ separator: [UInt8], _ bytes: UnsafeBufferPointer<UInt8>, _ index: Int, _ end: Int
  ) -> Bool {
    guard index + separator.count <= end, bytes[index] == separator[0] else { return false }
    for offset in 1..<separator.count where bytes[index + offset] != separator[offset] {
      return false
    }
    return true
  }
}
