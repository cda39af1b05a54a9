import APIServer
import Base
import Foundation
import HTTPClient
import Synchronization
import Testing

func server() throws -> APIServer { try APIServer.shared.get() }

/// A session whose retries wait on a clock that stands still.
func manualSession(
  retry: RetryPolicy = RetryPolicy(), clock: WallClock = .manual(start: .init(seconds: 1.7e9)),
  _ change: (inout HTTPSession.Settings) -> Void = { _ in }
) -> HTTPSession {
  var settings = HTTPSession.Settings()
  settings.retry = retry
  settings.clock = clock
  settings.randomness = .seeded(1)
  change(&settings)
  return HTTPSession(settings)
}

func document(_ response: HTTPResponse) throws -> JSONValue {
  try JSONValue(parsing: response.body)
}

/// The value of a header as the echoing server saw it.
func sent(_ name: String, _ response: HTTPResponse) throws -> String? {
  try document(response)["headers"]?.array?
    .first { $0.array?.first?.string?.lowercased() == name.lowercased() }?.array?.last?.string
}

func failure<Ignored>(_ body: () throws -> Ignored) -> HTTPError? {
  do {
    _ = try body()
    return nil
  } catch {
    return error as? HTTPError
  }
}

func uniqueKey() -> String { UUID().uuidString }
