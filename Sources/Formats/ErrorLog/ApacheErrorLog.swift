public import Records

/// The error log of Apache, as 2.2 and 2.4 write it.
///
///     [Sun Dec 04 04:47:44 2005] [error] [client 192.0.2.1] File does not exist: /x
///     [Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35708:tid 4328636416]
///       (2)No such file or directory: [client 192.0.2.1:48284] AH00128: no /x, referer: http://e/
///
/// Columns: `time` (UTC; the log has no zone, so the stream's counts), `module`, `level`, `pid`,
/// `tid`, `source` (`util.c(123)`), `error` (`(2)No such file or directory`), `client`,
/// `client_port`, `code` (`AH00128`), `message`, `referer`. What a line lacks is null. A line that
/// does not begin with a time belongs to the record before.
public enum ApacheErrorLog: LineFormat {
  public static let name = "apache_error"
  /// Stack traces, and what scripts wrote to their standard error.
  public static let recordStart: String? =
    #"^\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)? \d{4}\] "#
  public static func parsesBlocksApart(_ options: LineOptions) -> Bool { true }

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    try FieldLineParser(ApacheErrorScanner(options), options, knownSchema: knownSchema)
  }
}

final class ApacheErrorScanner: FieldScanner {
  private let time: TimePattern
  private let timeWithFraction: TimePattern

  let columns = [
    FieldColumn.time("time"), FieldColumn("module"), FieldColumn("level"),
    FieldColumn("pid", .int64), FieldColumn("tid", .int64), FieldColumn("source"),
    FieldColumn("error"), FieldColumn("client"), FieldColumn("client_port", .int32),
    FieldColumn("code"), FieldColumn("message"), FieldColumn("referer"),
  ]

  private enum Place {
    static let module = 1
    static let level = 2
    static let pid = 3
    static let tid = 4
    static let source = 5
    static let error = 6
    static let client = 7
    static let port = 8
    static let code = 9
    static let message = 10
    static let referer = 11
  }

  private static let levels: Set<String> = [
    "emerg", "alert", "crit", "error", "warn", "notice", "info", "debug", "trace1", "trace2",
    "trace3", "trace4", "trace5", "trace6", "trace7", "trace8",
  ]

  init(_ options: LineOptions) throws(FormatError) {
    let zone = try options.zoneRules()
    time = try TimePattern("%a %b %d %H:%M:%S %Y", zone: zone)
    timeWithFraction = try TimePattern("%a %b %d %H:%M:%S.%f %Y", zone: zone)
  }

  func scan(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ row: inout FieldRow)
    -> FieldLine
  {
    var line = FieldCursor(bytes, range)
    guard line.skip("["), let micros = scanTime(&line), line.skip("] ") else {
      return .fault(
        "not an Apache error log: expected a time such as [Sun Dec 04 04:47:44 2005] at the start")
    }
    row.set(0, integer: micros)
    guard let hasModule = scanLevel(&line, &row) else {
      return .fault(
        "not an Apache error log: expected a level such as [error] or [core:error] behind the time")
    }
    _ = scanProcess(&line, &row)
    scanParts(&line, hasModule, &row)
    scanMessage(line, &row)
    return .row
  }

  private func scanTime(_ line: inout FieldCursor) -> Int64? {
    let start = line.index
    let range = start..<line.upTo(0x5D).upperBound
    return time.parse(line.bytes, range) ?? timeWithFraction.parse(line.bytes, range)
  }

  /// - Returns: whether a module stands before the level, as 2.4 writes it; nil where there is no
  ///   level.
  private func scanLevel(_ line: inout FieldCursor, _ row: inout FieldRow) -> Bool? {
    guard line.skip("[") else { return nil }
    let word = line.upTo(0x5D)
    guard line.skip("]"), line.isAtEnd || line.skip(" ") else { return nil }
    let colon = line.bytes[word].firstIndex(of: 0x3A)
    let level = (colon.map { $0 + 1 } ?? word.lowerBound)..<word.upperBound
    guard Self.levels.contains(String(decoding: line.bytes[level], as: UTF8.self)) else {
      return nil
    }
    row.set(Place.level, text: level)
    guard let colon else { return false }
    let module = word.lowerBound..<colon
    if !FieldValue.isDash(line.bytes, module) { row.set(Place.module, text: module) }
    return true
  }

  /// `[pid 35708:tid 4328636416] `, or without a thread.
  private func scanProcess(_ line: inout FieldCursor, _ row: inout FieldRow) -> Bool {
    var process = line
    guard process.skip("[pid "), let pid = process.number() else { return false }
    var tid: Int64?
    if process.skip(":tid ") {
      tid = process.number()
      if tid == nil { return false }
    }
    guard process.skip("]"), process.isAtEnd || process.skip(" ") else { return false }
    row.set(Place.pid, integer: pid)
    if let tid { row.set(Place.tid, integer: tid) }
    line = process
    return true
  }

  /// What stands before the message, each once: 2.2 puts the client before the error, 2.4 behind.
  private func scanParts(_ line: inout FieldCursor, _ hasModule: Bool, _ row: inout FieldRow) {
    var isMore = true
    while isMore {
      line.skipSpaces()
      isMore =
        (row.isNull(Place.client) && scanClient(&line, hasModule, &row))
        || (row.isNull(Place.error) && scanError(&line, &row))
        || (row.isNull(Place.source) && hasModule && scanSource(&line, &row))
    }
    var code = line
    if code.skip("AH"), let number = code.number(), number <= 99_999, code.skip(":") {
      row.set(Place.code, text: line.index..<code.index - 1)
      code.skipSpaces()
      line = code
    }
  }

  /// `[client 192.0.2.1] `, with a port in 2.4; also `[remote …]`.
  private func scanClient(_ line: inout FieldCursor, _ hasPort: Bool, _ row: inout FieldRow) -> Bool
  {
    var client = line
    guard client.skip("[client ") || client.skip("[remote ") else { return false }
    let address = client.upTo(0x5D)
    guard !address.isEmpty, client.skip("]") else { return false }
    line = client
    if hasPort, let colon = line.bytes[address].lastIndex(of: 0x3A),
      let port = FieldValue.integer(line.bytes, colon + 1..<address.upperBound),
      (0...65_535).contains(port)
    {
      row.set(Place.client, text: address.lowerBound..<colon)
      row.set(Place.port, integer: port)
    } else {
      row.set(Place.client, text: address)
    }
    return true
  }

  /// `(2)No such file or directory: `, without the colon.
  private func scanError(_ line: inout FieldCursor, _ row: inout FieldRow) -> Bool {
    var error = line
    guard error.skip("("), error.number() != nil, error.skip(")") else { return false }
    while !error.isAtEnd, !error.isAt(": ") {
      // A bracket begins the next part: this was none.
      if error.byte == 0x5B { return false }
      error.index += 1
    }
    guard !error.isAtEnd else { return false }
    row.set(Place.error, text: line.index..<error.index)
    line.index = error.index + 2
    return true
  }

  /// `util.c(123): `.
  private func scanSource(_ line: inout FieldCursor, _ row: inout FieldRow) -> Bool {
    var source = line
    while !source.isAtEnd, source.byte != 0x28, source.byte != 0x20, source.byte != 0x3A {
      source.index += 1
    }
    guard source.index - line.index > 2, line.bytes[source.index - 1] == UInt8(ascii: "c"),
      line.bytes[source.index - 2] == 0x2E, source.skip("("), source.number() != nil,
      source.skip("): ")
    else { return false }
    row.set(Place.source, text: line.index..<source.index - 2)
    line = source
    return true
  }

  /// The message, and the referer behind the last `, referer: `.
  private func scanMessage(_ line: FieldCursor, _ row: inout FieldRow) {
    var place = line.end
    var tail = line
    while place > line.index {
      place -= 1
      guard line.bytes[place] == 0x2C else { continue }
      tail.index = place
      if tail.skip(", referer: ") {
        row.set(Place.referer, text: tail.rest)
        row.set(Place.message, text: line.index..<place)
        return
      }
    }
    row.set(Place.message, text: line.rest)
  }
}
