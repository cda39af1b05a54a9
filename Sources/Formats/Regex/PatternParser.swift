internal import Kernels
internal import Records

/// Records to columns by patterns: texts are views into the block that they came in. Of several
/// patterns the first that matches counts.
final class PatternParser: LineParser {
  private struct Reading {
    let matcher: PatternMatcher
    /// Columns that one group fills, and those that one of several does.
    var single: [(group: Int, place: Int)] = []
    var several: [(groups: [Int], place: Int)] = []
  }

  private let builder: TextRowsBuilder
  private let refusal: PatternRefusal
  private var readings: [Reading] = []
  private var outcomes: [PatternMatcher.Outcome] = []
  private var block = LineBlock([])
  private var blockIsText = true
  private var position = 0
  private var line = 0
  /// The next end among those of the block's records.
  private var record = 0

  /// - Parameter types: of columns, by name; those that the config declares go before them.
  init(
    _ sources: [PatternSource], types: [String: PatternSource.ColumnType] = [:],
    _ options: LineOptions, knownSchema: Schema?
  ) throws(FormatError) {
    let declared = Set(options.declared.map { foldedName($0.name) })
    var types = types.filter { !declared.contains(foldedName($0.key)) }
    builder = try TextRowsBuilder(options, knownSchema: knownSchema)
    refusal = PatternRefusal(sources)
    for source in sources {
      var reading = Reading(matcher: try PatternMatcher(source.pattern))
      for column in source.columns {
        let place: Int
        if let given = types.removeValue(forKey: column.name) {
          place = try builder.column(named: column.name, type: given.type, time: given.time)
        } else {
          place = try builder.column(named: column.name)
        }
        if column.groups.count == 1 {
          reading.single.append((column.groups[0], place))
        } else {
          reading.several.append((column.groups, place))
        }
      }
      readings.append(reading)
    }
  }

  func begin(_ file: TextFile) throws(FormatError) { builder.reference = file.modified }

  var rowCount: Int { builder.rowCount }
  var byteCount: Int { builder.byteCount }
  func finish() -> Batch { builder.finish() }

  func begin(_ block: LineBlock) throws(FormatError) {
    self.block = block
    position = 0
    record = 0
    line = block.firstLine
    blockIsText = TextValidation.isUTF8(block.bytes.span, 0..<block.count)
    builder.begin(block)
  }

  func step(_ outcome: inout LineOutcome) throws(FormatError) -> Bool {
    block.bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      for _ in 0..<Self.stepRowsMax where position < block.count {
        let end = recordEnd(base)
        let range = trimmed(base, position..<end)
        if !range.isEmpty { read(base, range, &outcome) }
        position = end
        line += 1
      }
    }
    return position < block.count
  }

  private func recordEnd(_ base: UnsafePointer<UInt8>) -> Int {
    guard let ends = block.recordEnds else {
      return scanNewline(base, position..<block.count).map { $0 + 1 } ?? block.count
    }
    defer { record += 1 }
    return record < ends.count ? ends[record] : block.count
  }

  /// The record without the line end behind it, and without zeros at its start, which a writer
  /// leaves that goes on at its old place in a truncated file.
  private func trimmed(_ base: UnsafePointer<UInt8>, _ record: Range<Int>) -> Range<Int> {
    var (start, end) = (record.lowerBound, record.upperBound)
    while end > start, base[end - 1] == 0x0A || base[end - 1] == 0x0D { end -= 1 }
    while start < end, base[start] == 0 { start += 1 }
    return start..<end
  }

  private func read(
    _ base: UnsafePointer<UInt8>, _ range: Range<Int>, _ outcome: inout LineOutcome
  ) {
    if !blockIsText, !TextValidation.isUTF8(block.bytes.span, range) {
      return readRepaired(range, &outcome)
    }
    guard let reading = match(base + range.lowerBound, count: range.count) else {
      return refuse(range, &outcome)
    }
    let matcher = reading.matcher
    for (group, place) in reading.single {
      if let found = matcher.range(group) { builder.set(place, moved(found, range.lowerBound)) }
    }
    for (groups, place) in reading.several {
      if let found = matcher.range(anyOf: groups) {
        builder.set(place, moved(found, range.lowerBound))
      }
    }
    builder.endRow(line: line, text: range, &outcome)
  }

  private func moved(_ range: Range<Int>, _ start: Int) -> Range<Int> {
    start + range.lowerBound..<start + range.upperBound
  }

  /// The first pattern that matches; nil, and what became of each, where there is none.
  private func match(_ text: UnsafePointer<UInt8>, count: Int) -> Reading? {
    outcomes.removeAll(keepingCapacity: true)
    for reading in readings {
      let outcome = reading.matcher.match(text, count: count)
      if outcome == .matched { return reading }
      outcomes.append(outcome)
    }
    return nil
  }

  /// Reads a record whose bytes are not UTF-8, with U+FFFD in their place.
  private func readRepaired(_ range: Range<Int>, _ outcome: inout LineOutcome) {
    let text = Array(String(decoding: block.bytes[range], as: UTF8.self).utf8)
    let reading = text.withUnsafeBufferPointer { text in
      text.baseAddress.flatMap { match($0, count: text.count) }
    }
    guard let reading else { return refuse(range, &outcome) }
    for (group, place) in reading.single {
      if let found = reading.matcher.range(group) { builder.set(place, text: text[found]) }
    }
    for (groups, place) in reading.several {
      if let found = reading.matcher.range(anyOf: groups) { builder.set(place, text: text[found]) }
    }
    if let reason = builder.endRow() {
      outcome.rejects.append(LineReject(line: line, bytes: block.bytes[range], reason: reason))
    } else {
      outcome.rowLines.append(line)
      outcome.repairedCount += 1
    }
  }

  private func refuse(_ range: Range<Int>, _ outcome: inout LineOutcome) {
    let text = block.bytes[range]
    outcome.rejects.append(
      LineReject(line: line, bytes: text, reason: refusal.reason(outcomes, text)))
  }
}
