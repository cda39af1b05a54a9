internal import Base
internal import Kernels

/// What the config says about delimited text; nil is found in each file.
struct CSVOptions: Sendable {
  var delimiter: UInt8?
  var quote: Quote
  /// Makes the next character part of a field; nil where only doubled quotes do so.
  var escape: UInt8?
  var comment: [UInt8]
  var hasHeader: Bool?
  /// Names of the columns, instead of those of a header.
  var names: [String]?
  /// Lines before the first record.
  var skippedLines: Int
  var trims: Bool
  /// Whether fields that are missing at the end of a record are null.
  var fillsRagged: Bool
  var infersTypes: Bool
  var nullTexts: [String]

  enum Quote: Hashable, Sendable {
    case found, none
    case character(UInt8)
  }

  /// Those of `csv` and `tsv` both.
  static let common: [FormatOption] = [
    FormatOption("quote", .text, "The character around fields, or 'none'."),
    FormatOption(
      "escape", .text,
      "A character, such as \\, that makes the next one part of the field. Doubled quotes always "
        + "are one."),
    FormatOption("comment", .text, "What lines begin with that are to be passed over."),
    FormatOption("header", .flag, "Whether the first record has the names of the columns."),
    FormatOption("names", .texts, "The names of the columns, in order, instead of a header's."),
    FormatOption("skip", .number(0...1_000_000), "Lines to pass over at the start of a file."),
    FormatOption("trim", .flag, "Whether spaces around fields do not count."),
    FormatOption("null", .texts, "Texts that mean null where they are not quoted."),
    FormatOption(
      "ragged", .choice(["reject", "null"]),
      "What becomes of a record with too few fields: a reject, or nulls in their place."),
    FormatOption("infer", .flag, "Whether columns get types other than string; true if not said."),
  ]

  /// - Throws: `.invalidOption` where characters are none, or clash.
  init(_ options: LineOptions, delimiter: UInt8? = nil) throws(FormatError) {
    let format = options.format
    self.delimiter = delimiter
    if delimiter == nil, let text = format.text("delimiter") {
      self.delimiter = try Self.character(text, "delimiter")
    }
    quote =
      switch format.text("quote") {
      case nil: .found
      case "none", "": .none
      case .some(let text): .character(try Self.character(text, "quote"))
      }
    escape = nil
    if let text = format.text("escape"), text != "none", text != "\"" {
      escape = try Self.character(text, "escape")
    }
    comment = format.text("comment").map { Array($0.utf8) } ?? []
    names = format.texts("names")
    hasHeader = format.flag("header")
    skippedLines = format.number("skip") ?? 0
    trims = format.flag("trim") ?? false
    fillsRagged = format.text("ragged") == "null"
    infersTypes = format.flag("infer") ?? true
    nullTexts = format.texts("null") ?? (escape == 0x5C ? ["\\N"] : [])
    try check()
  }

  private func check() throws(FormatError) {
    if comment.count > 8 {
      throw FormatError(
        .invalidOption, "'comment' has more than 8 bytes", remedy: "Give its first characters.",
        place: "comment")
    }
    var seen: [UInt8] = []
    if let delimiter { seen.append(delimiter) }
    if case .character(let quote) = quote { seen.append(quote) }
    if let escape { seen.append(escape) }
    if Set(seen).count < seen.count {
      throw FormatError(
        .invalidOption, "delimiter, quote and escape must differ",
        remedy: "Doubled quotes need no 'escape'.", place: "delimiter")
    }
    if let names, names.isEmpty || Set(names.map(foldedName)).count < names.count {
      throw FormatError(
        .invalidOption, "the names of columns must differ, also other than in case",
        remedy: "Give each column a name of its own.", place: "names")
    }
  }

  private static func character(_ text: String, _ option: String) throws(FormatError) -> UInt8 {
    let bytes = Array(text.utf8)
    switch text {
    case "tab", "\\t": return 0x09
    case "space": return 0x20
    default: break
    }
    guard bytes.count == 1, bytes[0] < 0x80, ![0, 0x0A, 0x0D].contains(bytes[0]) else {
      throw FormatError(
        .invalidOption, "'\(option)' must be one ASCII character, not '\(text)'",
        remedy: "Write it in quotes, such as \";\", or 'tab'.", place: option)
    }
    return bytes[0]
  }

  /// A scanner of records of a dialect.
  func scanner(_ dialect: CSVDialect, capacity: Int) -> ScanDelimited {
    ScanDelimited(
      delimiter: dialect.delimiter, quote: dialect.quote, escape: escape, trims: trims,
      comment: comment, capacity: capacity)
  }
}

/// The characters of one file.
struct CSVDialect: Hashable {
  var delimiter: UInt8
  var quote: UInt8?

  var json: JSONValue {
    .object([
      .init(key: "delimiter", value: .string(Self.text(delimiter))),
      .init(key: "quote", value: .string(quote.map(Self.text) ?? "")),
    ])
  }

  init(delimiter: UInt8, quote: UInt8?) {
    self.delimiter = delimiter
    self.quote = quote
  }

  init?(json: JSONValue) {
    guard let delimiter = json["delimiter"]?.string?.utf8.first,
      let quote = json["quote"]?.string
    else { return nil }
    self.init(delimiter: delimiter, quote: quote.utf8.first)
  }

  private static func text(_ byte: UInt8) -> String { String(decoding: [byte], as: UTF8.self) }
}

/// Where delimited records end: a newline in quotes is part of a field.
///
/// Where the delimiter is to be found in each file, quotes open behind any that it may be.
struct CSVFraming: RecordFraming {
  private let scanner: ScanDelimited
  private let delimiters: [UInt8]

  /// nil where each line is a record.
  init?(_ options: CSVOptions) {
    var quote: UInt8?
    switch options.quote {
    case .found: quote = UInt8(ascii: "\"")
    case .none: quote = nil
    case .character(let character): quote = character
    }
    if quote == nil && options.escape == nil { return nil }
    delimiters = options.delimiter.map { [$0] } ?? CSVDetection.delimiters
    scanner = options.scanner(
      CSVDialect(delimiter: delimiters[0], quote: quote), capacity: 0)
  }

  func lastEnd(in bytes: [UInt8], count: Int) -> Int? {
    let end = scanner.lastEnd(in: bytes, count: count, delimiters: delimiters)
    return end > 0 ? end : nil
  }
}
