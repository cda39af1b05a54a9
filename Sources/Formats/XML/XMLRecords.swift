internal import Kernels
public import Records

/// Elements of XML as rows: `parse: {xml: {record: entry}}`.
///
///     <?xml version="1.0"?>
///     <log>
///       <entry level="warn"><at>2026-11-21T07:34:00Z</at><host id="3">web1</host></entry>
///     </log>
///
/// Each element of the name is a row, wherever it stands, as `XMLDocument` makes an object of it;
/// what lies around them is passed over. Lines may hold several records, and records span lines. A
/// record that is not well-formed, and text between records, is a reject. An encoding other than
/// UTF-8 is taken from the file's first line, `<?xml version="1.0" encoding="ISO-8859-1"?>`.
public enum XMLRecords: LineFormat {
  public static let name = "xml"
  public static let shortOption: String? = "record"
  public static let needsHead = true
  public static func parsesBlocksApart(_ options: LineOptions) -> Bool { true }

  public static let options = [
    FormatOption(
      "record", .text, isRequired: true,
      "The element that is a record, without its namespace: entry.")
  ]

  public static func framing(_ options: LineOptions) throws(FormatError) -> (any RecordFraming)? {
    XMLRecordFraming(name: try recordName(options))
  }

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    try XMLRecordsParser(name: try recordName(options), options, knownSchema: knownSchema)
  }

  private static func recordName(_ options: LineOptions) throws(FormatError) -> [UInt8] {
    let name = options.format.text("record") ?? ""
    let isName =
      !name.isEmpty && name.utf8.count <= JSONRowOptions.nameBytesMax
      && !name.contains { $0.isWhitespace || "<>/:&\"'=".contains($0) }
    guard isName else {
      throw FormatError(
        .invalidOption,
        name.isEmpty
          ? "the format 'xml' does not say which element is a record"
          : "'\(name)' is no name of an element without its namespace",
        remedy: "Write parse: {xml: {record: entry}}, with the name of the element.",
        place: "record")
    }
    return Array(name.utf8)
  }
}

final class XMLRecordsParser: LineParser {
  private let name: [UInt8]
  private let builder: JSONRowsBuilder
  private let parser: XMLTreeParser
  private var types: TextTypes
  private var encoding: String?
  private var block = LineBlock([])
  private var findings: [XMLRecordScanner.Finding] = []
  private var position = 0

  private struct Record {
    var line: Int
    /// Where it is in the block.
    var source: Range<Int>
    var json: Range<Int>
  }

  /// The line at a place of the block.
  private var line = 1
  private var linePlace = 0

  /// Elements and attributes of one record.
  private static let nodesMax = 100_000
  /// JSON text of records that becomes rows at once.
  private static let chunkBytesMax = 1 << 20

  init(name: [UInt8], _ options: LineOptions, knownSchema: Schema?) throws(FormatError) {
    self.name = name
    parser = try XMLTreeParser()
    types = TextTypes(
      knownSchema: knownSchema, declared: options.declared, zone: try options.zoneRules())
    builder = try JSONRowsBuilder(
      options: JSONRowOptions(
        flattens: options.flattens, declared: options.declared,
        times: try options.declaredTimes(), reservedNames: options.reservedNames,
        mergesCase: options.mergesCase
      ).ofTexts(),
      knownSchema: types.textSchema(knownSchema))
    builder.sharedKeys = options.keys
  }

  var rowCount: Int { builder.rowCount }
  var byteCount: Int { builder.byteCount }
  func finish() -> Batch { types.typed(builder.finish()) }

  func begin(_ file: TextFile) { encoding = Self.encoding(file.head) }

  /// What the first line of a document says of its encoding; nil where it is UTF-8.
  private static func encoding(_ head: [UInt8]) -> String? {
    let start = String(decoding: head.prefix(256), as: UTF8.self)
    guard let prolog = start.firstRange(of: "<?xml"),
      let end = start[prolog.upperBound...].firstRange(of: "?>"),
      let word = start[prolog.upperBound..<end.lowerBound].firstRange(of: "encoding")
    else { return nil }
    let rest = start[word.upperBound..<end.lowerBound].drop { $0 == " " || $0 == "=" }
    guard let quote = rest.first, quote == "\"" || quote == "'" else { return nil }
    let name = String(rest.dropFirst().prefix { $0 != quote })
    return name.isEmpty || name.lowercased() == "utf-8" ? nil : name
  }

  func begin(_ block: LineBlock) {
    self.block = block
    position = 0
    line = block.firstLine
    linePlace = 0
    findings.removeAll(keepingCapacity: true)
    block.bytes.withUnsafeBufferPointer { bytes in
      var scanner = XMLRecordScanner(bytes, count: block.count, name: name)
      while let finding = scanner.next() { findings.append(finding) }
    }
  }

  func step(_ outcome: inout LineOutcome) throws(FormatError) -> Bool {
    var json: [UInt8] = [UInt8(ascii: "[")]
    var records: [Record] = []
    let end = min(findings.count, position + Self.stepRowsMax)
    while position < end, json.count < Self.chunkBytesMax {
      switch findings[position] {
      case .broken(let range, let reason): reject(range, line(at: range), reason, &outcome)
      case .record(let range):
        let line = line(at: range)
        do throws(FormatError) {
          let record = try XMLDocument(
            parsing: block.bytes[range], by: parser, encoding: encoding, nodesMax: Self.nodesMax)
          if !records.isEmpty { json.append(UInt8(ascii: ",")) }
          let start = json.count
          record.appendRecord(to: &json)
          records.append(Record(line: line, source: range, json: start..<json.count))
        } catch {
          if error.kind == .outOfMemory { throw error }
          reject(range, line, error.message, &outcome)
        }
      }
      position += 1
    }
    json.append(UInt8(ascii: "]"))
    try append(json, records, &outcome)
    return position < findings.count
  }

  private func append(
    _ json: [UInt8], _ records: [Record], _ outcome: inout LineOutcome
  ) throws(FormatError) {
    if let document = try? JSONDocument(parsing: json) {
      for (value, record) in zip(document.root.elements, records) {
        try append(value, record, &outcome)
      }
      return
    }
    // One of them is nested too deeply as JSON: the others are rows all the same.
    for record in records {
      do throws(FormatError) {
        let document = try JSONDocument(parsing: Array(json[record.json]))
        try append(document.root, record, &outcome)
      } catch {
        if error.kind != .malformed { throw error }
        reject(record.source, record.line, error.message, &outcome)
      }
    }
  }

  private func append(_ value: JSONCursor, _ record: Record, _ outcome: inout LineOutcome)
    throws(FormatError)
  {
    if let problem = try builder.append(value) {
      reject(record.source, record.line, problem, &outcome)
    } else {
      outcome.rowLines.append(record.line)
    }
  }

  private func reject(
    _ range: Range<Int>, _ line: Int, _ reason: String, _ outcome: inout LineOutcome
  ) {
    outcome.rejects.append(LineReject(line: line, bytes: block.bytes[range], reason: reason))
  }

  /// Findings come in their order, so that each newline is counted once.
  private func line(at range: Range<Int>) -> Int {
    if range.lowerBound > linePlace {
      line += scanNewlineCount(block.bytes, linePlace..<range.lowerBound)
      linePlace = range.lowerBound
    }
    return line
  }
}
