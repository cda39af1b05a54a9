internal import Base
internal import Foundation
internal import Synchronization

/// A request on its way. Retries happen while somebody waits; one
/// thread at a time does.
public final class HTTPExchange: Sendable {
  private let request: HTTPRequest
  private let session: HTTPSession
  private let cancellation: Cancellation?
  private let state = Mutex(State())

  private struct State {
    var attempt: Attempt?
    var retries = 0
    /// Whoever asks again is given the same.
    var isSettled = false
    /// A refused proof was renewed: once is enough.
    var isRenewed = false
  }

  init(_ request: HTTPRequest, session: HTTPSession, cancellation: Cancellation?) {
    self.request = request
    self.session = session
    self.cancellation = cancellation
  }

  func start() throws(HTTPError) {
    let replayed = try session.settings.recording?.replay(request)
    if let replayed {
      try session.throwIfCancelled(cancellation, request)
      let next = Attempt(request)
      next.finish(replayed)
      state.withLock { $0.attempt = next }
      return
    }
    let prepared = try session.beginAttempt(request, cancellation)
    let next = Attempt(prepared)
    state.withLock { $0.attempt = next }
    session.submit(prepared, cancellation: cancellation) { [gate = session.gate] result in
      gate?.leave()
      next.finish(result)
    }
  }

  /// The response, whatever its status. Further calls give the same again.
  /// - Throws: where there is none, after all retries.
  public func wait() throws(HTTPError) -> HTTPResponse {
    while true {
      let state = state.withLock { $0 }
      guard let current = state.attempt else {
        throw HTTPError(.closed, "the request was not started", place: request.description)
      }
      let result = current.wait()
      if state.isSettled { return try result.get() }
      try session.settings.recording?.keep(result, of: request, current.request.redactor)
      let wait = session.endAttempt(result.map(\.head), retries: state.retries, request)
      if renews(current, result) {
        self.state.withLock { $0.isRenewed = true }
      } else if let wait {
        self.state.withLock { $0.retries += 1 }
        try session.pause(seconds: wait, cancellation, request)
      } else {
        self.state.withLock { $0.isSettled = true }
        return try result.get()
      }
      try start()
    }
  }

  /// Whether the attempt was refused for its proof, and there is a better one.
  private func renews(_ attempt: Attempt, _ result: Result<HTTPResponse, HTTPError>) -> Bool {
    guard let authorizer = request.authorizer, case .success(let response) = result,
      response.status == 401 || response.status == 403, !response.head.isThrottled,
      !state.withLock({ $0.isRenewed })
    else { return false }
    return authorizer.renew(refused: attempt.request, response.head)
  }

  /// The outcome of one attempt, when it is there.
  private final class Attempt: @unchecked Sendable {
    /// As it was sent.
    let request: HTTPRequest
    private let condition = NSCondition()
    private var result: Result<HTTPResponse, HTTPError>?

    init(_ request: HTTPRequest) { self.request = request }

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
