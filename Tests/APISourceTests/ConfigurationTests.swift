import APIServer
@testable import APISource
import Base
import Connector
import Formats
import Records
import Testing

@Suite struct ConfigurationTests {
  private func open(_ options: KeyValuePairs<String, ConfigValue>) throws -> any StreamSession {
    try TestStream("http://api.example/v1", options).open()
  }

  @Test(arguments: [
    (
      ConfigValue.map(["request": request("/x"), "recrods": .string("$")]), "unknown key 'recrods'"
    ),
    (.map(["records": .string("$")]), "the key 'request' is missing"),
    (.map(["request": request("/x"), "records": .string("$[")]), "is no JSON path"),
    (.map(["request": request("http://a.example/x")]), "the path is a whole URL"),
    (
      .map(["request": request("/x", ["since": .string("{form}")])]), "unknown placeholder '{form}'"
    ),
    (.map(["request": request("/x", ["since": .string("{from}")])]), "but the stream no bookmark"),
    (.map(["request": request("/x"), "paginate": .map([:])]), "does not say how"),
    (
      .map([
        "request": request("/x"),
        "paginate": .map(["page": .string("p"), "link": .string("header")]),
      ]),
      "page and link exclude each other"
    ),
    (
      .map(["request": request("/x"), "paginate": .map(["cursor": .string("$.n")])]),
      "no parameter takes it"
    ),
    (.map(["request": request("/x"), "bookmark": .map([:])]), "by what new records are known"),
    (
      .map([
        "request": request("/x"),
        "bookmark": .map(["by": .string("id"), "kind": .string("id"), "window": .plain("1d")]),
      ]),
      "'window' has no meaning"
    ),
    (
      .map([
        "request": request("/x"),
        "bookmark": .map(["by": .string("t"), "kind": .string("time"), "start": .string("soon")]),
      ]),
      "'soon' is not a point in time"
    ),
    (
      .map([
        "request": request("/x", format: "date"),
        "bookmark": .map(["by": .string("t"), "window": .plain("1h")]),
      ]),
      "not a whole number of days"
    ),
    (
      .map([
        "request": request("/x"), "bookmark": .map(["by": .string("t"), "window": .plain("0s")]),
      ]),
      "not a whole number of seconds"
    ),
    (
      .map(["request": request("/x"), "bookmark": .map(["cursor": .string("$.t")])]),
      "does not take the token"
    ),
    (
      .map([
        "request": request("/x", ["until": .string("{to}")]),
        "bookmark": .map(["by": .string("id")]),
      ]),
      "which only a bookmark by time has"
    ),
    (.map(["request": request("/x"), "columns": .map(["a": .string("varchar")])]), "is no type"),
    (
      .map([
        "request": .map(["path": .string("/x"), "method": .string("GET"), "body": .string("b")])
      ]),
      "carries no body"
    ),
  ])
  func whatIsWrongIsSaid(_ options: ConfigValue, _ message: String) {
    let stream = TestStream("http://api.example/v1", [:])
    stream.options = options
    let error = problem { try stream.open() }
    #expect(error?.kind == .misconfigured)
    #expect(error?.message.contains(message) == true, "\(error.map { "\($0)" } ?? "no error")")
    #expect(error?.remedy.isEmpty == false)
  }

  @Test(arguments: [
    "", "api.example", "ftp://a.example", "http://u:p@a.example", "http://a.example?x=1",
  ])
  func baseURLs(_ url: String) {
    #expect(problem { try APISettings(.map(["base_url": .string(url)])) }?.kind == .misconfigured)
  }

  @Test func oneWayToAuthenticate() {
    let two = ConfigValue.map([
      "base_url": .string("http://a.example"),
      "auth": .map([
        "bearer_env": .string("A"),
        "query": .map(["name": .string("n"), "value_env": .string("B")]),
      ]),
    ])
    #expect(problem { try APISettings(two) }?.message == "bearer_env and query exclude each other")
  }

  @Test func aStarIsRefused() throws {
    let stream = TestStream("http://api.example/v1", ["request": request("/x")])
    var configuration = stream.stream
    #expect(try stream.source().streams(matching: configuration).count == 1)
    configuration.item = "x_*"
    #expect(
      problem { try stream.source().streams(matching: configuration) }?.kind == .misconfigured)
  }

  @Test(arguments: [
    ("id", true), ("order_id", true), ("orderId", true), ("meta.id", true), ("updated_at", false),
    ("paid", false), ("humid", false),
  ])
  func kindsFollowNames(_ by: String, _ isID: Bool) throws {
    let progress = try Progress(
      .map(["by": .string(by)]), format: .iso, times: RecordTimes(zone: .utc))
    #expect((progress.kind == .opaque) == isID)
  }

  @Test func nestedObjectsAreStructsOrColumns() throws {
    for flattens in [false, true] {
      let stream = TestStream(
        try api(["records": 5]),
        [
          "request": request("/whole"), "flatten": .plain(flattens ? "true" : "false"),
          "columns": .map(["amount": .string("decimal(10,2)")]),
        ])
      try stream.run()
      let schema = try #require(stream.schema)
      #expect(schema["amount"]?.type == .decimal(precision: 10, scale: 2))
      #expect(stream.batches[0]["amount"]?[2].text == "0.75")
      if flattens {
        #expect(schema.names.suffix(2) == ["wind_speed", "wind_dir"])
      } else {
        guard case .structure(let fields) = schema["wind"]?.type else {
          Issue.record("wind is \(String(describing: schema["wind"]))")
          return
        }
        #expect(fields.map(\.name) == ["speed", "dir"])
      }
    }
  }

  @Test func batchesAreBounded() throws {
    let stream = Paging.cursor.stream(try api(["records": 3000, "page_size": 1000]))
    try stream.run(ReadOptions(batchRowsMax: 500))
    #expect(stream.batches.allSatisfy { $0.rowCount <= 500 + 256 })
    #expect(stream.batches.reduce(0) { $0 + $1.rowCount } == 3000)
  }

  @Test func checkFindsWhatIsWrong() throws {
    func findings(
      _ base: String, key: [String] = ["id"], _ options: KeyValuePairs<String, ConfigValue>
    ) throws -> [Finding] {
      let stream = TestStream(base, key: key, options)
      return try stream.source().check(stream.stream)
    }
    let base = try api(["records": 200, "step_seconds": 3600, "total": true])
    let good = try findings(
      base,
      [
        "request": request("/page", window), "records": .string("$.data"), "bookmark": byTime,
        "paginate": Paging.page.options,
      ])
    #expect(good.isEmpty, "\(good)")
    func text(_ findings: [Finding]) -> String {
      findings.map { "\($0.severity) \($0.message)" }.joined(separator: "\n")
    }
    let unpaged = try findings(base, ["request": request("/page"), "records": .string("$.data")])
    #expect(
      text(unpaged)
        == "error the server counts 200 records and sent 10, and nothing says how to get the others"
    )
    let keyless = try findings(base, key: [], ["request": request("/whole")])
    #expect(text(keyless).hasPrefix("warning no key is declared"))
    let misnamed = try findings(base, key: ["uuid"], ["request": request("/whole")])
    #expect(text(misnamed) == "error a record has no 'uuid', which the key names")
    #expect(misnamed.first?.remedy == "The records have: id, updated_at, name, amount, wind.")
    let misplaced = try findings(
      base, ["request": request("/page"), "records": .string("$.items")])
    #expect(text(misplaced).contains("there is nothing at '$.items'"))
    let wrongBy = try findings(
      base,
      [
        "request": request("/page", window), "records": .string("$.data"),
        "bookmark": .map(["by": .string("modified")]), "paginate": Paging.page.options,
      ])
    #expect(text(wrongBy).contains("a record has no 'modified'"))
    let unfiltered = try findings(
      try api(["records": 200, "ignores_filter": true]),
      [
        "request": request("/page", window), "records": .string("$.data"), "bookmark": byTime,
        "paginate": Paging.page.options,
      ])
    #expect(text(unfiltered).contains("10 of 10 records lie outside"))
    let nobody = try findings("http://127.0.0.1:1", ["request": request("/x")])
    #expect(nobody.first?.isUnreachable == true)
    let linked = try findings(base, ["request": request("/link")])
    #expect(text(linked).contains("Link header"))
  }
}
