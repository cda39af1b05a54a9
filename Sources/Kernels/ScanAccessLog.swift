/// Where the fields of one line of an access log lie, as offsets in its block.
///
///     host ident user [day/Mon/year:hh:mm:ss ±hhmm] "request" status bytes "referer" "agent" extra
///
/// A range is empty where the field is `-`.
public struct ScanAccessLine {
  public var host = 0..<0
  public var ident = 0..<0
  public var user = 0..<0
  /// Microseconds since 1970-01-01T00:00:00Z.
  public var time: Int64 = 0
  public var request = 0..<0
  public var method = 0..<0
  public var path = 0..<0
  /// Empty where the request does not split into method, path and protocol.
  public var version = 0..<0
  public var status: Int32?
  public var bytes: Int64?
  public var referer = 0..<0
  public var agent = 0..<0
  /// What stands behind the last known field.
  public var extra = 0..<0

  public init() {}
}

/// The field at which a line stops being one of an access log.
public enum ScanAccessFault: UInt8, Sendable {
  case none, host, ident, user, time, request, status, bytes, referer, agent, end
}

/// Finds the fields of a line.
///
/// A quote ends a field only where a space or the line's end follows it and no backslash is
/// before it, so that stray quotes, which some servers let through, stay in the text.
/// - Parameters:
///   - base: the block; readable for 8 bytes behind the line.
///   - range: the line without its end.
///   - isCombined: whether a referer and an agent follow the bytes.
/// - Complexity: O(n); allocates nothing.
public func scanAccessLine(
  _ base: UnsafePointer<UInt8>, _ range: Range<Int>, isCombined: Bool,
  into line: inout ScanAccessLine
) -> ScanAccessFault {
  let end = range.upperBound
  var index = range.lowerBound
  guard let host = scanWord(base, &index, end) else { return .host }
  line.host = host
  guard let ident = scanWord(base, &index, end) else { return .ident }
  line.ident = ident
  guard let userEnd = scanBracket(base, index, end) else { return .user }
  line.user = scanValue(base, index, userEnd)
  index = userEnd + 2
  guard index + 27 <= end, let time = scanAccessTime(base + index), base[index + 26] == 0x5D else {
    return .time
  }
  line.time = time
  index += 27
  guard let request = scanQuoted(base, &index, end) else { return .request }
  line.request = request
  scanRequest(base, request, into: &line)
  guard let status = scanWord(base, &index, end, mayEnd: false) else { return .status }
  line.status = nil
  if !status.isEmpty {
    guard status.count == 3,
      let value = scanDigits(UnsafeBufferPointer(start: base + status.lowerBound, count: 3), 0, 3)
    else { return .status }
    line.status = Int32(value)
  }
  guard let bytes = scanWord(base, &index, end, mayEnd: true) else { return .bytes }
  line.bytes = nil
  if !bytes.isEmpty {
    guard let value = scanNumber(base, bytes) else { return .bytes }
    line.bytes = value
  }
  line.referer = 0..<0
  line.agent = 0..<0
  line.extra = 0..<0
  if isCombined {
    guard index < end, let referer = scanQuoted(base, &index, end) else { return .referer }
    guard index < end, let agent = scanQuoted(base, &index, end) else { return .agent }
    line.referer = referer
    line.agent = agent
    while index < end, base[index] == 0x20 { index += 1 }
    line.extra = index..<end
  } else {
    while index < end, base[index] == 0x20 { index += 1 }
    if index < end { return .end }
  }
  return .none
}

/// The range, or an empty one where it holds `-`.
@inline(__always)
private func scanValue(_ base: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Range<Int> {
  end == start + 1 && base[start] == 0x2D ? start..<start : start..<end
}

/// The bytes up to the next space, and moves behind it.
@inline(__always)
private func scanWord(
  _ base: UnsafePointer<UInt8>, _ index: inout Int, _ end: Int, mayEnd: Bool = false
) -> Range<Int>? {
  let start = index
  while index < end, base[index] != 0x20 { index += 1 }
  guard index > start, index < end || mayEnd else { return nil }
  let range = scanValue(base, start, index)
  if index < end { index += 1 }
  return range
}

/// Where the space stands before the bracket that opens the time; names of users may have spaces.
@inline(__always)
private func scanBracket(_ base: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int? {
  var index = start
  while index + 1 < end {
    if base[index] == 0x20, base[index + 1] == 0x5B, index > start { return index }
    index += 1
  }
  return nil
}

/// A field in quotes with a space before it, and moves behind it.
@inline(__always)
private func scanQuoted(_ base: UnsafePointer<UInt8>, _ index: inout Int, _ end: Int)
  -> Range<Int>?
{
  while index < end, base[index] == 0x20 { index += 1 }
  guard index < end, base[index] == 0x22 else { return nil }
  index += 1
  let start = index
  while index < end {
    let byte = base[index]
    if byte == 0x5C {
      index += 2
    } else if byte == 0x22, index + 1 == end || base[index + 1] == 0x20 {
      let range = scanValue(base, start, index)
      index += 1
      if index < end { index += 1 }
      return range
    } else {
      index += 1
    }
  }
  return nil
}

/// Splits `GET /path HTTP/1.1`. Paths of faulty clients may have spaces.
@inline(__always)
private func scanRequest(
  _ base: UnsafePointer<UInt8>, _ request: Range<Int>, into line: inout ScanAccessLine
) {
  line.method = 0..<0
  line.path = 0..<0
  line.version = 0..<0
  var first = request.lowerBound
  while first < request.upperBound, base[first] != 0x20 { first += 1 }
  var last = request.upperBound - 1
  while last > first, base[last] != 0x20 { last -= 1 }
  guard first > request.lowerBound, last > first + 1, request.upperBound - last > 5,
    base[last + 1] == 0x48, base[last + 2] == 0x54, base[last + 3] == 0x54,
    base[last + 4] == 0x50, base[last + 5] == 0x2F
  else { return }
  line.method = request.lowerBound..<first
  line.path = first + 1..<last
  line.version = last + 1..<request.upperBound
}

@inline(__always)
private func scanNumber(_ base: UnsafePointer<UInt8>, _ range: Range<Int>) -> Int64? {
  guard range.count <= 18 else { return nil }
  var value: Int64 = 0
  for index in range {
    let digit = base[index] &- 0x30
    if digit > 9 { return nil }
    value = value * 10 + Int64(digit)
  }
  return value
}

/// Microseconds since the epoch of `10/Oct/2000:13:55:36 -0700`, which is 26 bytes.
@inline(__always)
private func scanAccessTime(_ text: UnsafePointer<UInt8>) -> Int64? {
  let bytes = UnsafeBufferPointer(start: text, count: 26)
  guard let day = scanDigits(bytes, 0, 2), let month = scanMonth(text + 3),
    let year = scanDigits(bytes, 7, 4), let hour = scanDigits(bytes, 12, 2),
    let minute = scanDigits(bytes, 15, 2), let second = scanDigits(bytes, 18, 2),
    let zoneHours = scanDigits(bytes, 22, 2), let zoneMinutes = scanDigits(bytes, 24, 2),
    text[2] == 0x2F, text[6] == 0x2F, text[11] == 0x3A, text[14] == 0x3A, text[17] == 0x3A,
    text[20] == 0x20, text[21] == 0x2B || text[21] == 0x2D, hour < 24, minute < 60, second <= 60,
    zoneHours < 24, zoneMinutes < 60, scanIsDay(year: year, month: month, day: day)
  else { return nil }
  let offset = (zoneHours * 60 + zoneMinutes) * 60
  let seconds =
    scanDays(year: year, month: month, day: day) * 86_400
    + hour * 3600 + minute * 60 + second - (text[21] == 0x2D ? -offset : offset)
  return Int64(seconds) * 1_000_000
}

/// The number of a month from the three letters of its English name, in any case.
public func scanMonth(_ text: UnsafePointer<UInt8>) -> Int? {
  switch (UInt32(text[0]) << 16 | UInt32(text[1]) << 8 | UInt32(text[2])) | 0x202020 {
  case 0x6A616E: 1
  case 0x666562: 2
  case 0x6D6172: 3
  case 0x617072: 4
  case 0x6D6179: 5
  case 0x6A756E: 6
  case 0x6A756C: 7
  case 0x617567: 8
  case 0x736570: 9
  case 0x6F6374: 10
  case 0x6E6F76: 11
  case 0x646563: 12
  default: nil
  }
}
