public import Records

/// The error log of nginx.
///
///     2026/11/21 10:00:00 [error] 12#34: *56 open() "/x" failed (2: No such file or directory),
///       client: 192.0.2.1, server: example.com, request: "GET /x HTTP/1.1", host: "example.com"
///
/// Columns: `time` (UTC; the log has none, so the stream's zone counts), `level`, `pid`, `tid`,
/// `connection`, `message`; and, out of what nginx puts behind the message, `client`, `server`,
/// `request`, `subrequest`, `upstream`, `host`, `referrer`, `login`. The counts of bytes that the
/// stream module writes at the end come in `extra`, which begins with the first such line. A line
/// that does not begin with a time belongs to the record before.
public enum NginxErrorLog: LineFormat {
  public static let name = "nginx_error"
  /// Stack traces, and what programs behind nginx wrote to their standard error.
  public static let recordStart: String? = #"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \["#
  public static func parsesBlocksApart(_ options: LineOptions) -> Bool { true }

  public static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
  {
    try FieldLineParser(NginxErrorScanner(options), options, knownSchema: knownSchema)
  }
}

final class NginxErrorScanner: FieldScanner {
  private let time: TimePattern

  let columns = [
    FieldColumn.time("time"), FieldColumn("level"), FieldColumn("pid", .int64),
    FieldColumn("tid", .int64), FieldColumn("connection", .int64), FieldColumn("message"),
    FieldColumn("client"), FieldColumn("server"), FieldColumn("request"),
    FieldColumn("subrequest"), FieldColumn("upstream"), FieldColumn("host"),
    FieldColumn("referrer"), FieldColumn("login"), FieldColumn.extra,
  ]

  private static let message = 5
  private static let client = 6
  private static let extra = 14
  private static let levels: Set<String> = [
    "debug", "info", "notice", "warn", "error", "crit", "alert", "emerg",
  ]
  /// What may stand behind the message, with its column.
  private static let keys: [(StaticString, Int)] = [
    (", client: ", client), (", server: ", 7), (", request: ", 8), (", subrequest: ", 9),
    (", upstream: ", 10), (", host: ", 11), (", referrer: ", 12), (", login: ", 13),
  ]
  /// How many places that look like the start of the tail are tried.
  private static let startsMax = 8

  init(_ options: LineOptions) throws(FormatError) {
    time = try TimePattern("%Y/%m/%d %H:%M:%S", zone: options.zoneRules())
  }

  func scan(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ row: inout FieldRow)
    -> FieldLine
  {
    var line = FieldCursor(bytes, range)
    guard let micros = time.scan(bytes, &line.index, line.end, reference: nil), line.skip(" [")
    else {
      return .fault(
        "not an nginx error log: expected a time such as 2026/11/21 10:00:00 and [ at the start")
    }
    row.set(0, integer: micros)
    let level = line.upTo(0x5D)
    guard line.skip("] "), Self.levels.contains(String(decoding: bytes[level], as: UTF8.self))
    else {
      return .fault("not an nginx error log: expected a level such as [error] behind the time")
    }
    row.set(1, text: level)
    guard let pid = line.number(), line.skip("#"), let tid = line.number(), line.skip(":"),
      line.isAtEnd || line.skip(" ")
    else {
      return .fault(
        "not an nginx error log: expected a process and thread such as 12#34: behind the level")
    }
    row.set(2, integer: pid)
    row.set(3, integer: tid)
    var numbered = line
    if numbered.skip("*"), let connection = numbered.number(), numbered.skip(" ") {
      row.set(4, integer: connection)
      line = numbered
    }
    scanText(&line, &row)
    return .row
  }

  /// The message and its tail. Messages hold text that others sent, so the tail begins at the
  /// first `, client: ` from which on all is fields.
  private func scanText(_ line: inout FieldCursor, _ row: inout FieldRow) {
    let whole = line
    var tries = 0
    while tries < Self.startsMax, line.index < line.end {
      if line.isAt(", client: ") {
        var tail = line
        var found: [(column: Int, text: Range<Int>)] = []
        if scanTail(&tail, &found) {
          row.set(Self.message, text: whole.index..<line.index)
          for (column, text) in found { row.set(column, text: text) }
          return
        }
        tries += 1
      }
      line.index += 1
    }
    row.set(Self.message, text: whole.rest)
  }

  /// The fields up to the line's end.
  /// - Returns: false where something else stands there.
  private func scanTail(_ tail: inout FieldCursor, _ found: inout [(column: Int, text: Range<Int>)])
    -> Bool
  {
    while !tail.isAtEnd {
      if tail.isAt(", bytes ") {
        found.append((Self.extra, tail.index + 2..<tail.end))
        return true
      }
      guard let column = Self.keys.first(where: { tail.skip($0.0) })?.1,
        !found.contains(where: { $0.column == column })
      else { return false }
      if tail.byte == 0x22 {
        guard let text = quoted(&tail) else { return false }
        found.append((column, text))
      } else {
        let start = tail.index
        while !tail.isAtEnd, !tail.isAt(", ") {
          // An address or a name has neither.
          if tail.byte == 0x22 { return false }
          tail.index += 1
        }
        found.append((column, start..<tail.index))
      }
    }
    return true
  }

  /// Up to the quote that a field or the line's end follows.
  private func quoted(_ tail: inout FieldCursor) -> Range<Int>? {
    let start = tail.index + 1
    var place = start
    while place < tail.end {
      if tail.bytes[place] == 0x22 {
        tail.index = place + 1
        if tail.isAtEnd || tail.isAt(", bytes ") || Self.keys.contains(where: { tail.isAt($0.0) }) {
          return start..<place
        }
      }
      place += 1
    }
    return nil
  }
}
