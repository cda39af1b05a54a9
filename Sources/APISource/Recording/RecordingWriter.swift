internal import Base
internal import Foundation
internal import HTTPClient
internal import Synchronization

/// Keeps every attempt of a source as a file.
final class RecordingWriter: HTTPRecording {
  private let folder: RecordingFolder
  private let count = Mutex(0)

  init(_ folder: RecordingFolder) { self.folder = folder }

  func replay(_ request: HTTPRequest) -> Result<HTTPResponse, HTTPError>? { nil }

  func keep(
    _ outcome: Result<HTTPResponse, HTTPError>, of request: HTTPRequest, _ redactor: Redactor
  ) throws(HTTPError) {
    // That somebody stopped the run is nothing that the server did.
    if case .failure(let error) = outcome, error.kind == .cancelled || error.kind == .closed {
      return
    }
    let recorded = RecordedRequest(request, redactor)
    let number = count.withLock { count in
      count += 1
      return count
    }
    let path = folder.file(number: number, recorded)
    let bytes = RecordedExchange.bytes(recorded, outcome, redactor)
    do {
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    } catch {
      throw HTTPError(
        .unrecorded, "the answer cannot be kept in \(path): \(error.localizedDescription)",
        remedy: "Make room for it, or record elsewhere.", place: request.description)
    }
  }
}
