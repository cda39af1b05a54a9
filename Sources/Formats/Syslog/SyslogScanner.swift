internal import Base
internal import Kernels
internal import Records

/// Finds the fields of syslog lines.
final class SyslogScanner: FieldScanner {
  private let old: TimePattern
  private let zone: TimeZoneRules
  private var years: StampYears
  private var data = StructuredData()

  let columns = [
    FieldColumn.time("time"), FieldColumn("host"), FieldColumn("app"), FieldColumn("pid"),
    FieldColumn("priority", .int32), FieldColumn("facility"), FieldColumn("severity"),
    FieldColumn("msgid"), FieldColumn("structured_data", .json), FieldColumn("message"),
  ]

  /// Places of the columns.
  private enum Place {
    static let time = 0
    static let host = 1
    static let app = 2
    static let pid = 3
    static let priority = 4
    static let facility = 5
    static let severity = 6
    static let msgid = 7
    static let data = 8
    static let message = 9
  }

  init(_ options: LineOptions) throws(FormatError) {
    zone = try options.zoneRules()
    old = try TimePattern("rfc3164", zone: zone)
    years = StampYears(firstYear: options.format.number("year"), zone: zone)
  }

  func begin(_ file: TextFile) { years.begin(file) }

  var fileState: JSONValue? { years.state }

  func scan(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ row: inout FieldRow)
    -> FieldLine
  {
    var line = FieldCursor(bytes, range)
    var hasPriority = false
    var place = "at the start"
    _ = line.skip("\u{FEFF}")
    skipCount(&line)
    if line.byte == 0x3C {
      guard scanPriority(&line, &row) else {
        return .fault("not syslog: expected a priority from 0 to 191 between < and > at the start")
      }
      hasPriority = true
      place = "behind the priority"
      skipSequence(&line, &row)
    }
    if line.byte &- 0x30 <= 9, !(line.byte(4) == 0x20 && TimeScan.isLetter(line.byte(5))) {
      if let version = isVersioned(line) {
        line.index += version
        return scanNew(&line, &row)
      }
      // Without a priority, times with a space in them are those of other logs.
      if hasPriority || line.byte(10) != 0x20,
        let time = ISOTime.scan(bytes, &line.index, line.end), time.kind != .date,
        line.skip(0x20) || line.isAtEnd
      {
        row.set(Place.time, integer: time.utcMicroseconds(in: zone))
        scanContent(&line, &row)
        return .row
      }
      return .fault(Self.noTime(place))
    }
    return scanOld(&line, &row, place)
  }

  private static func noTime(_ place: String) -> String {
    "not syslog: expected a time such as Oct 11 22:14:15 or 2026-10-11T22:14:15Z \(place)"
  }

  /// `83 <34>1 …`: how many bytes follow, as sent over TCP.
  private func skipCount(_ line: inout FieldCursor) {
    var ahead = line
    if ahead.number() != nil, ahead.skip(0x20), ahead.byte == 0x3C { line = ahead }
  }

  /// `<189>123: `, `<189>45: router1: `: a number that routers count, and their name, before the time.
  private func skipSequence(_ line: inout FieldCursor, _ row: inout FieldRow) {
    var ahead = line
    guard ahead.number() != nil, ahead.skip(": ") else { return }
    line = ahead
    var time = ahead.index
    let reference = Instant(microseconds: 0)
    let word = ahead.word()
    guard old.scan(line.bytes, &time, line.end, reference: reference) == nil, word.count > 1,
      line.bytes[word.upperBound - 1] == 0x3A
    else { return }
    row.set(Place.host, text: word.lowerBound..<word.upperBound - 1)
    line = ahead
  }

  /// `<34>`, and what it says.
  private func scanPriority(_ line: inout FieldCursor, _ row: inout FieldRow) -> Bool {
    line.index += 1
    let start = line.index
    guard let priority = line.number(), priority <= 191, line.index - start <= 3, line.skip(0x3E)
    else { return false }
    row.set(Place.priority, integer: priority)
    row.set(Place.facility) { $0.append(contentsOf: SyslogPriority.facilities[Int(priority >> 3)]) }
    row.set(Place.severity) { $0.append(contentsOf: SyslogPriority.severities[Int(priority & 7)]) }
    return true
  }

  /// The bytes of a version and the space behind it, where one stands before a time.
  private func isVersioned(_ line: FieldCursor) -> Int? {
    var count = 1
    while count < 3, line.byte(count) &- 0x30 <= 9 { count += 1 }
    guard line.byte(count) == 0x20 else { return nil }
    // A year, or nothing, stands there; `1 message` has no time.
    let isNil = line.byte(count + 1) == 0x2D && line.byte(count + 2) == 0x20
    return isNil || line.byte(count + 5) == 0x2D ? count + 1 : nil
  }

  // MARK: RFC 3164

  private func scanOld(_ line: inout FieldCursor, _ row: inout FieldRow, _ place: String)
    -> FieldLine
  {
    let start = line.index
    guard
      var time = old.scan(line.bytes, &line.index, line.end, reference: years.reference),
      scanDeviceZone(&line, &time) || line.isAtEnd || line.skip(0x20) || line.skip(": ")
    else {
      if years.reference == nil, hasNoYear(line, start) {
        return .fault(
          "not syslog: the time has no year and the file no modification time; set the option "
            + "'year'")
      }
      return .fault(Self.noTime(place))
    }
    years.note(time)
    row.set(Place.time, integer: time)
    scanContent(&line, &row)
    return .row
  }

  /// ` UTC: `, as routers write behind their time, before a mnemonic such as `%LINK-3-UPDOWN`.
  private func scanDeviceZone(_ line: inout FieldCursor, _ time: inout Int64) -> Bool {
    var ahead = line
    guard ahead.skip(0x20),
      let offset = ZoneAbbreviations.scan(ahead.bytes, &ahead.index, ahead.end).first,
      ahead.skip(": "), ahead.byte == 0x25
    else { return false }
    let taken = zone.offsetSeconds(atUTC: time.floorDivided(by: 1_000_000))
    let (moved, overflow) = time.addingReportingOverflow(Int64(taken - offset) * 1_000_000)
    if overflow { return false }
    time = moved
    line = ahead
    return true
  }

  /// Whether the time would be one in some year.
  private func hasNoYear(_ line: FieldCursor, _ start: Int) -> Bool {
    var index = start
    let someYear = Instant(microseconds: 1_700_000_000_000_000)
    return old.scan(line.bytes, &index, line.end, reference: someYear) != nil
  }

  /// `host app[pid]: message`, where all but the message may be missing.
  private func scanContent(_ line: inout FieldCursor, _ row: inout FieldRow) {
    let first = line
    if scanTag(&line, &row) { return scanMessage(&line, &row) }
    line = first
    if row.isNull(Place.host) { scanHost(&line, &row) }
    // A firewall's mark between its name and the mnemonic.
    if line.isAt(": %") { line.index += 2 }
    let content = line
    if !scanTag(&line, &row) { line = content }
    scanMessage(&line, &row)
  }

  private func scanHost(_ line: inout FieldCursor, _ row: inout FieldRow) {
    let host = line.word()
    if !FieldValue.isDash(line.bytes, host) { row.set(Place.host, text: host) }
  }

  /// `app: `, `app[pid]: ` or `app[pid] `; nothing is set where it is none of them.
  private func scanTag(_ line: inout FieldCursor, _ row: inout FieldRow) -> Bool {
    let start = line.index
    var index = start
    while index < line.end {
      let byte = line.bytes[index]
      if byte == 0x20 { return false }
      if byte == 0x5B, let end = bracketEnd(line, index), index > start {
        row.set(Place.app, text: start..<index)
        row.set(Place.pid, text: index + 1..<end)
        line.index = end + 1
        _ = line.skip(0x3A)
        return true
      }
      // Not the colons of an address such as fe80::1 or ::.
      if byte == 0x3A, index + 1 == line.end || line.bytes[index + 1] == 0x20, index > start,
        line.bytes[index - 1] != 0x3A
      {
        row.set(Place.app, text: start..<index)
        line.index = index + 1
        return true
      }
      index += 1
    }
    return false
  }

  /// Where the bracket closes behind a process's number or name, with `:`, a space or the end
  /// behind it.
  private func bracketEnd(_ line: FieldCursor, _ open: Int) -> Int? {
    var index = open + 1
    while index < line.end, index - open <= 64 {
      switch line.bytes[index] {
      case 0x5D:
        let next = index + 1 < line.end ? line.bytes[index + 1] : 0x20
        return index > open + 1 && (next == 0x3A || next == 0x20) ? index : nil
      case 0x20, 0x5B: return nil
      default: index += 1
      }
    }
    return nil
  }

  private func scanMessage(_ line: inout FieldCursor, _ row: inout FieldRow) {
    line.skipSpaces()
    _ = line.skip("\u{FEFF}")
    row.set(Place.message, text: line.rest)
  }

  // MARK: RFC 5424

  private func scanNew(_ line: inout FieldCursor, _ row: inout FieldRow) -> FieldLine {
    if !line.skip("- ") {
      guard let time = ISOTime.scan(line.bytes, &line.index, line.end), time.kind != .date,
        line.skip(0x20)
      else {
        return .fault(
          "not syslog: expected a time such as 2026-10-11T22:14:15Z, or -, behind the version")
      }
      row.set(Place.time, integer: time.utcMicroseconds(in: zone))
    }
    for (column, name) in Self.headers {
      let word = line.upTo(0x20)
      guard !word.isEmpty, line.skip(0x20) else {
        return .fault("not syslog: expected \(name), or -, and a space in the header")
      }
      if !FieldValue.isDash(line.bytes, word) { row.set(column, text: word) }
    }
    if line.skip("-") {
      guard line.isAtEnd || line.byte == 0x20 else { return .fault(Self.noData) }
    } else {
      guard data.scan(&line, Place.data, &row) else { return .fault(Self.noData) }
    }
    scanMessage(&line, &row)
    return .row
  }

  private static let headers = [
    (Place.host, "a host"), (Place.app, "an app"), (Place.pid, "a process"),
    (Place.msgid, "a message's type"),
  ]
  private static let noData =
    "not syslog: expected -, or structured data such as [id name=\"value\"], behind the msgid"
}
