internal import Base
internal import Connector
internal import Formats
internal import Kernels

/// Looks at the files of a stream before a run does.
struct LogCheck {
  private let settings: LogSettings
  private let context: SourceContext
  private static let filesMax = 5
  private static let bytesMax = 65_536

  init(_ settings: LogSettings, _ context: SourceContext) {
    self.settings = settings
    self.context = context
  }

  func findings() -> [Finding] {
    let listing = FileListing(settings.pattern, excluding: settings.excluded) { _ in false }
    var findings: [Finding] = []
    for problem in listing.problems {
      findings.append(
        Finding(
          .error, "\(settings.pattern.root)\(problem.path) cannot be read: \(problem.failure)",
          remedy: "Let the user that runs Tidemark read it, or add it to 'exclude'."))
    }
    if listing.oddNames > 0 {
      findings.append(
        Finding(
          .warning, "\(listing.oddNames) names are not UTF-8; those files are left out",
          remedy: "Rename them."))
    }
    if listing.files.isEmpty {
      findings.append(
        Finding(
          .warning, "no file matches \(settings.patternText)",
          remedy: "Look at the path; files below \(settings.pattern.root) are meant."))
    }
    for file in listing.files {
      let path = settings.pattern.root + file.path
      if let obstacle = ScanFile.obstacle(path: path), !obstacle.isMissing {
        findings.append(
          Finding(
            .error, "\(path) cannot be read: \(obstacle)",
            remedy: "Let the user that runs Tidemark read it, or add it to 'exclude'."))
      }
    }
    let newest = listing.files.sorted { $0.status.modified > $1.status.modified }
    for file in newest.filter({ $0.status.size > 0 }).prefix(Self.filesMax) {
      if let finding = sample(file) { findings.append(finding) }
    }
    return findings
  }

  /// Parses the first lines of a file.
  private func sample(_ file: ListedFile) -> Finding? {
    let path = settings.pattern.root + file.path
    do {
      let outcome = try LogPreview(settings, context)
        .read(path, .init(rows: 0, rejects: 1, bytes: Self.bytesMax))
      guard let reject = outcome.rejects.first else { return nil }
      let total = outcome.rejected + outcome.rows
      return Finding(
        outcome.rows == 0 ? .error : .warning,
        "\(outcome.rejected) of the first \(total) lines of \(path) do not parse as "
          + "'\(settings.format.name)'; line \(reject.line): \(reject.reason)",
        remedy: "See what it makes of the file with 'tidemark parse'; if the file has another "
          + "format, change 'parse', or leave it out with 'exclude'.")
    } catch {
      return Finding(.error, error.description, remedy: error.remedy)
    }
  }
}
