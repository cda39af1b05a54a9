import ArgumentParser
import Base
import Bookmarks
import Connector
import Foundation
import Ingest
import Parquet

/// Options that go with every verb that needs the config.
struct ConfigOptions: ParsableArguments {
  @Option(
    name: .customLong("config"),
    help: ArgumentHelp(
      "The config file; tidemark.yaml here or in a folder above unless given.",
      valueName: "file"))
  var path: String?

  static let keys = ConfigurationKeys(sourceTypes: Tidemark.sourceTypes)

  func load() throws(IngestError) -> Configuration {
    let path = try ConfigurationFile.locate(
      path, workingDirectory: FileManager.default.currentDirectoryPath)
    return try Configuration(ConfigurationFile(reading: path), keys: Self.keys)
  }

  /// - Parameters:
  ///   - memoryBytes: what a run may take; nil where nothing is written.
  ///   - isPatient: whether a store that does not answer is asked for long.
  func open(memoryBytes: Int? = nil, isPatient: Bool = true) throws(IngestError) -> Workspace {
    try Workspace(
      load(), memoryBytes: memoryBytes ?? 128_000_000, isPatient: isPatient,
      steps: CrashPoint.observer())
  }

  /// Opens the lake for reading: what an earlier run decided and did not publish is published.
  func openForReading() throws(IngestError) -> Workspace {
    let workspace = try open()
    for commit in try workspace.rollForward() {
      Terminal.notice(
        "\(commit.stream): published version \(commit.version), which an earlier run had decided")
    }
    return workspace
  }

  static func context(
    _ configuration: Configuration, recording: Recording? = nil
  ) -> SourceContext {
    SourceContext(
      environment: { ProcessInfo.processInfo.environment[$0] },
      baseDirectory: configuration.baseDirectory, notify: { Terminal.notice($0) },
      recording: recording)
  }
}

/// Options of the verbs that ask APIs.
struct RecordingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Keep every answer of an API as a file, without secrets, in this new folder.",
      valueName: "dir"))
  var record: String?
  @Option(
    help: ArgumentHelp(
      "Take the answers of APIs from this folder, and ask nobody.", valueName: "dir"))
  var replay: String?

  func validate() throws {
    if record != nil && replay != nil {
      throw ValidationError("--record and --replay exclude each other: keep one of them.")
    }
  }

  var recording: Recording? {
    record.map { .record(into: Self.absolute($0)) }
      ?? replay.map { .replay(from: Self.absolute($0)) }
  }

  /// From the working folder, as the shell that completed it meant it.
  private static func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }
}

struct ListingOptions: ParsableArguments {
  @Flag(help: "Print JSON for scripts.")
  var json = false

  func show(_ value: JSONValue) { Terminal.write(value.text(indented: true) + "\n") }

  func show(_ report: Report) {
    if json { return show(report.json) }
    Terminal.write(report.text.hasSuffix("\n") ? report.text : report.text + "\n")
  }
}

extension Instant {
  /// For people: local precision is no use, seconds are.
  var short: String {
    let time = CivilTime(microseconds: microseconds)
    return "\(time.dateText) \(String(time.timeText.prefix(8)))Z"
  }
}
