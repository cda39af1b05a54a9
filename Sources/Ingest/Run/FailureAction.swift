internal import Base
internal import Bookmarks
internal import Connector
internal import Foundation
internal import HTTPClient

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
      note(execute(command, outcome, run), "command", outcome, observer)
    }
    guard let variable = settings.failureWebhookVariable else { return }
    guard let url = context.environment(variable) else {
      note("the environment variable \(variable) is not set", "webhook", outcome, observer)
      return
    }
    note(post(url, ["run": .string(run), "stream": outcome.json]), "webhook", outcome, observer)
  }

  /// - Parameter url: may hold a token, so it must not show.
  /// - Returns: what went wrong, or nil.
  private func post(_ url: String, _ body: JSONValue) -> String? {
    let session = HTTPSession()
    defer { session.close() }
    var request = HTTPRequest(
      .post, url, headers: [HTTPHeader("Content-Type", "application/json")],
      body: HTTPBody(body.text()))
    request.secrets = [url]
    request.timeouts.totalSeconds = Self.secondsMax
    do {
      let response = try session.send(request)
      return (200..<300).contains(response.status) ? nil : "it answered \(response.status)"
    } catch {
      return error.description
    }
  }

  private func note(
    _ problem: String?, _ what: String, _ outcome: StreamOutcome, _ observer: RunObserver
  ) {
    guard let problem else { return }
    observer(
      .notice(stream: outcome.stream, text: "on_failure: the \(what) did not succeed: \(problem)"))
  }

  /// - Returns: what went wrong, or nil.
  private func execute(_ command: String, _ outcome: StreamOutcome, _ run: String) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.environment = ProcessInfo.processInfo.environment.merging([
      "TIDEMARK_STREAM": outcome.stream, "TIDEMARK_RUN": run,
      "TIDEMARK_ERROR": outcome.error ?? "",
    ]) { $1 }
    process.standardOutput = FileHandle.standardError
    process.standardInput = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      return "it could not be started: \(error)"
    }
    let deadline = context.clock.now.advanced(seconds: Self.secondsMax)
    while process.isRunning && context.clock.now < deadline { context.clock.sleep(seconds: 0.02) }
    if process.isRunning {
      process.terminate()
      return "it ran longer than \(Int(Self.secondsMax)) seconds and was stopped"
    }
    return process.terminationStatus == 0 ? nil : "it ended with code \(process.terminationStatus)"
  }
}
