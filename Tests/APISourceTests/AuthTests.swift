import APIServer
@testable import APISource
import Base
import Connector
import Testing

@Suite struct AuthTests {
  private func stream(
    _ setup: KeyValuePairs<String, JSONValue>, _ auth: ConfigValue,
    _ secret: String = "s3cret-value"
  ) throws -> TestStream {
    var all: [JSONValue.Member] = [.init(key: "records", value: 25)]
    all += setup.map { .init(key: $0.key, value: $0.value) }
    let stream = Paging.next.stream(try server().api(.object(all)))
    stream.sourceOptions.append(.init(key: "auth", value: auth))
    stream.environment = ["SECRET": secret]
    return stream
  }

  @Test(arguments: [
    ("authorization", "Bearer s3cret-value", ConfigValue.map(["bearer_env": .string("SECRET")])),
    (
      "authorization", "Basic bWU6czNjcmV0LXZhbHVl",
      .map(["basic": .map(["user": .string("me"), "password_env": .string("SECRET")])])
    ),
    (
      "x_key", "s3cret-value",
      .map(["header": .map(["name": .string("X-Key"), "value_env": .string("SECRET")])])
    ),
    (
      "api_key", "s3cret-value",
      .map(["query": .map(["name": .string("api_key"), "value_env": .string("SECRET")])])
    ),
  ])
  func waysToAuthenticate(_ name: String, _ expected: String, _ auth: ConfigValue) throws {
    let stream = try stream([:], auth)
    try server().change(
      stream.base, [["op": "set", "name": .string(name), "value": .string(expected)]])
    #expect(try stream.run().ids.count == 25)
    // And a wrong one shows nothing of itself, though the server repeats it.
    stream.environment = ["SECRET": "wr0ng-value\n"]
    try server().change(
      stream.base, [["op": "set", "name": "date", "value": "2030-01-01T00:00:00Z"]])
    let error = try #require(problem { try stream.run() })
    #expect(error.kind == .denied)
    #expect(!error.isRetryable)
    #expect(!"\(error) \(error.remedy)".contains("wr0ng"))
    #expect(error.message.contains("401"))
  }

  @Test func aVariableThatIsNotSet() throws {
    let stream = try stream([:], .map(["bearer_env": .string("MISSING")]))
    let error = try #require(problem { try stream.run() })
    #expect(error.kind == .misconfigured)
    #expect(error.message == "the environment variable MISSING is not set")
    #expect(error.remedy == "Set it before the run: export MISSING=…")
  }

  @Test func theKeyInAQueryShowsNowhere() throws {
    let auth = ConfigValue.map([
      "query": .map(["name": .string("odd"), "value_env": .string("SECRET")])
    ])
    let stream = try stream(["faults": [["kind": "cut", "times": 99]]], auth)
    #expect(!(try stream.plan().window.predicate.contains("s3cret")))
    let error = try #require(problem { try stream.run() })
    #expect(!"\(error)".contains("s3cret"))
    #expect(error.place?.contains("odd=•••") == true)
  }
}
