/// What the lines of an unknown log have in common, as a grok pattern: a time, and what stands
/// behind it until the message begins.
///
///     2015-07-29 17:41:41,536 - INFO  [main:QuorumPeerConfig@101] - Reading configuration
///     ^%{TIMESTAMP_ISO8601:time} - %{LOGLEVEL:level} +\[%{DATA:thread}\] - %{GREEDYDATA:message}
///
/// A draft for a person: whether the pattern fits is for the caller to see.
public struct LineShape: Hashable, Sendable {
  /// For the format `grok`.
  public let pattern: String
  /// Patterns of its own, by name.
  public let patterns: [String: String]
  /// Of the lines that begin a record, where others follow it; nil where there are no others.
  public let recordStart: String?

  /// Parts of most lines, in their order, and how they are separated.
  private struct Element: Hashable {
    var part: LinePart
    /// With one space where there are several.
    var separator: String
  }

  /// The most parts before the message.
  private static let partsMax = 6
  private static let linesMax = 500
  /// Of the lines that have a time, so many are to have the parts as well.
  private static let shareMin = 0.9

  /// - Parameter text: the first lines of a log. nil where most have no time at their start.
  public init?(_ text: [UInt8]) {
    guard let scanner = try? LinePartScanner() else { return nil }
    var lineCount = 0
    var shapes: [[Element]] = []
    var spaced: Set<[Element]> = []
    for line in text.split(separator: 0x0A).prefix(Self.linesMax) {
      let line = line.last == 0x0D ? line.dropLast() : line
      guard line.contains(where: { $0 != 0x20 }) else { continue }
      lineCount += 1
      let found = Self.elements(String(decoding: line.prefix(512), as: UTF8.self), scanner)
      guard found.elements.contains(where: { $0.part.isTime }) else { continue }
      shapes.append(found.elements)
      spaced.formUnion(found.spaced)
    }
    guard !shapes.isEmpty, shapes.count * 2 >= lineCount else { return nil }
    var counts: [[Element]: Int] = [:]
    for shape in shapes {
      for count in 1...shape.count { counts[Array(shape.prefix(count)), default: 0] += 1 }
    }
    let enough = Int((Double(shapes.count) * Self.shareMin).rounded(.up))
    let best = counts.filter { $0.value >= enough && $0.key.contains { $0.part.isTime } }
      .max { ($0.key.count, $0.value) < ($1.key.count, $1.value) }?.key
    guard let best else { return nil }
    var writer = GrokWriter(hasOddLevels: scanner.hasMetOddLevel)
    for count in best.indices {
      writer.add(
        best[count].part, best[count].separator,
        isSpaced: spaced.contains(Array(best[...count])))
    }
    pattern = writer.pattern + "%{GREEDYDATA:message}"
    patterns = writer.patterns
    recordStart = shapes.count < lineCount ? writer.recordStart : nil
  }

  /// The parts that a line begins with, and those starts of them behind which several spaces stand.
  private static func elements(_ line: String, _ scanner: LinePartScanner)
    -> (elements: [Element], spaced: [[Element]])
  {
    var elements: [Element] = []
    var spaced: [[Element]] = []
    var rest = Array(line.utf8)[...]
    while elements.count < partsMax {
      let taken = Set(elements.map(\.part.kind))
      guard let found = scanner.next(rest, hasTime: elements.contains { $0.part.isTime }, taken)
      else { break }
      rest = rest.dropFirst(found.byteCount)
      elements.append(Element(part: found.part, separator: found.separator))
      if found.hasSpaces { spaced.append(elements) }
      if found.part == .logger { break }
    }
    return (elements, spaced)
  }
}

/// A part of a line before its message.
enum LinePart: Hashable {
  /// Of `LineStamp.all`; in brackets or not.
  case time(Int, isBracketed: Bool)
  case level(isBracketed: Bool)
  /// Anything in brackets.
  case bracketed
  case number
  /// A name with what it says behind it.
  case logger

  var isTime: Bool {
    if case .time = self { true } else { false }
  }

  /// A line has one time and one level.
  enum Kind: Hashable { case time, level, bracketed, number, logger }

  var kind: Kind {
    switch self {
    case .time: .time
    case .level: .level
    case .bracketed: .bracketed
    case .number: .number
    case .logger: .logger
    }
  }
}

/// How logs write times that stand at the start of a line.
struct LineStamp {
  var pattern: String
  /// As `columns` declares it.
  var type: String

  static let iso = #"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z\b|[+-]\d\d:?\d\d))?"#

  /// The particular before the general.
  static let all = [
    LineStamp(
      pattern: #"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [A-Z]{3,4}\b"#,
      type: "timestamp(%Y-%m-%d %H:%M:%S.%f %Z)"),
    LineStamp(
      pattern: #"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?:UTC|GMT|CES?T|[ECMP][SD]T)\b"#,
      type: "timestamp(%Y-%m-%d %H:%M:%S %Z)"),
    LineStamp(pattern: iso, type: "timestamp(iso8601)"),
    LineStamp(
      pattern: #"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d+"#, type: "timestamp(%Y/%m/%d %H:%M:%S.%f)"),
    LineStamp(pattern: #"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d"#, type: "timestamp(%Y/%m/%d %H:%M:%S)"),
    LineStamp(pattern: #"\d\d/\d\d/\d\d \d\d:\d\d:\d\d"#, type: "timestamp(%y/%m/%d %H:%M:%S)"),
    LineStamp(pattern: #"\d{6} \d{6}"#, type: "timestamp(%y%m%d %H%M%S)"),
    LineStamp(
      pattern: #"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}"#,
      type: "timestamp(%d/%b/%Y:%H:%M:%S %z)"),
    LineStamp(
      pattern: #"\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d\.\d+"#,
      type: "timestamp(%d-%b-%Y %H:%M:%S.%f)"),
    LineStamp(
      pattern: #"\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d"#, type: "timestamp(%d-%b-%Y %H:%M:%S)"),
    LineStamp(
      pattern: #"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}"#,
      type: "timestamp(%a %b %e %H:%M:%S %Y)"),
    LineStamp(
      pattern: #"\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d[.,]\d+"#, type: "timestamp(%d.%m.%Y %H:%M:%S.%f)"),
    LineStamp(
      pattern: #"\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d"#, type: "timestamp(%d.%m.%Y %H:%M:%S)"),
    LineStamp(pattern: #"\d\d-\d\d \d\d:\d\d:\d\d\.\d+"#, type: "timestamp(%m-%d %H:%M:%S.%f)"),
  ]
}

/// Finds the parts that a line begins with.
private final class LinePartScanner {
  struct Found {
    var part: LinePart
    var separator: String
    /// With the separator.
    var byteCount: Int
    var hasSpaces: Bool
  }

  private static let words =
    "TRACE|DEBUG|INFO|INFORMATION|NOTICE|WARN|WARNING|ERR|ERROR|CRIT|CRITICAL|FATAL|SEVERE|ALERT"
    + "|EMERG|EMERGENCY|PANIC|FINE|FINER|FINEST"

  private let stamps: [PatternMatcher]
  private let bracketedStamps: [PatternMatcher]
  private let levels: [(matcher: PatternMatcher, part: LinePart)]
  private let oddLevel: PatternMatcher
  /// Whether a level was met that grok's LOGLEVEL does not have.
  private(set) var hasMetOddLevel = false
  private let bracketed: PatternMatcher
  private let number: PatternMatcher
  private let logger: PatternMatcher

  /// What may stand between parts; group 2.
  private static let separator = #"( *(?:---|[-|:,;])? +)"#
  private static let named = #"( *[-|:] +|: *$)"#

  init() throws(FormatError) {
    func matcher(_ pattern: String) throws(FormatError) -> PatternMatcher {
      try PatternMatcher(try Pattern(pattern, place: "shape"))
    }
    var stamps: [PatternMatcher] = []
    var bracketedStamps: [PatternMatcher] = []
    for stamp in LineStamp.all {
      stamps.append(try matcher("^(\(stamp.pattern))" + Self.separator))
      bracketedStamps.append(try matcher(#"^(\[\#(stamp.pattern)\])"# + Self.separator))
    }
    self.stamps = stamps
    self.bracketedStamps = bracketedStamps
    let separator = Self.separator
    levels = [
      (
        try matcher("^((?i:\(Self.words)))" + separator),
        .level(isBracketed: false)
      ),
      (
        try matcher(#"^(\[(?i:\#(Self.words))\])"# + separator),
        .level(isBracketed: true)
      ),
    ]
    // PostgreSQL's and Android's.
    oddLevel = try matcher("^(LOG|STATEMENT|DETAIL|HINT|CONTEXT|[VDIWEF])" + separator)
    bracketed = try matcher(#"^(\[[^ ].{0,200}?\]|\[ +.{0,200}?\])"# + separator)
    number = try matcher(#"^(\d+)( *(?:---)? +)"#)
    logger = try matcher(#"^([A-Za-z_][\w$.@/-]*)"# + Self.named)
  }

  /// The next part and what separates it from the rest.
  func next(_ rest: ArraySlice<UInt8>, hasTime: Bool, _ taken: Set<LinePart.Kind>) -> Found? {
    if !hasTime {
      for (index, matcher) in stamps.enumerated() {
        if let found = find(.time(index, isBracketed: false), matcher, rest) { return found }
      }
      for (index, matcher) in bracketedStamps.enumerated() {
        if let found = find(.time(index, isBracketed: true), matcher, rest) { return found }
      }
    }
    if !taken.contains(.level) {
      for (matcher, part) in levels {
        if let found = find(part, matcher, rest) { return found }
      }
      // A letter alone is a level only behind a time.
      if hasTime, let found = find(.level(isBracketed: false), oddLevel, rest) {
        hasMetOddLevel = true
        return found
      }
    }
    guard hasTime else { return nil }
    return find(.bracketed, bracketed, rest) ?? find(.number, number, rest)
      ?? find(.logger, logger, rest)
  }

  private func find(_ part: LinePart, _ matcher: PatternMatcher, _ rest: ArraySlice<UInt8>)
    -> Found?
  {
    let text = Array(rest)
    let isMatch = text.withUnsafeBufferPointer { text in
      text.baseAddress.map { matcher.match($0, count: text.count) == .matched } ?? false
    }
    guard isMatch, let whole = matcher.range(0), let between = matcher.range(2) else { return nil }
    let separator = String(decoding: text[between], as: UTF8.self)
    var collapsed = ""
    for character in separator where character != " " || collapsed.last != " " {
      collapsed.append(character)
    }
    return Found(
      part: part, separator: collapsed, byteCount: whole.upperBound,
      hasSpaces: separator.contains("  "))
  }
}

/// Writes parts as grok.
private struct GrokWriter {
  let hasOddLevels: Bool
  private(set) var pattern = "^"
  private(set) var patterns: [String: String] = [:]
  private(set) var recordStart = "^"
  private var hasTime = false
  private var names: Set<String> = []

  init(hasOddLevels: Bool) { self.hasOddLevels = hasOddLevels }

  mutating func add(_ part: LinePart, _ separator: String, isSpaced: Bool) {
    // Levels are padded.
    let isLoose = isSpaced || part.kind == .level
    let between = Self.escaped(separator).replacing(" ", with: isLoose ? " +" : " ")
    let (grok, plain) = written(part, isLoose: isLoose)
    pattern += grok + between
    if !hasTime { recordStart += plain + (part.isTime ? "" : between) }
    if part.isTime { hasTime = true }
  }

  /// As grok, and as a regular expression.
  private mutating func written(_ part: LinePart, isLoose: Bool) -> (grok: String, plain: String) {
    switch part {
    case .time(let index, let isBracketed):
      let stamp = LineStamp.all[index]
      var grok: String
      if stamp.pattern == LineStamp.iso, !isLoose {
        grok = "%{TIMESTAMP_ISO8601:time}"
      } else {
        patterns["STAMP"] = stamp.pattern
        grok = "%{STAMP:time:\(stamp.type)}"
      }
      if isBracketed { grok = #"\[\#(grok)\]"# }
      return (grok, isBracketed ? #"\[\#(stamp.pattern)\]"# : stamp.pattern)
    case .level(let isBracketed):
      let grok = hasOddLevels ? "%{WORD:level}" : "%{LOGLEVEL:level}"
      return isBracketed ? (#"\[\#(grok)\]"#, #"\[\w+\]"#) : (grok, #"\w+"#)
    case .bracketed: return (#"\[%{DATA:\#(name("thread", "context", "tag"))}\]"#, "")
    case .number: return ("%{INT:\(name("pid", "tid", "number")):int}", "")
    case .logger: return (#"(?<\#(name("logger"))>[A-Za-z_][\w$.@/-]*)"#, "")
    }
  }

  /// The first of the names that is free, or the last with a number.
  private mutating func name(_ choices: String...) -> String {
    if let free = choices.first(where: { !names.contains($0) }) {
      names.insert(free)
      return free
    }
    var number = 2
    while !names.insert("\(choices[choices.count - 1])_\(number)").inserted { number += 1 }
    return "\(choices[choices.count - 1])_\(number)"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("|", with: #"\|"#)
  }
}
