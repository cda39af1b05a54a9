internal import Base
internal import Kernels
internal import Records

/// Delimited records to columns: ordinary records many at once, others one by one.
final class CSVParser: LineParser {
  private let options: CSVOptions
  private let builder: TextRowsBuilder
  private let knownNames: Set<String>
  private var block = LineBlock([])
  private var position = 0
  private var line = 0

  // Of the file at hand.
  private var file = TextFile()
  private var dialect: CSVDialect?
  private var scanner: ScanDelimited
  /// nil until the first record is there.
  private var names: [String]?
  /// Places of the columns by field.
  private var places: [UInt32] = []
  private var hasHeader = false
  private var linesToSkip = 0
  private var scratch: [UInt8] = []
  private let room = ScanDelimited.Room(rows: TextRowsBuilder.chunkRowsMax)

  private static let fieldsMax = TextRowsBuilder.columnsMax + 1

  init(_ options: LineOptions, _ csv: CSVOptions, knownSchema: Schema?) throws(FormatError) {
    self.options = csv
    builder = try TextRowsBuilder(
      options, knownSchema: knownSchema, infersTypes: csv.infersTypes, nullTexts: csv.nullTexts)
    knownNames = Set(((options.tableSchema ?? knownSchema)?.names ?? []).map(foldedName))
    scanner = csv.scanner(CSVDialect(delimiter: 0x2C, quote: nil), capacity: 0)
    linesToSkip = csv.skippedLines
  }

  /// Whether the columns of the file at hand are known.
  var hasNames: Bool { names != nil }
  var rowCount: Int { builder.rowCount }
  var byteCount: Int { builder.byteCount }
  func finish() -> Batch { builder.finish() }

  // MARK: Files

  func begin(_ file: TextFile) throws(FormatError) {
    self.file = file
    builder.reference = file.modified
    dialect = nil
    names = nil
    linesToSkip = file.isAtStart ? options.skippedLines : 0
    if let state = file.state {
      linesToSkip = state["skip"]?.integer.flatMap { Int(exactly: $0) } ?? 0
      if let dialect = CSVDialect(json: state) {
        use(dialect, file.head)
        if let names = state["names"]?.array { try use(names.compactMap(\.string)) }
      }
    } else if !file.head.isEmpty {
      detect(file.head)
      if !file.isAtStart { try readHeader(file.head) }
    }
  }

  var fileState: JSONValue? {
    guard let dialect, case .object(var members) = dialect.json else { return nil }
    if let names {
      members.append(.init(key: "names", value: .array(names.map { .string($0) })))
    }
    if linesToSkip > 0 {
      members.append(.init(key: "skip", value: .integer(Int64(linesToSkip))))
    }
    return .object(members)
  }

  private func detect(_ head: [UInt8]) { use(CSVDetection(head, options).dialect(), head) }

  private func use(_ dialect: CSVDialect, _ head: [UInt8]) {
    self.dialect = dialect
    scanner = options.scanner(dialect, capacity: Self.fieldsMax)
    if let given = options.hasHeader {
      hasHeader = given
    } else if let names = options.names {
      // A header that says the same is none of the data.
      hasHeader = CSVDetection(head, options).hasHeader(
        dialect, knownNames: Set(names.map(foldedName)))
    } else {
      hasHeader = CSVDetection(head, options).hasHeader(dialect, knownNames: knownNames)
    }
  }

  /// Reads the first record of a file whose later ones come.
  private func readHeader(_ head: [UInt8]) throws(FormatError) {
    let text = LineBlock(head.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(head.dropFirst(3)) : head)
    let kept = (block, position, line, linesToSkip)
    (block, position, line, linesToSkip) = (text, 0, 1, options.skippedLines)
    defer { (block, position, line, linesToSkip) = kept }
    try text.bytes.withUnsafeBufferPointer { bytes throws(FormatError) in
      guard let base = bytes.baseAddress else { return }
      while names == nil, position < text.count {
        guard let start = nextRecord(base) else { return }
        let (outcome, place) = scanner.record(base, start..<text.count)
        if case .whole = outcome {
          // One that the head cuts looks whole.
          if place >= text.count, head.count >= TextFile.headBytesMax { return }
          _ = try takeNames(bytes)
          position = place
        } else {
          position = lineEnd(base, start)
        }
      }
    }
  }

  private func use(_ names: [String]) throws(FormatError) {
    var places: [UInt32] = []
    for name in names { places.append(UInt32(try builder.column(named: name))) }
    self.places = places
    self.names = names
  }

  /// Takes the names from the record at hand.
  /// - Returns: whether it is a header, and so no row.
  private func takeNames(_ bytes: UnsafeBufferPointer<UInt8>) throws(FormatError) -> Bool {
    guard scanner.count < Self.fieldsMax else {
      throw FormatError(
        .tooManyColumns, "the first record has \(scanner.count) fields",
        remedy: "A table takes \(TextRowsBuilder.columnsMax) columns at most; look whether "
          + "'delimiter' is the right one.",
        place: file.path)
    }
    if let names = options.names {
      try use(names)
    } else if hasHeader {
      try use(
        CSVHeader.names(
          (0..<scanner.count).map { String(decoding: text(scanner[$0], bytes), as: UTF8.self) }))
    } else {
      try use(CSVHeader.names(count: scanner.count))
    }
    return hasHeader
  }

  // MARK: Blocks

  func begin(_ block: LineBlock) throws(FormatError) {
    builder.begin(block)
    self.block = block
    position = 0
    line = block.firstLine
    if dialect == nil { detect(Array(block.bytes[..<min(block.count, TextFile.headBytesMax)])) }
    if names == nil, file.isAtStart, block.firstLine > 1 { try join() }
  }

  /// Goes on in a file whose first block another parser has: with the header of the file's start.
  private func join() throws(FormatError) {
    try readHeader(file.head)
    guard names == nil else { return }
    throw FormatError(
      .malformed,
      "the header does not end within the first \(TextFile.headBytesMax) bytes, so several threads "
        + "cannot share the file",
      remedy: "Run with '--threads 1'.", place: file.path)
  }

  func step(_ outcome: inout LineOutcome) throws(FormatError) -> Bool {
    let rowEnd = builder.rowCount + Self.stepRowsMax
    let rejectEnd = outcome.rejects.count + Self.stepRowsMax
    try block.bytes.withUnsafeBufferPointer { bytes throws(FormatError) in
      guard let base = bytes.baseAddress else { return }
      while position < block.count, builder.rowCount < rowEnd,
        outcome.rejects.count < rejectEnd
      {
        if names != nil, linesToSkip == 0, builder.takesRows {
          takeRows(base, rowEnd - builder.rowCount, &outcome)
          if position >= block.count { return }
          if builder.rowCount >= rowEnd { return }
        }
        try takeRecord(bytes, base, &outcome)
      }
    }
    return position < block.count
  }

  /// Takes ordinary records, as many as there are.
  private func takeRows(
    _ base: UnsafePointer<UInt8>, _ count: Int, _ outcome: inout LineOutcome
  ) {
    var left = count
    while left > 0 {
      let start = position
      var asked = 0
      let filled = builder.fillRows(left, places: places) { slots, stride, buffer, first, rows in
        asked = rows.count
        let filled = scanner.rows(
          base, &position, end: block.count, places: places, buffer: buffer, room: room,
          first: first, into: slots, stride: stride, rows: rows)
        return (filled, room.texts)
      }
      if builder.convertsRows, filled == 1 {
        builder.endRow(line: line, text: recordText(base, start..<position), &outcome)
        line += 1 + room.newlineCount(0)
      } else {
        builder.endRows(filled)
        for row in 0..<filled {
          outcome.rowLines.append(line)
          line += 1 + room.newlineCount(row)
        }
      }
      left -= filled
      if filled < asked || asked == 0 { return builder.abandonRow() }
    }
  }

  /// Passes over lines that are no records.
  /// - Returns: where the next one begins, or nil at the end.
  private func nextRecord(_ base: UnsafePointer<UInt8>) -> Int? {
    while position < block.count {
      let end = lineEnd(base, position)
      var start = position
      while start < end, base[start] == 0 { start += 1 }
      let text = recordText(base, start..<end)
      let isComment =
        !options.comment.isEmpty
        && UnsafeBufferPointer(start: base + text.lowerBound, count: text.count).starts(
          with: options.comment)
      if linesToSkip == 0, !isComment, !isBlank(base, text) { return start }
      if linesToSkip > 0 { linesToSkip -= 1 }
      position = end
      line += 1
    }
    return nil
  }

  private func isBlank(_ base: UnsafePointer<UInt8>, _ text: Range<Int>) -> Bool {
    if places.count == 1 || dialect?.delimiter == 0x20 { return text.isEmpty }
    return text.allSatisfy { base[$0] == 0x20 }
  }

  private func takeRecord(
    _ bytes: UnsafeBufferPointer<UInt8>, _ base: UnsafePointer<UInt8>,
    _ outcome: inout LineOutcome
  ) throws(FormatError) {
    guard let start = nextRecord(base) else { return }
    let (found, place) = scanner.record(base, start..<block.count)
    guard case .whole = found else {
      let end = lineEnd(base, start)
      // The same whether the block shows more of the text or not.
      reject(
        recordText(base, start..<end),
        "the quote at byte \(place - start) opens a field, and none closes it before a delimiter or "
          + "the end of the record", &outcome)
      position = end
      line += 1
      return
    }
    let record = recordText(base, start..<place)
    let isHeader = names == nil ? try takeNames(bytes) : false
    if !isHeader {
      if let reason = raggedness() {
        reject(record, reason, &outcome)
      } else {
        for index in 0..<min(scanner.count, places.count) {
          set(Int(places[index]), scanner[index], bytes)
        }
        builder.endRow(line: line, text: record, &outcome)
      }
    }
    position = place
    line += scanNewlineCount(block.bytes, record) + 1
  }

  private func reject(_ text: Range<Int>, _ reason: String, _ outcome: inout LineOutcome) {
    outcome.rejects.append(LineReject(line: line, bytes: block.bytes[text], reason: reason))
  }

  /// Why the record has too many or too few fields; nil where it can be a row.
  private func raggedness() -> String? {
    let count = scanner.count
    if count == places.count { return nil }
    if options.fillsRagged {
      if count < places.count { return nil }
      let isRestEmpty =
        count <= scanner.capacity
        && (places.count..<count).allSatisfy { scanner[$0].range.isEmpty }
      if isRestEmpty { return nil }
    }
    return "expected \(places.count) fields, found \(count)"
  }

  private func set(
    _ column: Int, _ field: ScanDelimited.Field, _ bytes: UnsafeBufferPointer<UInt8>
  ) {
    if !field.hasEscapes {
      builder.set(column, field.range, isLiteral: field.isQuoted)
    } else if field.isQuoted || !builder.isNull(bytes[field.range]) {
      builder.set(column, text: text(field, bytes), isLiteral: true)
    }
  }

  /// What the field means: without escapes and doubled quotes.
  private func text(_ field: ScanDelimited.Field, _ bytes: UnsafeBufferPointer<UInt8>)
    -> ArraySlice<UInt8>
  {
    // Out of the object, whose properties cost a check at each use.
    var output = scratch
    scratch = []
    output.removeAll(keepingCapacity: true)
    let escape = options.escape
    let quote = field.isQuoted ? dialect?.quote : nil
    var index = field.range.lowerBound
    let end = field.range.upperBound
    var plainStart = index
    while index < end {
      let byte = bytes[index]
      index += 1
      guard byte == escape || byte == quote, index < end else { continue }
      if byte == escape {
        output.append(contentsOf: bytes[plainStart..<index - 1])
        output.append(Self.escaped(bytes[index]))
      } else {
        output.append(contentsOf: bytes[plainStart..<index])
        if bytes[index] != byte { index -= 1 }
      }
      index += 1
      plainStart = index
    }
    output.append(contentsOf: bytes[plainStart..<end])
    scratch = output
    return output[...]
  }

  private static func escaped(_ byte: UInt8) -> UInt8 {
    switch byte {
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "0"): 0x00
    default: byte
    }
  }

  /// Behind the newline of the line at a place.
  private func lineEnd(_ base: UnsafePointer<UInt8>, _ start: Int) -> Int {
    scanNewline(base, start..<block.count).map { $0 + 1 } ?? block.count
  }

  /// Without the newline at the end.
  private func recordText(_ base: UnsafePointer<UInt8>, _ range: Range<Int>) -> Range<Int> {
    var end = range.upperBound
    if end > range.lowerBound, base[end - 1] == 0x0A { end -= 1 }
    if end > range.lowerBound, base[end - 1] == 0x0D { end -= 1 }
    return range.lowerBound..<end
  }
}
