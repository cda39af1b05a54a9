public import Base
public import Records

/// A format of text whose records are lines, or span some. One folder each; `LineFormats` knows
/// them all.
public protocol LineFormat: Sendable {
  /// The word after `parse:` in the config.
  static var name: String { get }

  /// What may stand below the name: `parse: {csv: {delimiter: ";"}}`.
  static var options: [FormatOption] { get }

  /// The option that a bare text stands for: `parse: {regex: "(?<name>…)"}`.
  static var shortOption: String? { get }

  /// Whether parsers ask for `TextFile.head`.
  static var needsHead: Bool { get }

  /// What stands for the newlines within a record of several lines (`LineOptions.multiline`),
  /// which parsers are given as one line. nil where they look at `LineBlock.recordEnds` and take
  /// newlines as they are.
  static var newlineMask: UInt8? { get }

  /// A pattern of the lines that begin a record, where the config says nothing (`multiline`) and
  /// records of several lines are common; nil where each line is one.
  static var recordStart: String? { get }

  /// Whether what a block means depends on no other block of its file, so that several parsers,
  /// each begun with the file, may share its blocks out. A parser that joins a file sees by
  /// `LineBlock.firstLine` whether the block is the file's first.
  static func parsesBlocksApart(_ options: LineOptions) -> Bool

  /// Whether a parser has a `fileState`, which then any parser of the file can say: by default,
  /// where one parser alone reads it.
  static func keepsFileState(_ options: LineOptions) -> Bool

  /// Where records end; nil where each line is one.
  /// - Throws: `.invalidOption` as `parser` does.
  static func framing(_ options: LineOptions) throws(FormatError) -> (any RecordFraming)?

  /// A parser that goes on from the table's columns so far.
  static func parser(_ options: LineOptions, knownSchema: Schema?) throws(FormatError)
    -> any LineParser
}

extension LineFormat {
  public static var options: [FormatOption] { [] }
  public static var shortOption: String? { nil }
  public static var needsHead: Bool { false }
  public static var newlineMask: UInt8? { MultilineParser.verticalTab }
  public static var recordStart: String? { nil }
  public static func parsesBlocksApart(_ options: LineOptions) -> Bool { false }
  public static func keepsFileState(_ options: LineOptions) -> Bool { !parsesBlocksApart(options) }
  public static func framing(_ options: LineOptions) throws(FormatError) -> (any RecordFraming)? {
    nil
  }
}

/// What the config says about lines, whatever their format.
public struct LineOptions: Sendable {
  /// The format's own options.
  public var format: FormatOptions
  /// The zone of times that name none, such as `Europe/Berlin` or `+02:00`.
  public var zone: String
  /// Objects in objects become columns of their own.
  public var flattens: Bool
  /// Arrays of JSON become lists; else JSON text.
  public var takesLists: Bool
  /// Columns whose types are given.
  public var declared: [Field]
  /// How declared dates and timestamps are written (`TimePattern`), by the column's name.
  public var timePatterns: [String: String]
  /// Names of columns that are not the parser's.
  public var reservedNames: [String]
  /// Names that differ only in case fill one column.
  public var mergesCase: Bool
  /// Which lines make up a record; nil where each line is one, or the format says it.
  public var multiline: Multiline?
  /// Where several parsers share the lines of one reading.
  public var keys: SharedKeys?
  /// The columns of the table before this reading, where parsers begin with those found meanwhile.
  public var tableSchema: Schema?

  public init(
    format: FormatOptions = FormatOptions(), zone: String = "UTC", flattens: Bool = false,
    takesLists: Bool = true, declared: [Field] = [], timePatterns: [String: String] = [:],
    reservedNames: [String] = [], mergesCase: Bool = false, multiline: Multiline? = nil
  ) {
    self.format = format
    self.zone = zone
    self.flattens = flattens
    self.takesLists = takesLists
    self.declared = declared
    self.timePatterns = timePatterns
    self.reservedNames = reservedNames
    self.mergesCase = mergesCase
    self.multiline = multiline
  }
}

extension LineOptions {
  /// Whether the config gives the type of a column.
  public func declares(_ column: String) -> Bool {
    declared.contains { foldedName($0.name) == foldedName(column) }
  }

  /// - Throws: `.invalidOption` where there is no such zone.
  public func zoneRules() throws(FormatError) -> TimeZoneRules { try TimeZoneRules(zone) }

  /// How the declared dates and timestamps are written, by the column's name: `iso8601` where the
  /// config does not say.
  /// - Throws: `.invalidOption` for a zone or pattern that cannot be used.
  public func declaredTimes() throws(FormatError) -> [String: TimePattern] {
    let zone = try zoneRules()
    var patterns: [String: TimePattern] = [:]
    for field in declared where field.type.holdsTimes {
      do {
        patterns[field.name] = try TimePattern(timePatterns[field.name] ?? "iso8601", zone: zone)
      } catch {
        throw FormatError(error.kind, error.message, remedy: error.remedy, place: field.name)
      }
    }
    return patterns
  }
}

extension DataType {
  fileprivate var holdsTimes: Bool {
    switch self {
    case .date, .timestamp: true
    case .list(let element): element.type.holdsTimes
    case .structure(let fields): fields.contains { $0.type.holdsTimes }
    default: false
    }
  }
}

/// The formats there are.
public enum LineFormats {
  public static let all: [any LineFormat.Type] = [
    JSONLines.self,
    CombinedLog.self,
    CommonLog.self,
    ExtendedLog.self,
    AccessFormat.self,
    W3CLog.self,
    Syslog.self,
    NginxErrorLog.self,
    ApacheErrorLog.self,
    ClassicLoadBalancerLog.self,
    ApplicationLoadBalancerLog.self,
    NetworkLoadBalancerLog.self,
    CloudFrontLog.self,
    S3AccessLog.self,
    VPCFlowLog.self,
    CloudTrailLog.self,
    RegexLines.self,
    Grok.self,
    XMLRecords.self,
    CSVText.self,
    TSVText.self,
    FixedWidthText.self,
    Logfmt.self,
    KeyValueText.self,
  ]

  public static var names: [String] { all.map { $0.name } }

  /// - Throws: `.unknownFormat` that names the formats there are.
  public static func named(_ name: String) throws(FormatError) -> any LineFormat.Type {
    guard let format = all.first(where: { $0.name == name }) else {
      throw FormatError(
        .unknownFormat, "there is no format '\(name)'",
        remedy: "Use one of \(names.joined(separator: ", ")).", place: name)
    }
    return format
  }
}

/// Turns blocks of lines into rows. One thread uses it.
///
///     try parser.begin(file)
///     try parser.begin(block)
///     while try parser.step(&outcome) {
///       if parser.byteCount >= limit { emit(parser.finish()) }
///     }
public protocol LineParser: AnyObject {
  /// Begins a file, or goes on in one: the blocks that come next are its.
  func begin(_ file: TextFile) throws(FormatError)

  /// What `TextFile.state` is to be when the file is read on behind the last block: headers and
  /// the like. Small; nil where there is nothing to keep.
  var fileState: JSONValue? { get }

  /// Begins a block, after the one before is through.
  func begin(_ block: LineBlock) throws(FormatError)

  /// Parses some lines on, at most `stepRowsMax`.
  /// - Returns: false when the block is through.
  /// - Throws: where the format as a whole cannot go on; a faulty line is a reject instead.
  func step(_ outcome: inout LineOutcome) throws(FormatError) -> Bool

  /// Rows since the last batch.
  var rowCount: Int { get }

  /// Bytes of column memory since the last batch.
  var byteCount: Int { get }

  /// The rows since the last batch. Its schema never narrows.
  func finish() -> Batch
}

extension LineParser {
  public func begin(_ file: TextFile) throws(FormatError) {}
  public var fileState: JSONValue? { nil }

  /// Rows of one step at most.
  public static var stepRowsMax: Int { 1024 }
}

/// Whole lines in memory.
public struct LineBlock: Sendable {
  /// The lines, with their newlines, and at least `padding` zeros behind them.
  public let bytes: [UInt8]
  /// Bytes of the lines. The last one may lack its newline.
  public let count: Int
  /// The number of the first line in its file, from 1.
  public let firstLine: Int
  /// Where records end that span lines: the places behind their last newlines, ascending up to
  /// `count`. Each counts as one line then. nil where each line is a record.
  public let recordEnds: [Int]?

  /// Zeros behind the lines, so that parsers may read ahead.
  public static let padding = 64

  /// - Precondition: `bytes` has `padding` zeros behind the first `count`; count is below 600 MB.
  public init(bytes: [UInt8], count: Int, firstLine: Int, recordEnds: [Int]? = nil) {
    precondition(bytes.count >= count + Self.padding)
    self.bytes = bytes
    self.count = count
    self.firstLine = firstLine
    self.recordEnds = recordEnds
  }

  /// The lines of a text, for small ones.
  public init(_ text: [UInt8], firstLine: Int = 1) {
    self.init(
      bytes: text + [UInt8](repeating: 0, count: Self.padding), count: text.count,
      firstLine: firstLine)
  }
}

/// What became of lines.
public struct LineOutcome: Sendable {
  /// The line number of each row, in the order of the rows.
  public var rowLines: [Int] = []
  public var rejects: [LineReject] = []
  /// Lines with bytes that are not UTF-8, which were replaced.
  public var repairedCount = 0
  /// Lines that belong to a record which began on a line before them.
  public var continuedCount = 0

  public init() {}
}

/// A line that is no row, and why.
public struct LineReject: Hashable, Sendable {
  public var line: Int
  /// The line, cut at `textBytesMax`; what is not UTF-8 in it became U+FFFD.
  public var text: String
  public var reason: String

  public static let textBytesMax = 65_536

  public init(line: Int, bytes: some Collection<UInt8>, reason: String) {
    self.line = line
    // Zeros at the start are a gap that a writer left, and no text.
    let bytes = bytes.drop { $0 == 0 }
    var kept = Array(bytes.prefix(Self.textBytesMax))
    if kept.count < bytes.count {
      // Not within a character.
      while let last = kept.last, last & 0xC0 == 0x80 { kept.removeLast() }
      if let last = kept.last, last >= 0xC0 { kept.removeLast() }
    }
    text = String(decoding: kept, as: UTF8.self)
    self.reason = reason
  }
}
