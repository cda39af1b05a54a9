internal import Base
internal import Foundation
internal import Synchronization

/// A request on its way. Retries happen while somebody waits; one
/// thread at a time does.
public final class HTTPExchange: Sendable {
  private let request: HTTPRequest
  private let session: HTTPSession
  private let cancellation: Cancellation?
  private let attempt = Mutex<Attempt?>(nil)
  private let retries = Mutex(0)

  init(_ request: HTTPRequest, session: HTTPSession, cancellation: Cancellation?) {
    self.request = request
    self.session = session
    self.cancellation = cancellation
  }

  func start() throws(HTTPError) {
    let prepared = try session.beginAttempt(request, cancellation)
    let next = Attempt()
    attempt.withLock { $0 = next }
    session.submit(prepared, cancellation: cancellation) { next.finish($0) }
  }

  /// The response, whatever its status. Further calls give the same again.
  /// - Throws: where there is none, after all retries.
  public func wait() throws(HTTPError) -> HTTPResponse {
    while true {
      guard let current = attempt.withLock({ $0 }) else {
        throw HTTPError(.closed, "the request was not started", place: request.description)
      }
      let result = current.wait()
      let made = retries.withLock { $0 }
      let next = session.endAttempt(result.map(\.head), retries: made, request)
      guard let seconds = next else {
        // Whoever asks again is given the same.
        retries.withLock { $0 = .max }
        return try result.get()
      }
      retries.withLock { $0 += 1 }
      try session.pause(seconds: seconds, cancellation, request)
      try start()
    }
  }

  /// The outcome of one attempt, when it is there.
  private final class Attempt: @unchecked Sendable {
    private let condition = NSCondition()
    private var result: Result<HTTPResponse, HTTPError>?

    func finish(_ result: Result<HTTPResponse, HTTPError>) {
      condition.lock()
      self.result = result
      condition.broadcast()
      condition.unlock()
    }

    func wait() -> Result<HTTPResponse, HTTPError> {
      condition.lock()
      defer { condition.unlock() }
      while true {
        if let result { return result }
        condition.wait()
      }
    }
  }
}

/// Ties a transfer to a `Cancellation` for as long as it runs.
final class CancellationWatch: Sendable {
  private let cancellation: Cancellation?
  private let state = Mutex(State())

  private struct State {
    var ticket: Int?
    var isEnded = false
  }

  init(_ cancellation: Cancellation?) { self.cancellation = cancellation }

  func begin(_ cancel: @escaping @Sendable (String) -> Void) {
    guard let cancellation else { return }
    let ticket = cancellation.onCancel { [cancellation] in
      cancel(cancellation.reason ?? "somebody asked to stop")
    }
    let isEnded = state.withLock { state in
      state.ticket = ticket
      return state.isEnded
    }
    if isEnded { cancellation.forget(ticket) }
  }

  func end() {
    let ticket = state.withLock { state in
      state.isEnded = true
      return state.ticket
    }
    if let ticket { cancellation?.forget(ticket) }
  }
}
