internal import Base
internal import Kernels
internal import Records

/// A small document of delimited text as a JSON array of objects, one a record, whose values are
/// texts: for what reads documents and not lines.
///
///     id,name\n1,"Ann, B"\n2,\n        [{"id":"1","name":"Ann, B"},{"id":"2","name":null}]
///
/// The reader is the format's own, and so are the options (`CSVText.options`). Two things differ,
/// for there are no rejects: the first record names the columns unless `header` or `names` say
/// otherwise, and one that cannot be read makes the document an error.
public struct CSVDocument: Sendable {
  private let options: CSVOptions

  /// Whether columns are to get types other than string.
  public var infersTypes: Bool { options.infersTypes }

  /// - Throws: `.invalidOption` where characters are none, or clash.
  public init(_ options: FormatOptions = FormatOptions()) throws(FormatError) {
    var options = try CSVOptions(LineOptions(format: options))
    if options.names == nil { options.hasHeader = options.hasHeader ?? true }
    self.options = options
  }

  /// - Parameter isTabbed: whether fields are parted by tabs where the options do not say.
  /// - Throws: `.malformed` where a record cannot be read, with its line; `.nameCollision`,
  ///   `.tooManyColumns`.
  public func json(_ bytes: [UInt8], isTabbed: Bool = false) throws(FormatError) -> [UInt8] {
    var options = options
    options.infersTypes = false
    if isTabbed { options.delimiter = options.delimiter ?? 0x09 }
    let parser = try CSVParser(LineOptions(), options, knownSchema: nil)
    try parser.begin(TextFile())
    try parser.begin(LineBlock(bytes))
    var outcome = LineOutcome()
    var isDone = false
    while !isDone {
      isDone = !(try parser.step(&outcome))
      if let reject = outcome.rejects.first {
        throw problem(reject.reason, place: "line \(reject.line)")
      }
    }
    if outcome.repairedCount > 0 {
      throw FormatError(
        .malformed, "the text is not UTF-8", remedy: "Say what it is encoded in.")
    }
    guard parser.hasNames || options.hasHeader != true else {
      throw problem("it has no record with the columns' names", place: nil)
    }
    return Self.json(parser.finish())
  }

  private func problem(_ message: String, place: String?) -> FormatError {
    FormatError(
      .malformed, "the text is not CSV that can be read: \(message)",
      remedy: "Look at the text there, and name its delimiter and quote where they were not found; "
        + "'ragged: null' fills records that end early.",
      place: place)
  }

  private static func json(_ batch: Batch) -> [UInt8] {
    let keys = batch.schema.names.map { name in
      var key: [UInt8] = []
      JSONTextWriter.appendQuoted(Array(name.utf8), to: &key)
      return key + [UInt8(ascii: ":")]
    }
    var output: [UInt8] = [UInt8(ascii: "[")]
    for row in 0..<batch.rowCount {
      if row > 0 { output.append(UInt8(ascii: ",")) }
      output.append(UInt8(ascii: "{"))
      for (index, column) in batch.columns.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        output.append(contentsOf: keys[index])
        if !column.isNull(row), case .bytes(let texts) = column.values {
          texts.withBytes(row) { JSONTextWriter.appendQuoted($0, to: &output) }
        } else {
          output.append(contentsOf: "null".utf8)
        }
      }
      output.append(UInt8(ascii: "}"))
    }
    output.append(UInt8(ascii: "]"))
    return output
  }
}
