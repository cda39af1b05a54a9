/// How a format is told from a text that somebody has and knows no more of: it is tried on the
/// first lines, and ranked by how many of them parse and by how few other texts it fits.
///
/// A new format joins with one line in `known`. Formats that mean nothing without options (`regex`,
/// `fixed`) stand in `needOptions` instead; of `grok` a draft is tried.
public struct FormatDetection: Hashable, Sendable {
  /// How few texts of other formats it fits: 0…100. One that takes nearly every line has a low
  /// one, so that it is proposed only where nothing better fits.
  public var specificity: Int
  /// Fewer columns than this say nothing: every line is a CSV record of one field.
  public var columnsMin: Int

  public init(specificity: Int, columnsMin: Int = 1) {
    self.specificity = specificity
    self.columnsMin = columnsMin
  }

  static let known: [String: FormatDetection] = [
    // Every field has its own form.
    "combined": .init(specificity: 100),
    "common": .init(specificity: 98),
    "extended": .init(specificity: 96),
    "w3c": .init(specificity: 100),
    "elb": .init(specificity: 100),
    "alb": .init(specificity: 100),
    "nlb": .init(specificity: 100),
    "cloudfront": .init(specificity: 100),
    "s3_access": .init(specificity: 100),
    "vpc_flow": .init(specificity: 98),
    "cloudtrail": .init(specificity: 100),
    "nginx_error": .init(specificity: 96),
    "apache_error": .init(specificity: 96),
    // The form is in the whole, the columns are the writer's.
    "json": .init(specificity: 90),
    "xml": .init(specificity: 90),
    "syslog": .init(specificity: 80),
    "access": .init(specificity: 70),
    // A draft of what the lines have in common (`LineShape`).
    "grok": .init(specificity: 60, columnsMin: 2),
    // Much else looks like it.
    "logfmt": .init(specificity: 50, columnsMin: 2),
    "key_value": .init(specificity: 40, columnsMin: 2),
    "tsv": .init(specificity: 30, columnsMin: 2),
    "csv": .init(specificity: 20, columnsMin: 2),
  ]

  /// What no text tells.
  static let needOptions: Set<String> = ["regex", "fixed", "parquet"]

  /// nil where the format cannot be tried without options.
  public static func of(_ format: any LineFormat.Type) -> FormatDetection? {
    if format.options.contains(where: \.isRequired) { return nil }
    return known[format.name]
  }

  /// Of a pattern that was drafted from the lines.
  public static var draft: FormatDetection? { known["grok"] }

  /// How well the format fits; nil where it does not.
  /// - Parameters:
  ///   - continued: lines that go on a record, which say little for the format.
  ///   - columns: of the rows that it made.
  public func score(rows: Int, rejected: Int, continued: Int = 0, columns: Int) -> Double? {
    let others = Double(rejected) + Double(continued) / 20
    // Half of the lines is the least: the rest may be stack traces or a writer's mistakes.
    guard rows > 0, Double(rows) >= others, columns >= columnsMin else { return nil }
    return Double(rows) / (Double(rows) + others) * Double(specificity)
  }
}
