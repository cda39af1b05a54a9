internal import Base
internal import Connector
internal import Foundation

/// Where the recording of one source lies.
///
///     answers/crm/recording.json             whose it is, and when it began
///     answers/crm/000001-HEAD-contacts.http  one attempt each, in the order in which they ended
struct RecordingFolder {
  let path: String
  private let source: String

  init(_ folder: String, source: String) {
    path = folder + "/" + source
    self.source = source
  }

  private var headPath: String { path + "/recording.json" }

  /// Makes the folder for a new recording.
  func begin(at time: Instant) throws(ConnectorError) {
    guard !FileManager.default.fileExists(atPath: headPath) else {
      throw ConnectorError(
        .misconfigured, "there is a recording in \(path) already",
        remedy: "Name a new folder with --record, or remove that one.", place: source)
    }
    let head: JSONValue = [
      "version": 1, "source": .string(source), "at": .string(time.description),
    ]
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try Data((head.text(indented: true) + "\n").utf8).write(to: URL(fileURLWithPath: headPath))
    } catch {
      throw ConnectorError(
        .misconfigured, "the folder \(path) cannot be written: \(error.localizedDescription)",
        remedy: "Name a folder with --record that can be made and written.", place: source)
    }
  }

  /// When the recording began: what time it is in a replay.
  func beginning() throws(ConnectorError) -> Instant {
    let text = FileManager.default.contents(atPath: headPath).map { Array($0) }
    let head = text.flatMap { try? JSONValue(parsing: $0) }
    guard head?["version"]?.integer == 1,
      let time = head?["at"]?.string.flatMap({ Instant($0) })
    else {
      throw ConnectorError(
        .misconfigured, "there is no recording of '\(source)' in \(path)",
        remedy: "Record one: tidemark run \(source) --record DIR.", place: source)
    }
    return time
  }

  /// The recorded attempts' files, in their order.
  func files() -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { $0.hasSuffix(".http") }.sorted().map { "\(path)/\($0)" }
  }

  /// `000012-GET-contacts.http`.
  func file(number: Int, _ request: RecordedRequest) -> String {
    let target = request.url.prefix { $0 != "?" }.split(separator: "/").last ?? ""
    let name = target.prefix(40).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
    return "\(path)/\(padded(number, 6))-\(request.method)-\(String(name)).http"
  }
}
