internal import Kernels

/// One directive of a pattern, or what stands between two.
enum TimeStep: Hashable, Sendable {
  case literal(UInt8)
  /// One or more spaces.
  case space
  /// A point or comma before a fraction.
  case fractionMark
  case year, yearOfCentury, month, monthName, weekday, day, dayOfYear
  case hour, hourOfHalf, half, minute, second, fraction
  case offset, abbreviation, epoch

  private static let patternBytesMax = 256

  /// `%d/%b/%Y:%H:%M:%S %z`.
  static let common: [TimeStep] = [
    .day, .literal(0x2F), .monthName, .literal(0x2F), .year, .literal(0x3A), .hour, .literal(0x3A),
    .minute, .literal(0x3A), .second, .space, .offset,
  ]

  static func steps(_ pattern: String) throws(FormatError) -> [TimeStep] {
    guard pattern.utf8.count <= patternBytesMax else {
      throw invalid(pattern, "has more than \(patternBytesMax) bytes")
    }
    var steps: [TimeStep] = []
    var bytes = Array(pattern.utf8)[...]
    while let byte = bytes.popFirst() {
      if byte == 0x20 || byte == 0x09 {
        if steps.last != .space { steps.append(.space) }
        continue
      }
      guard byte == UInt8(ascii: "%") else {
        steps.append(.literal(byte))
        continue
      }
      let rest = bytes
      guard let directive = directive(&bytes) else { throw invalid(pattern, "ends in a %") }
      guard let added = added(by: directive) else {
        let name = String(decoding: rest.prefix(rest.count - bytes.count), as: UTF8.self)
        throw invalid(pattern, "has a directive that is not known, %\(name)")
      }
      if added == [.fraction], steps.last == .literal(0x2E) || steps.last == .literal(0x2C) {
        steps[steps.count - 1] = .fractionMark
      }
      steps += added
    }
    try check(Set(steps), pattern)
    return steps
  }

  /// The letter of a directive, without what other programs write before it and scanning needs not
  /// know: `%-d`, `%3N`, `%:z`. `%.3f` has a point of its own.
  private static func directive(_ bytes: inout ArraySlice<UInt8>) -> UInt8? {
    if bytes.first == UInt8(ascii: "."),
      bytes.dropFirst().first(where: { $0 &- 0x30 > 9 }) == UInt8(ascii: "f")
    {
      while bytes.first != UInt8(ascii: "f") { bytes.removeFirst() }
      bytes.removeFirst()
      return pointAndFraction
    }
    while let byte = bytes.first, "-_^#:0123456789".utf8.contains(byte), bytes.count > 1 {
      bytes.removeFirst()
    }
    return bytes.popFirst()
  }

  private static let pointAndFraction: UInt8 = 0

  private static func added(by directive: UInt8) -> [TimeStep]? {
    let colon = TimeStep.literal(0x3A)
    switch directive {
    case UInt8(ascii: "Y"): return [.year]
    case UInt8(ascii: "y"): return [.yearOfCentury]
    case UInt8(ascii: "m"): return [.month]
    case UInt8(ascii: "d"), UInt8(ascii: "e"): return [.day]
    case UInt8(ascii: "b"), UInt8(ascii: "B"), UInt8(ascii: "h"): return [.monthName]
    case UInt8(ascii: "a"), UInt8(ascii: "A"): return [.weekday]
    case UInt8(ascii: "j"): return [.dayOfYear]
    case UInt8(ascii: "H"), UInt8(ascii: "k"): return [.hour]
    case UInt8(ascii: "I"), UInt8(ascii: "l"): return [.hourOfHalf]
    case UInt8(ascii: "p"), UInt8(ascii: "P"): return [.half]
    case UInt8(ascii: "M"): return [.minute]
    case UInt8(ascii: "S"): return [.second]
    case UInt8(ascii: "f"), UInt8(ascii: "N"), UInt8(ascii: "L"): return [.fraction]
    case pointAndFraction: return [.fractionMark, .fraction]
    case UInt8(ascii: "z"): return [.offset]
    case UInt8(ascii: "Z"): return [.abbreviation]
    case UInt8(ascii: "s"): return [.epoch]
    case UInt8(ascii: "T"), UInt8(ascii: "X"): return [.hour, colon, .minute, colon, .second]
    case UInt8(ascii: "r"): return [.hourOfHalf, colon, .minute, colon, .second, .space, .half]
    case UInt8(ascii: "c"):
      return [
        .weekday, .space, .monthName, .space, .day, .space, .hour, colon, .minute, colon, .second,
        .space, .year,
      ]
    case UInt8(ascii: "R"): return [.hour, colon, .minute]
    case UInt8(ascii: "F"): return [.year, .literal(0x2D), .month, .literal(0x2D), .day]
    case UInt8(ascii: "D"): return [.month, .literal(0x2F), .day, .literal(0x2F), .yearOfCentury]
    case UInt8(ascii: "n"), UInt8(ascii: "t"): return [.space]
    case UInt8(ascii: "%"): return [.literal(0x25)]
    default: return nil
    }
  }

  private static func check(_ steps: Set<TimeStep>, _ pattern: String) throws(FormatError) {
    if steps.contains(.epoch) { return }
    let hasMonth = !steps.isDisjoint(with: [.month, .monthName])
    guard steps.contains(.dayOfYear) || (hasMonth && steps.contains(.day)) else {
      throw invalid(pattern, "has no date: it needs a month and a day, %j or %s")
    }
    guard steps.contains(.hourOfHalf) == steps.contains(.half) else {
      throw invalid(pattern, "needs both %I and %p, or neither")
    }
  }

  private static func invalid(_ pattern: String, _ what: String) -> FormatError {
    FormatError(
      .invalidOption, "the time pattern '\(pattern.prefix(100))' \(what)",
      remedy: (pattern.contains("%") ? "" : "Write it with the directives of strftime. ")
        + "Use %Y %y %m %d %e %b %B %a %A %H %I %p %M %S %f %z %Z %s %j %T %D %F %R %%, or one "
        + "of the words iso8601, epoch, epoch_ms, epoch_us, epoch_ns, rfc3164, rfc5424, common.",
      place: "time pattern")
  }

  /// The number that digits make, as many as there are within the range, and moves behind them.
  @inline(__always)
  static func number(
    _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ end: Int, digits: ClosedRange<Int>
  ) -> Int? {
    var value = 0
    var count = 0
    while index < end, count < digits.upperBound, bytes[index] &- 0x30 <= 9 {
      let (tens, isOver) = value.multipliedReportingOverflow(by: 10)
      let (sum, isAbove) = tens.addingReportingOverflow(Int(bytes[index] &- 0x30))
      if isOver || isAbove { return nil }
      value = sum
      index += 1
      count += 1
    }
    return count < digits.lowerBound ? nil : value
  }
}
