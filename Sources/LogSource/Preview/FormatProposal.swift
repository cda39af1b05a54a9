public import Connector
internal import Formats
internal import Kernels
internal import Records

/// The formats that fit the first lines of a file, the best first.
public struct FormatProposal: Sendable {
  public struct Candidate: Sendable {
    public var format: String
    /// As a stream has it below `parse`.
    public var parse: ConfigValue
    /// What else the stream needs.
    public var options: [ConfigValue.Entry] = []
    public var rows: Int
    public var rejected: Int
    /// 0…100: how many of the lines parse, times how few other texts the format fits.
    public var score: Double
  }

  /// Those that fit.
  public private(set) var candidates: [Candidate] = []
  /// The formats that were tried and do not.
  public private(set) var unfit: [String] = []
  /// A line of the file, where none fits.
  public private(set) var example = ""
  /// Whether the file has no line that is not blank.
  public private(set) var isEmpty = false

  /// Bytes of text that are looked at.
  static let headBytes = 1 << 18
  /// A drafted pattern that fewer of the lines match is none.
  private static let draftShareMin = 0.9

  /// Tries the formats that can be told from text.
  /// - Parameters:
  ///   - files: of which the first that is not empty is looked at.
  ///   - options: of a stream, without `parse`.
  /// - Throws: where the file cannot be read.
  public init(_ files: PreviewFiles, _ options: [ConfigValue.Entry], _ context: SourceContext)
    throws(ConnectorError)
  {
    let group = files.groups.first { $0.files.contains { $0.status.size > 0 } }
    guard let group, let file = group.files.first(where: { $0.status.size > 0 }),
      let opened = try group.place.open(file, for: .looking)
    else {
      isEmpty = true
      return
    }
    if try opened.read(at: 0, count: 4) == Array("PAR1".utf8) {
      let rows = try ParquetFilesReader.rowCount(opened, byteCount: file.status.size)
      candidates = [
        Candidate(
          format: ParquetRows.name, parse: .plain(ParquetRows.name), rows: rows, rejected: 0,
          score: 100)
      ]
      return
    }
    let head = try Self.head(opened, file)
    let place = MemoryPlace(head, root: group.place.root, file: file)
    isEmpty = head.allSatisfy { [0x0A, 0x0D, 0x20, 0x09].contains($0) }
    for format in LineFormats.all {
      guard let detection = FormatDetection.of(format) else { continue }
      let parse = ConfigValue.plain(format.name)
      let found = try attempt(detection, format.name, parse, options, place, context)
      if let found { candidates.append(found) } else { unfit.append(format.name) }
    }
    try addDraft(head, options, place, context)
    // Those of one score stay in the order of the list.
    candidates = candidates.enumerated()
      .sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }.map(\.element)
  }

  /// The first whole lines of a file, decompressed.
  private static func head(_ file: any ReadableFile, _ listed: ListedFile) throws(ConnectorError)
    -> [UInt8]
  {
    let content = try FileContent(file, ceiling: listed.status.size, limits: .preview)
    var head: [UInt8] = []
    while head.count < headBytes {
      let more = try content.read(head[...], headBytes - head.count, 0)
      if more.count == head.count {
        guard try content.nextText() else { return head }
      }
      head = more
    }
    let end = head.lastIndex(of: 0x0A).map { $0 + 1 } ?? head.count
    return Array(head[..<end])
  }

  /// What a format makes of the lines; nil where it does not fit.
  private mutating func attempt(
    _ detection: FormatDetection, _ name: String, _ parse: ConfigValue,
    _ options: [ConfigValue.Entry], _ place: MemoryPlace, _ context: SourceContext
  ) throws(ConnectorError) -> Candidate? {
    let outcome: LogPreview.Outcome
    do {
      outcome = try LogPreview([.init(key: "parse", value: parse)] + options, context)
        .read(place.file, in: place, .init(rows: 0, rejects: 1))
    } catch {
      // Options that the format does not know, or a text that it cannot begin with.
      guard error.kind == .misconfigured || error.kind == .malformed else { throw error }
      return nil
    }
    if let reject = outcome.rejects.first, example.isEmpty { example = reject.text }
    let score = detection.score(
      rows: outcome.rows, rejected: outcome.rejected, continued: outcome.continued,
      columns: outcome.schema.fields.count)
    return score.map {
      Candidate(
        format: name, parse: parse, rows: outcome.rows, rejected: outcome.rejected, score: $0)
    }
  }

  /// Adds a grok pattern of what the lines have in common, where nearly all match it.
  private mutating func addDraft(
    _ head: [UInt8], _ options: [ConfigValue.Entry], _ place: MemoryPlace,
    _ context: SourceContext
  ) throws(ConnectorError) {
    guard let detection = FormatDetection.draft, let shape = LineShape(head) else { return }
    var parse = ConfigValue.map(["grok": .string(shape.pattern)])
    if !shape.patterns.isEmpty {
      let patterns = shape.patterns.sorted { $0.key < $1.key }
        .map { ConfigValue.Entry(key: $0.key, value: .string($0.value)) }
      parse = .map([
        "grok": .map([
          "pattern": .string(shape.pattern), "patterns": ConfigValue(.map(patterns)),
        ])
      ])
    }
    var own: [ConfigValue.Entry] = []
    if let start = shape.recordStart, !options.contains(where: { $0.key == "multiline" }) {
      own.append(.init(key: "multiline", value: .map(["start": .string(start)])))
    }
    let found = try attempt(detection, "grok", parse, options + own, place, context)
    guard var found,
      Double(found.rows) >= Self.draftShareMin * Double(found.rows + found.rejected)
    else { return }
    found.options = own
    candidates.append(found)
  }
}
