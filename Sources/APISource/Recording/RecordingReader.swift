internal import Base
internal import Connector
internal import Foundation
internal import HTTPClient
internal import Synchronization

/// Gives what was recorded, and asks nobody. Answers to one request come in the order in which they
/// were recorded, the last one again where it is asked for more often.
final class RecordingReader: HTTPRecording {
  private struct Answers {
    var files: [String]
    var next = 0
  }

  private let folder: RecordingFolder
  private let answers: Mutex<[Hash128: Answers]>
  /// What was recorded, without queries: for saying what is there instead.
  private let samples: [String: String]
  /// Samples kept for that.
  private static let samplesMax = 1000

  /// - Throws: where there is no recording, or one of its files is none.
  init(_ folder: RecordingFolder) throws(ConnectorError) {
    self.folder = folder
    var answers: [Hash128: Answers] = [:]
    var samples: [String: String] = [:]
    for file in folder.files() {
      let request = try Self.read(file, RecordedExchange.init(parsing:)).request
      answers[request.key, default: Answers(files: [])].files.append(file)
      if samples.count < Self.samplesMax {
        let place = Self.place(request)
        samples[place] = samples[place] ?? "\(request.method) \(request.url)"
      }
    }
    self.answers = Mutex(answers)
    self.samples = samples
  }

  private static func place(_ request: RecordedRequest) -> String {
    "\(request.method) \(request.url.prefix { $0 != "?" })"
  }

  private static func read<Value>(
    _ file: String, _ parse: ([UInt8]) throws(RecordingProblem) -> Value
  ) throws(ConnectorError) -> Value {
    do throws(RecordingProblem) {
      guard let data = FileManager.default.contents(atPath: file) else {
        throw RecordingProblem("it cannot be read")
      }
      return try parse(Array(data))
    } catch {
      throw ConnectorError(
        .malformed, "\(file) is no recorded answer: \(error.message)",
        remedy: "Put it back as it was recorded, or record anew.")
    }
  }

  func replay(_ request: HTTPRequest) throws(HTTPError) -> Result<HTTPResponse, HTTPError>? {
    let recorded = RecordedRequest(request, request.redactor)
    let file = answers.withLock { answers -> String? in
      guard var found = answers[recorded.key] else { return nil }
      let file = found.files[min(found.next, found.files.count - 1)]
      found.next += 1
      answers[recorded.key] = found
      return file
    }
    guard let file else { throw unrecorded(request, recorded) }
    let outcome: Result<HTTPResponse, HTTPError>
    do throws(ConnectorError) {
      outcome = try Self.read(file, RecordedExchange.init(parsing:)).outcome
    } catch {
      throw HTTPError(
        .unrecorded, error.message, remedy: error.remedy, place: request.description)
    }
    if case .success(let response) = outcome, response.body.count > request.responseBytesMax {
      throw HTTPError(
        .tooLarge, "the response has more than \(Units.describe(bytes: request.responseBytesMax))",
        place: request.description)
    }
    return outcome
  }

  private func unrecorded(_ request: HTTPRequest, _ recorded: RecordedRequest) -> HTTPError {
    let near = samples[Self.place(recorded)].map { "; of this path it holds \($0)" } ?? ""
    return HTTPError(
      .unrecorded, "the recording in \(folder.path) holds no answer to this request\(near)",
      remedy: "Replay with the bookmarks that it was recorded with, such as into a fresh lake, and "
        + "with a config that asks for the same; or record anew.", place: request.description)
  }

  func keep(
    _ outcome: Result<HTTPResponse, HTTPError>, of request: HTTPRequest, _ redactor: Redactor
  ) {}
}
