import Formats
import Records
import Testing

@Suite struct AccessLogTests {
  private static let line =
    #"203.0.113.9 - frank [10/Oct/2000:13:55:36 -0700] "GET /a?b=c HTTP/1.0" 200 2326 "#
    + #""http://example.com/start" "Mozilla/4.08 [en] (Win98; I ;Nav)""#

  @Test func splitsACombinedLine() throws {
    let parsed = try parse("combined", [Self.line + "\n"])
    #expect(
      parsed.schema.names == [
        "remote_host", "ident", "user", "time", "method", "path", "protocol", "request", "status",
        "bytes", "referer", "user_agent",
      ])
    let row = parsed.schema.names.map { parsed.texts($0)[0] }
    #expect(
      row == [
        "203.0.113.9", "null", "frank", "2000-10-10T20:55:36Z", "GET", "/a?b=c", "HTTP/1.0", "null",
        "200", "2326", "http://example.com/start", "Mozilla/4.08 [en] (Win98; I ;Nav)",
      ])
    #expect(parsed.types["time"] == "timestamp(us,utc)")
    #expect(parsed.types["status"] == "int")
    #expect(parsed.types["bytes"] == "bigint")
  }

  @Test func splitsACommonLine() throws {
    let text = #"::1 id john doe [01/Jan/2026:00:00:00 +0530] "-" 408 -"#
    let parsed = try parse("common", [text])
    #expect(parsed.schema.names.last == "bytes")
    #expect(parsed.texts("user") == ["john doe"])
    #expect(parsed.texts("ident") == ["id"])
    #expect(parsed.texts("time") == ["2025-12-31T18:30:00Z"])
    #expect(parsed.texts("bytes") == ["null"])
    #expect(parsed.texts("request") == ["null"])
  }

  private func combined(request: String, agent: String = "a") throws -> Parsed {
    try parse(
      "combined", [#"h - - [10/Oct/2000:13:55:36 +0000] "\#(request)" 400 0 "-" "\#(agent)""#])
  }

  @Test(arguments: [
    ("GET /a b c HTTP/1.1", ["GET", "/a b c", "HTTP/1.1", "null"]),
    ("PROPFIND / HTTP/2.0", ["PROPFIND", "/", "HTTP/2.0", "null"]),
    ("GET /", ["null", "null", "null", "GET /"]),
    ("GET  HTTP/1.1", ["null", "null", "null", "GET  HTTP/1.1"]),
    (" / HTTP/1.1", ["null", "null", "null", " / HTTP/1.1"]),
    ("\\x16\\x03\\x01", ["null", "null", "null", "\u{16}\u{3}\u{1}"]),
    ("GET /\\\"q\\\" HTTP/1.1", ["GET", "/\"q\"", "HTTP/1.1", "null"]),
    ("GET /\\xD0\\xB4 HTTP/1.1", ["GET", "/д", "HTTP/1.1", "null"]),
    ("GET /\\xFF\\\\ HTTP/1.1", ["GET", "/\\xFF\\", "HTTP/1.1", "null"]),
    ("GET /\\q\\x4 HTTP/1.1", ["GET", "/\\q\\x4", "HTTP/1.1", "null"]),
    ("GET /a\"b HTTP/1.1", ["GET", "/a\"b", "HTTP/1.1", "null"]),
    ("", ["null", "null", "null", "null"]),
    ("-", ["null", "null", "null", "null"]),
  ])
  func splitsRequests(_ request: String, _ parts: [String]) throws {
    let parsed = try combined(request: request)
    #expect(parsed.outcome.rejects.isEmpty)
    #expect(["method", "path", "protocol", "request"].map { parsed.texts($0)[0] } == parts)
    #expect(parsed.texts("user_agent") == ["a"])
  }

  @Test func keepsFurtherFields() throws {
    let parsed = try parse(
      "combined", [Self.line + "\n" + Self.line + #" "10.0.0.1" 0.004"# + "\n"])
    #expect(parsed.texts("extra") == ["null", #""10.0.0.1" 0.004"#])
    let known = try parse("combined", [Self.line], knownSchema: Schema([Field("extra", .string)]))
    #expect(known.texts("extra") == ["null"])
  }

  @Test(arguments: [
    "x", "h", "h -", "h - - x", "h - - [10/Oct/2000:13:55:36 -0700]",
    #"h - - [10/Okt/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 1 "-" "-""#,
    #"h - - [31/Feb/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 1 "-" "-""#,
    #"h - - [10/Oct/2000:24:55:36 -0700] "GET / HTTP/1.0" 200 1 "-" "-""#,
    #"h - - [10/Oct/2000:13:55:36 -070] "GET / HTTP/1.0" 200 1 "-" "-""#,
    #"h - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0 200 1 - -"#,
    #"h - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 2x0 1 "-" "-""#,
    #"h - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 20 1 "-" "-""#,
    #"h - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 1a "-" "-""#,
    #"h - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 9999999999999999999 "-" "-""#,
    #"h - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 1"#,
    #"h - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 1 "-""#,
    #"h - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 1 "-" "agent"#,
    #"h - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 1 "-" "agent\"#,
    #"h - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 1 "-" "agent\""#,
  ])
  func rejectsOtherLines(_ text: String) throws {
    let parsed = try parse("combined", [text + "\n" + Self.line + "\n"])
    #expect(parsed.outcome.rejects.map(\.line) == [1])
    #expect(parsed.outcome.rejects[0].text == text)
    #expect(parsed.outcome.rowLines == [2])
  }

  @Test func commonRefusesCombined() throws {
    let parsed = try parse("common", [Self.line])
    #expect(parsed.outcome.rejects[0].reason.contains("combined"))
  }

  @Test func linesOfAllKinds() throws {
    var bytes = [UInt8](repeating: 0, count: 100) + Array((Self.line + "\r\n\n \n").utf8)
    bytes += Array(#"h - - [10/Oct/2000:13:55:36 +0000] "GET /"#.utf8) + [0xE9]
    bytes += Array(#" HTTP/1.0" 200 1 "-" "é""#.utf8)
    let parsed = try parse("combined", [bytes])
    #expect(parsed.texts("path") == ["/a?b=c", "/\\xE9"])
    #expect(parsed.texts("user_agent").last == "é")
    #expect(parsed.outcome.rowLines == [1, 4])
    #expect(parsed.outcome.repairedCount == 1)
    #expect(parsed.outcome.rejects.isEmpty)
  }

  @Test func manyBlocksAndBatches() throws {
    let blocks = (0..<5).map { block in
      (0..<1500).map { row in
        "10.0.0.\(row % 256) - - [10/Oct/2000:13:55:36 +0000] \"GET /\(block)/\(row) HTTP/1.1\" "
          + "200 \(row) \"-\" \"agent \(row)\"\n"
      }.joined()
    }
    for batchPerBlock in [false, true] {
      let parsed = try parse("combined", blocks, batchPerBlock: batchPerBlock)
      #expect(parsed.texts("path").count == 7500)
      #expect(parsed.texts("path")[4501] == "/3/1")
      #expect(parsed.texts("user_agent")[7499] == "agent 1499")
      #expect(parsed.outcome.rowLines == Array(1...7500))
    }
  }

  @Test func declaredColumnsAreRefused() {
    #expect {
      try parse("combined", [""], options: LineOptions(declared: [Field("x", .string)]))
    } throws: {
      ($0 as? FormatError)?.kind == .invalidOption
    }
  }

  @Test func formatsHaveNames() {
    #expect(
      LineFormats.names == [
        "json", "combined", "common", "extended", "access", "w3c", "syslog", "nginx_error",
        "apache_error", "elb", "alb", "nlb", "cloudfront", "s3_access", "vpc_flow", "cloudtrail",
        "regex", "grok", "xml", "csv", "tsv", "fixed", "logfmt", "key_value",
      ])
    #expect { try LineFormats.named("jsn") } throws: {
      ($0 as? FormatError)?.kind == .unknownFormat
    }
  }
}
