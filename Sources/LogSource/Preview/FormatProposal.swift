public import Connector
internal import Formats
internal import Records

/// The formats that fit the first lines of a file, the best first.
public struct FormatProposal: Sendable {
  public struct Candidate: Sendable {
    public var format: String
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

  /// Bytes of the file that are looked at.
  static let headBytes = 1 << 18

  /// Tries the formats that can be told from text.
  /// - Parameter options: of a stream, without `parse`.
  public init(
    _ path: String, _ options: [ConfigValue.Entry], _ context: SourceContext
  ) throws(ConnectorError) {
    for format in LineFormats.all {
      guard let detection = FormatDetection.of(format) else { continue }
      let parse = ConfigValue.Entry(key: "parse", value: .plain(format.name))
      let outcome: LogPreview.Outcome
      do {
        outcome = try LogPreview([parse] + options, context)
          .read(path, .init(rows: 0, rejects: 1, bytes: Self.headBytes))
      } catch {
        // Options that the format does not know, or a text that it cannot begin with.
        guard error.kind == .misconfigured || error.kind == .malformed else { throw error }
        unfit.append(format.name)
        continue
      }
      isEmpty = isEmpty || outcome.rows + outcome.rejected == 0
      if let reject = outcome.rejects.first, example.isEmpty { example = reject.text }
      let score = detection.score(
        rows: outcome.rows, rejected: outcome.rejected, columns: outcome.schema.fields.count)
      if let score {
        candidates.append(
          Candidate(
            format: format.name, rows: outcome.rows, rejected: outcome.rejected, score: score))
      } else {
        unfit.append(format.name)
      }
    }
    // Those of one score stay in the order of the list.
    candidates = candidates.enumerated()
      .sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }.map(\.element)
  }
}
