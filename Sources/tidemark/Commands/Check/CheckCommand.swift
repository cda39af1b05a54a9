import ArgumentParser
import Base
import Connector
import Ingest

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract:
      "Validates the config, reaches every source and store, says what is wrong and how to mend it.",
    discussion: """
      Lists each source with its streams, then what was found: errors, of which a run would fail or \
      lose data (exit code 2; 3 where a source is not reached), warnings and notes. What holds for \
      several streams is said once.

      Example:
        tidemark check && tidemark run
      """)

  @OptionGroup var config: ConfigOptions
  @OptionGroup var recording: RecordingOptions
  @OptionGroup var listing: ListingOptions
  @Argument(help: "Sources or streams; all unless given.")
  var names: [String] = []

  func run() throws {
    let workspace = try config.open(isPatient: false)
    let engine = Engine(
      workspace,
      context: ConfigOptions.context(workspace.configuration, recording: recording.recording),
      observer: { _ in })
    try workspace.checkWritable()
    let checks = try engine.check(names)
    if listing.json {
      listing.show(.array(checks.flatMap(Self.json)))
    } else {
      for (index, check) in checks.enumerated() {
        if index > 0 { Terminal.write("\n") }
        CheckDisplay(check).print()
      }
      Terminal.write("\n" + Self.summary(checks) + "\n")
    }
    let errors = Self.findings(checks).filter { $0.severity == .error }
    if errors.contains(where: \.isUnreachable) { throw ExitCode(3) }
    if !errors.isEmpty { throw ExitCode(2) }
  }

  private static func findings(_ checks: [SourceCheck]) -> [Finding] {
    checks.flatMap { $0.findings + $0.streams.flatMap(\.findings) }
  }

  /// `16 streams: 1 error, 2 warnings.`
  private static func summary(_ checks: [SourceCheck]) -> String {
    let displays = checks.map(CheckDisplay.init)
    let counts = [(Finding.Severity.error, "error"), (.warning, "warning")].compactMap {
      severity, noun -> String? in
      let count = displays.reduce(0) { $0 + $1.count(severity) }
      return count == 0 ? nil : Units.describe(count, noun)
    }
    let streams = Units.describe(checks.reduce(0) { $0 + $1.streams.count }, "stream")
    return "\(streams): \(counts.isEmpty ? "nothing is wrong" : counts.joined(separator: ", "))."
  }

  /// One object for the source, and one for each of its streams.
  private static func json(_ check: SourceCheck) -> [JSONValue] {
    [["source": .string(check.source), "findings": .array(check.findings.map(json))]]
      + check.streams.map { stream in
        [
          "stream": .string(stream.name), "source": .string(check.source),
          "pattern": .init(stream.pattern), "findings": .array(stream.findings.map(json)),
        ]
      }
  }

  private static func json(_ finding: Finding) -> JSONValue {
    [
      "severity": .string(finding.severity.rawValue), "code": .init(finding.code),
      "message": .string(finding.message), "subject": .init(finding.subject),
      "remedy": .init(finding.remedy),
    ]
  }
}
