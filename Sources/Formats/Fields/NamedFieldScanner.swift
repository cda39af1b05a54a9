internal import Base
internal import Records

/// What differs between formats whose fields are named by a header.
struct NamedFieldStyle {
  /// For messages.
  var name: String
  /// Between values; nil for spaces, or tabs where a line has one.
  var delimiter: UInt8?
  /// Where no header has come.
  var defaultFields: [String] = []
  /// The names that a line announces; nil where it is an entry.
  var header: (FieldCursor) -> HeaderLine?
  /// What the field of a column becomes.
  var kind: (String) -> FieldKind
  /// `date` and `time` make one column.
  var hasDateAndTime = false
  /// `%20` is a space.
  var decodesURLs = false
  /// Values behind the last field go to `extra`; otherwise such a line is a reject.
  var takesExtra = false

  enum HeaderLine {
    case fields([String])
    /// `#Date: 2026-11-21 10:00:00`.
    case date(Range<Int>)
    case other
  }
}

/// Lines whose fields are named by a header, which may change within a file.
final class NamedFieldScanner: FieldScanner {
  private let style: NamedFieldStyle
  private let zone: TimeZoneRules
  private let firstFields: [String]
  private var names = FieldNames()
  private var extra: Int?
  private var agentColumn: Int?

  private var fields: [String] = []
  private var targets: [Target] = []
  /// Days in microseconds, of the header.
  private var headerDay: Int64?
  private var day: Int64?
  private var clock: Int64?

  private enum Target {
    case field(Int, FieldKind)
    case date, clock
  }

  private static let fieldsMax = 1000

  /// - Parameter fields: of files that have no header, where the config says them.
  init(_ style: NamedFieldStyle, zone: TimeZoneRules, fields: [String] = []) {
    self.style = style
    self.zone = zone
    firstFields = fields.isEmpty ? style.defaultFields : fields
    if style.hasDateAndTime { _ = names.add(FieldColumn.time("time")) }
    if style.takesExtra { extra = names.add(.extra) }
    use(firstFields)
  }

  var columns: [FieldColumn] { names.columns }

  var fileState: JSONValue? {
    var members: [JSONValue.Member] = []
    if fields != firstFields {
      members.append(.init(key: "fields", value: .array(fields.map { .string($0) })))
    }
    if let headerDay { members.append(.init(key: "day", value: .integer(headerDay))) }
    return members.isEmpty ? nil : .object(members)
  }

  func begin(_ file: TextFile) {
    headerDay = file.state?["day"]?.integer
    if let known = file.state?["fields"]?.array {
      use(known.compactMap(\.string))
    } else {
      use(firstFields)
      if file.state == nil, !file.isAtStart { useHead(file.head) }
    }
  }

  /// Takes the headers from a file's start, where reading begins further behind.
  private func useHead(_ head: [UInt8]) {
    head.withUnsafeBufferPointer { head in
      var start = 0
      while start < head.count {
        let end = head[start...].firstIndex(of: 0x0A) ?? head.count
        var last = end
        while last > start, head[last - 1] == 0x0D || head[last - 1] == 0x20 { last -= 1 }
        // A line that the head cuts is none.
        guard end < head.count, let line = style.header(FieldCursor(head, start..<last)) else {
          return
        }
        _ = take(line, head)
        start = end + 1
      }
    }
  }

  private func use(_ fields: [String]) {
    self.fields = fields
    var taken = Set<Int>()
    targets = fields.map { field in
      if style.hasDateAndTime, field == "date" { return .date }
      if style.hasDateAndTime, field == "time" { return .clock }
      let name = FieldNames.plain(field)
      let kind = style.kind(name)
      var place = names.place(name)
      // Not the column of another field, nor one of ours.
      if let known = place, known < reservedCount || !taken.insert(known).inserted { place = nil }
      let column = place ?? names.add(FieldColumn(name, kind.type))
      taken.insert(column)
      if name == "cs_user_agent" { agentColumn = column }
      return .field(column, kind)
    }
  }

  private var reservedCount: Int { (style.hasDateAndTime ? 1 : 0) + (style.takesExtra ? 1 : 0) }

  /// - Returns: why the header cannot be used; nil where it can.
  private func take(_ header: NamedFieldStyle.HeaderLine, _ bytes: UnsafeBufferPointer<UInt8>)
    -> String?
  {
    switch header {
    case .fields(let fields):
      guard (1...Self.fieldsMax).contains(fields.count) else {
        return "expected 1 to \(Self.fieldsMax) names of fields, found \(fields.count)"
      }
      if fields != self.fields { use(fields) }
    case .date(let range):
      let date = range.lowerBound..<min(range.upperBound, range.lowerBound + 10)
      headerDay = ISOTime(bytes, date)?.microseconds
    case .other: break
    }
    return nil
  }

  func scan(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ row: inout FieldRow)
    -> FieldLine
  {
    var line = FieldCursor(bytes, range)
    if let header = style.header(line) {
      return take(header, bytes).map { .fault("no \(style.name): " + $0) } ?? .directive
    }
    guard !targets.isEmpty else {
      return .fault("no \(style.name): expected a header with the fields' names before the entries")
    }
    day = headerDay
    clock = nil
    let delimiter = delimiter(line)
    for (index, target) in targets.enumerated() {
      guard let value = value(&line, delimiter) else {
        return .fault(
          "no \(style.name): expected \(targets.count) values as the header has, found \(index)")
      }
      guard set(target, bytes, value, &row) else {
        let expected =
          if case .field(_, let kind) = target { kind.expected } else { "a date or time" }
        return .fault(
          "no \(style.name): expected \(expected) for \(fields[index]), found "
            + FieldValue.excerpt(bytes, value))
      }
    }
    if style.hasDateAndTime, let day, let clock {
      row.set(0, integer: zone.utcMicroseconds(local: day + clock))
    }
    if line.index < line.end {
      guard let extra else {
        return .fault(
          "no \(style.name): expected \(targets.count) values as the header has, found more")
      }
      row.set(extra, text: line.rest)
    }
    return .row
  }

  private func delimiter(_ line: FieldCursor) -> UInt8 {
    if let delimiter = style.delimiter { return delimiter }
    return line.bytes[line.rest].contains(0x09) ? 0x09 : 0x20
  }

  /// The next value, and moves behind its delimiter; nil at the line's end.
  private func value(_ line: inout FieldCursor, _ delimiter: UInt8) -> Range<Int>? {
    guard line.index < line.end else {
      // A delimiter at the end has an empty value behind it; spaces there are gone.
      guard line.index == line.end, delimiter == 0x09 else { return nil }
      line.index += 1
      return line.end..<line.end
    }
    if line.byte == 0x22 {
      let start = line.index + 1
      var place = start
      while place < line.end {
        if line.bytes[place] == 0x22, place + 1 == line.end || line.bytes[place + 1] == delimiter {
          line.index = place + 2
          return start..<place
        }
        place += 1
      }
    }
    let value = line.upTo(delimiter)
    line.index += 1
    return value
  }

  private func set(
    _ target: Target, _ bytes: UnsafeBufferPointer<UInt8>, _ value: Range<Int>,
    _ row: inout FieldRow
  ) -> Bool {
    switch target {
    case .date:
      if value.isEmpty || FieldValue.isDash(bytes, value) { return true }
      guard let date = ISOTime(bytes, value), date.kind == .date else { return false }
      day = date.microseconds
    case .clock:
      if value.isEmpty || FieldValue.isDash(bytes, value) { return true }
      guard let time = ISOTime.scanClock(bytes, value.lowerBound, value.upperBound),
        time.end == value.upperBound
      else { return false }
      clock = time.microseconds
    case .field(let column, let kind):
      if style.decodesURLs, case .text = kind, bytes[value].contains(0x25) {
        let isAgent = column == agentColumn
        row.set(column) {
          $0.append(contentsOf: PercentEncoding.decoded(bytes[value], spacesShow: isAgent))
        }
        return true
      }
      return row.set(column, kind, bytes, value)
    }
    return true
  }
}
