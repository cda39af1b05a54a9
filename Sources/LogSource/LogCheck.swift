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

  private let place: any FilePlace

  init(_ settings: LogSettings, _ context: SourceContext, _ place: any FilePlace) {
    self.settings = settings
    self.place = place
    self.context = context
  }

  /// - Throws: where the files cannot be listed at all.
  func findings() throws(ConnectorError) -> [Finding] {
    let listing = try place.list { _ in false }
    var findings: [Finding] = []
    for problem in listing.problems {
      findings.append(
        Finding(
          .error, "\(place.root)\(problem.path) cannot be read: \(problem.failure)",
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
          remedy: "Look at the path; files below \(place.root) are meant."))
    }
    for file in listing.files {
      if let obstacle = place.obstacle(to: file) {
        findings.append(Finding(.error, obstacle.description, remedy: obstacle.remedy))
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
    let path = place.root + file.path
    do {
      if settings.readsParquet {
        guard let opened = try place.open(file, for: .looking) else { return nil }
        try ParquetFilesReader.check(opened, byteCount: file.status.size)
        return nil
      }
      let outcome = try LogPreview(settings, context)
        .read(file, in: place, .init(rows: 0, rejects: 1, bytes: Self.bytesMax))
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
