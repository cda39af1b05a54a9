internal import Base
internal import Bookmarks
internal import Connector
internal import Foundation

/// Tells whom the config names that a stream has failed: by a command or a webhook. What goes
/// wrong here is said and changes nothing.
struct FailureAction {
  static let secondsMax = 30.0
  private let settings: StreamSettings
  private let context: SourceContext

  init(_ settings: StreamSettings, _ context: SourceContext) {
    self.settings = settings
    self.context = context
  }

  func tell(_ outcome: StreamOutcome, run: String, observer: RunObserver) {
    if let command = settings.failureCommand {
      note(execute(["/bin/sh", "-c", command], outcome, run, input: nil), "command", outcome, observer)
    }
    guard let variable = settings.failureWebhookVariable else { return }
    guard let url = context.environment(variable) else {
      note("the environment variable \(variable) is not set", "webhook", outcome, observer)
      return
    }
    let body: JSONValue = ["run": .string(run), "stream": outcome.json]
    // curl's own program: a failing run must not depend on the client that may have failed it.
    // The URL is a secret: it goes in over standard input, not the argument list.
    let quoted = url.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    let settings = "url = \"\(quoted)\"\nmax-time = 20\nfail\nsilent\nshow-error\n"
      + "header = \"content-type: application/json\"\ndata = \(configString(body.text()))\n"
    note(
      execute(["/usr/bin/env", "curl", "--config", "-"], outcome, run, input: settings), "webhook",
      outcome, observer)
  }

  /// A string as curl's config files quote it.
  private func configString(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  private func note(
    _ problem: String?, _ what: String, _ outcome: StreamOutcome, _ observer: RunObserver
  ) {
    guard let problem else { return }
    observer(
      .notice(stream: outcome.stream, text: "on_failure: the \(what) did not succeed: \(problem)"))
  }

  /// - Returns: what went wrong, or nil.
  private func execute(
    _ arguments: [String], _ outcome: StreamOutcome, _ run: String, input: String?
  ) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: arguments[0])
    process.arguments = Array(arguments.dropFirst())
    process.environment = ProcessInfo.processInfo.environment.merging([
      "TIDEMARK_STREAM": outcome.stream, "TIDEMARK_RUN": run,
      "TIDEMARK_ERROR": outcome.error ?? "",
    ]) { $1 }
    process.standardOutput = FileHandle.standardError
    let pipe = Pipe()
    process.standardInput = pipe
    do {
      try process.run()
      if let input { try pipe.fileHandleForWriting.write(contentsOf: Data(input.utf8)) }
      try pipe.fileHandleForWriting.close()
    } catch {
      return "it could not be started: \(error)"
    }
    let deadline = Date().addingTimeInterval(Self.secondsMax)
    while process.isRunning && Date() < deadline { Thread.sleep(forTimeInterval: 0.02) }
    if process.isRunning {
      process.terminate()
      return "it ran longer than \(Int(Self.secondsMax)) seconds and was stopped"
    }
    return process.terminationStatus == 0 ? nil : "it ended with code \(process.terminationStatus)"
  }
}
