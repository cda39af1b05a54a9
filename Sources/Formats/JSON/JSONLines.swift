internal import Base
internal import CSimdJSON
public import Records

/// Objects of JSON, one a line.
///
/// Blank lines count as lines and are passed over. Zero bytes at the start of a line (what a
/// writer leaves that goes on at its old place in a truncated file) are passed over too. A line
/// with bytes that are not UTF-8 is a row, with U+FFFD in their place. Integers beyond 64 bits
/// become doubles.
public enum JSONLines: LineFormat {
  public static let name = "json"
  /// Objects over several lines have newlines only where a space may be.
  public static let newlineMask: UInt8? = 0x20
  public static func parsesBlocksApart(_ options: LineOptions) -> Bool { true }

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    let rowOptions = JSONRowOptions(
      flattens: options.flattens, takesLists: options.takesLists, declared: options.declared,
      times: try options.declaredTimes(), reservedNames: options.reservedNames,
      mergesCase: options.mergesCase)
    let builder = try JSONRowsBuilder(options: rowOptions, knownSchema: knownSchema)
    builder.sharedKeys = options.keys
    return try JSONLinesParser(builder)
  }
}

final class JSONLinesParser: LineParser {
  private let builder: JSONRowsBuilder
  private let parser: OpaquePointer
  private var block = LineBlock([])
  private var chunk = JSONChunk(words: [], strings: [])
  private var scratch = JSONScratch()
  /// Those of the block, and room for more: many files have only a few lines.
  private var records = [tidemark_json_record](repeating: .init(), count: 1024)
  private var recordCount = 0
  private var position = 0

  init(_ builder: JSONRowsBuilder) throws(FormatError) {
    guard let parser = tidemark_json_parser_create(UInt32(JSONDocument.depthMax)) else {
      throw .outOfMemory
    }
    self.builder = builder
    self.parser = parser
  }

  deinit { tidemark_json_parser_free(parser) }

  var rowCount: Int { builder.rowCount }
  var byteCount: Int { builder.byteCount }
  func finish() -> Batch { builder.finish() }

  func begin(_ block: LineBlock) throws(FormatError) {
    self.block = block
    position = 0
    recordCount = 0
    // Lets go of the scratch memory, which would be copied otherwise.
    chunk = JSONChunk(words: [], strings: [])
    scratch.reserve(block.count)
    let code = scratch.withMemory { words, strings in
      block.bytes.withUnsafeBufferPointer { bytes in
        let code = tidemark_json_lines_begin(
          parser, bytes.baseAddress, block.count, words.baseAddress, words.count,
          strings.baseAddress, strings.count)
        if code == 0 { readRecords() }
        return code
      }
    }
    guard code == 0 else { throw .outOfMemory }
    chunk = JSONChunk(
      words: scratch.words, strings: scratch.strings(tidemark_json_strings_used(parser)))
  }

  private func readRecords() {
    while true {
      if recordCount == records.count {
        records += [tidemark_json_record](repeating: .init(), count: recordCount)
      }
      let room = records.count - recordCount
      let produced = records.withUnsafeMutableBufferPointer {
        tidemark_json_lines_next(parser, $0.baseAddress.map { $0 + recordCount }, room)
      }
      if produced == 0 { return }
      recordCount += produced
    }
  }

  func step(_ outcome: inout LineOutcome) throws(FormatError) -> Bool {
    let end = min(recordCount, position + builder.stepRows)
    var goesOn: Int32 = 0
    while position < end {
      let firstRow = builder.pendingRows
      var stop = tidemark_json_stop()
      let start = position
      let taken = records.withUnsafeBufferPointer { records in
        chunk.strings.withUnsafeBufferPointer { strings in
          chunk.words.withUnsafeBufferPointer { words in
            tidemark_json_shredder_records(
              builder.shredder, words.baseAddress, strings.baseAddress,
              records.baseAddress.map { $0 + start }, end - start,
              JSONRowsBuilder.elementSlotsMax, goesOn, &builder.pendingRows, &stop)
          }
        }
      }
      position += taken
      for record in records[start..<position] {
        outcome.rowLines.append(block.firstLine + Int(record.line))
        outcome.repairedCount += Int(record.was_repaired)
      }
      rejectUndeclared(firstRow, taken, &outcome)
      guard position < end, stop.reason != TIDEMARK_STOP_FULL else { break }
      let record = records[position]
      var reason: String?
      if stop.reason == TIDEMARK_STOP_NONE {
        reason = self.reason(record)
      } else {
        reason = try builder.resolve(stop, strings: chunk.strings)
      }
      goesOn = reason == nil ? 1 : 0
      if let reason {
        reject(record, reason, &outcome)
        position += 1
      }
    }
    builder.flush(chunk)
    return position < recordCount
  }

  /// Takes back the rows whose values do not fit declared columns.
  private func rejectUndeclared(_ firstRow: UInt32, _ count: Int, _ outcome: inout LineOutcome) {
    guard !builder.declaredNodes.isEmpty else { return }
    let lines = outcome.rowLines.count
    var row = firstRow
    var kept = lines - count
    for index in position - count..<position {
      if let reason = builder.convertDeclared(row: Int(row), chunk) {
        tidemark_json_shredder_drop_row(builder.shredder, row, builder.pendingRows)
        builder.pendingRows -= 1
        outcome.rowLines.remove(at: kept)
        reject(records[index], reason, &outcome)
      } else {
        row += 1
        kept += 1
      }
    }
  }

  private func reject(
    _ record: tidemark_json_record, _ reason: String, _ outcome: inout LineOutcome
  ) {
    outcome.rejects.append(
      LineReject(
        line: block.firstLine + Int(record.line), bytes: line(record), reason: reason))
  }

  private func line(_ record: tidemark_json_record) -> ArraySlice<UInt8> {
    var text = block.bytes[Int(record.byte_start)..<Int(record.byte_end)]
    if text.last == 0x0D { text.removeLast() }
    return text
  }

  /// simdjson says that a line is wrong; the slower parser, why and where.
  private func reason(_ record: tidemark_json_record) -> String {
    let text = Array(line(record).drop { $0 == 0 })
    if Int(record.error) != TIDEMARK_JSON_MORE_THAN_ONE {
      do {
        let value = try JSONValue(parsing: text)
        if value.members == nil { return "expected an object, found \(value.kindName)" }
      } catch {
        return "not JSON: \(error.description)"
      }
    }
    return "not JSON: " + String(cString: tidemark_json_message(record.error))
  }
}

extension JSONValue {
  fileprivate var kindName: String {
    switch self {
    case .null: "null"
    case .boolean: "a boolean"
    case .integer, .double: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
