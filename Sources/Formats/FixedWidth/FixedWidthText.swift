internal import Base
public import Records

/// Columns at fixed places of a line.
///
///     parse: {fixed: {columns: {name: "1-10", amount: "11-18", rest: "19-"}}}
///
/// Places are characters of UTF-8 (code points) from 1, both ends included; `19-` is all from 19
/// on, `5` one character. Spaces around a value do not count; what is blank, or behind the end of
/// a short line, is null.
public enum FixedWidthText: LineFormat {
  public static let name = "fixed"

  /// Which lines are passed over is counted from the file's start.
  public static func parsesBlocksApart(_ options: LineOptions) -> Bool {
    (options.format.number("skip") ?? 0) == 0
  }

  public static let options: [FormatOption] = [
    FormatOption(
      "columns", .dictionary, isRequired: true,
      "The places of each column, such as name: \"1-10\", from 1, both ends included."),
    FormatOption("skip", .number(0...1_000_000), "Lines to pass over at the start of a file."),
    FormatOption("null", .texts, "Texts that mean null."),
    FormatOption("infer", .flag, "Whether columns get types other than string; true if not said."),
  ]

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    let format = options.format
    let builder = try TextRowsBuilder(
      options, knownSchema: knownSchema, infersTypes: format.flag("infer") ?? true,
      nullTexts: format.texts("null") ?? [])
    let reader = try FixedWidthReader(format.dictionary("columns") ?? [], builder)
    return TextLinesParser(builder, reader, skippedLines: format.number("skip") ?? 0)
  }
}

struct FixedWidthReader: TextLineReader {
  private struct Place {
    let column: Int
    /// Characters from 0; the last is not included, and nil where there is none.
    let start: Int
    let end: Int?
  }

  private let places: [Place]

  private static let characterMax = 1 << 24

  init(_ columns: [(key: String, value: String)], _ builder: TextRowsBuilder) throws(FormatError) {
    var places: [Place] = []
    for column in columns {
      guard let (start, end) = Self.range(column.value) else {
        throw FormatError(
          .invalidOption, "'\(column.value)' is no range of characters",
          remedy: "Write the first and the last from 1, such as \"1-10\", or \"19-\" for the rest.",
          place: column.key)
      }
      let place = try builder.column(named: column.key)
      guard !places.contains(where: { $0.column == place }) else {
        throw FormatError(
          .invalidOption, "two columns have the name '\(column.key)'",
          remedy: "Give each column a name of its own.", place: column.key)
      }
      places.append(Place(column: place, start: start, end: end))
    }
    guard !places.isEmpty else {
      throw FormatError(
        .invalidOption, "'columns' names none",
        remedy: "Write fixed: {columns: {name: \"1-10\", rest: \"11-\"}}.", place: "columns")
    }
    // In the order in which a line is gone through.
    self.places = places.sorted { $0.start < $1.start }
  }

  private static func range(_ text: String) -> (start: Int, end: Int?)? {
    let parts = text.filter { $0 != " " }.split(
      separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = Int(parts[0]), (1...characterMax).contains(first) else { return nil }
    if parts.count == 1 { return (first - 1, first) }
    if parts[1].isEmpty { return (first - 1, nil) }
    guard let last = Int(parts[1]), (first...characterMax).contains(last) else { return nil }
    return (first - 1, last)
  }

  func read(
    _ line: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>, into builder: TextRowsBuilder
  ) throws(FormatError) -> String? {
    let isASCII = bytes[line].allSatisfy { $0 < 0x80 }
    var character = 0
    var index = line.lowerBound
    for place in places {
      if isASCII {
        index = min(line.lowerBound + place.start, line.upperBound)
      } else {
        Self.advance(bytes, &index, line.upperBound, by: place.start - character)
        character = place.start
      }
      var end = line.upperBound
      if let last = place.end {
        end = index
        if isASCII {
          end = min(line.lowerBound + last, line.upperBound)
        } else {
          Self.advance(bytes, &end, line.upperBound, by: last - place.start)
        }
      }
      builder.set(place.column, TextLine.trimmed(bytes, index..<end))
    }
    return nil
  }

  /// Moves over characters, at most to the end.
  private static func advance(
    _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ end: Int, by count: Int
  ) {
    var left = count
    while left > 0, index < end {
      index += 1
      while index < end, bytes[index] & 0xC0 == 0x80 { index += 1 }
      left -= 1
    }
  }
}
