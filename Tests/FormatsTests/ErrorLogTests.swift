import Formats
import Records
import Testing

@Suite struct ErrorLogTests {
  @Test(arguments: [
    (
      "2026/11/21 10:00:00 [error] 12#34: *56 open() \"/usr/share/x\" failed "
        + "(2: No such file or directory), client: 192.0.2.1, server: example.com, "
        + "request: \"GET /x?a=\"b\", c HTTP/1.1\", host: \"example.com\", referrer: \"http://e/, f\"",
      [
        "time": "2026-11-21T09:00:00Z", "level": "error", "pid": "12", "tid": "34",
        "connection": "56",
        "message": "open() \"/usr/share/x\" failed (2: No such file or directory)",
        "client": "192.0.2.1", "server": "example.com", "request": "GET /x?a=\"b\", c HTTP/1.1",
        "host": "example.com", "referrer": "http://e/, f",
      ]
    ),
    (
      "2026/11/21 10:00:00 [error] 1#1: *2 upstream timed out (110: Connection timed out) while "
        + "connecting to upstream, client: ::1, server: _, request: \"GET / HTTP/1.1\", "
        + "subrequest: \"/auth\", upstream: \"http://127.0.0.1:81/\", host: \"h\"",
      [
        "time": "2026-11-21T09:00:00Z", "level": "error", "pid": "1", "tid": "1",
        "connection": "2",
        "message": "upstream timed out (110: Connection timed out) while connecting to upstream",
        "client": "::1", "server": "_", "request": "GET / HTTP/1.1", "subrequest": "/auth",
        "upstream": "http://127.0.0.1:81/", "host": "h",
      ]
    ),
    (
      "2026/11/21 10:00:00 [notice] 7#7: signal process started",
      [
        "time": "2026-11-21T09:00:00Z", "level": "notice", "pid": "7", "tid": "7",
        "message": "signal process started",
      ]
    ),
    // Text of others that looks like the tail is none.
    (
      "2026/11/21 10:00:00 [error] 1#1: *2 open() \"/a, client: 6.6.6.6, b\" failed, "
        + "client: 192.0.2.1, server: s",
      [
        "time": "2026-11-21T09:00:00Z", "level": "error", "pid": "1", "tid": "1",
        "connection": "2", "message": "open() \"/a, client: 6.6.6.6, b\" failed",
        "client": "192.0.2.1", "server": "s",
      ]
    ),
    (
      "2026/11/21 10:00:00 [info] 1#1: *2 client disconnected, client: 192.0.2.1, server: 0.0.0.0:1"
        + ", upstream: \"127.0.0.1:2\", bytes from/to client:0/0",
      [
        "time": "2026-11-21T09:00:00Z", "level": "info", "pid": "1", "tid": "1",
        "connection": "2", "message": "client disconnected", "client": "192.0.2.1",
        "server": "0.0.0.0:1", "upstream": "127.0.0.1:2",
        "extra": "bytes from/to client:0/0",
      ]
    ),
  ])
  func nginx(_ line: String, _ expected: [String: String]) throws {
    let parsed = try parse("nginx_error", [line], options: LineOptions(zone: "Europe/Berlin"))
    #expect(parsed.outcome.rejects.isEmpty)
    try #require(parsed.outcome.rowLines == [1])
    #expect(parsed.row(0) == expected)
    #expect(parsed.schema.names.contains("extra") == (expected["extra"] != nil))
  }

  @Test(arguments: [
    ("PHP message: x", "time"), ("2026/11/31 10:00:00 [error] 1#1: x", "time"),
    ("2026/11/21 10:00:00 error 1#1: x", "time"), ("2026/11/21 10:00:00 [eror] 1#1: x", "level"),
    ("2026/11/21 10:00:00 [error", "level"), ("2026/11/21 10:00:00 [error] x", "process"),
    ("2026/11/21 10:00:00 [error] 1#: x", "process"),
    ("2026/11/21 10:00:00 [error] 9999999999999999999#1: x", "process"),
  ])
  func nginxRejects(_ line: String, _ word: String) throws {
    let good = "2026/11/21 10:00:00 [error] 1#1: x"
    let parsed = try parse("nginx_error", [line + "\n" + good])
    #expect(parsed.outcome.rejects.map(\.line) == [1])
    #expect(parsed.outcome.rejects.first?.reason.contains(word) == true)
    #expect(parsed.outcome.rowLines == [2])
  }

  @Test(.timeLimit(.minutes(1))) func nginxTailsThatNeverEnd() throws {
    let hostile =
      "2026/11/21 10:00:00 [error] 1#1: "
      + String(repeating: ", client: \"", count: 200_001)
    let parsed = try parse("nginx_error", [hostile])
    #expect(parsed.texts("client") == ["null"])
    #expect(parsed.outcome.rowLines == [1])
  }

  @Test(arguments: [
    (
      "[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok /etc/httpd/workers2.properties\r",
      [
        "time": "2005-12-04T04:47:44Z", "level": "notice",
        "message": "workerEnv.init() ok /etc/httpd/workers2.properties",
      ]
    ),
    (
      "[Sun Dec 04 05:15:09 2005] [error] [client 222.166.160.184] (13)Permission denied: "
        + "Directory index forbidden: /x, referer: http://e/",
      [
        "time": "2005-12-04T05:15:09Z", "level": "error", "client": "222.166.160.184",
        "error": "(13)Permission denied", "message": "Directory index forbidden: /x",
        "referer": "http://e/",
      ]
    ),
    (
      "[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35708:tid 4328636416] "
        + "(2)No such file or directory: [client 72.15.99.187:48284] AH00128: File does not exist",
      [
        "time": "2011-09-09T10:42:29.902022Z", "level": "error", "module": "core",
        "pid": "35708", "tid": "4328636416", "error": "(2)No such file or directory",
        "client": "72.15.99.187", "client_port": "48284", "code": "AH00128",
        "message": "File does not exist",
      ]
    ),
    (
      "[Sat Nov 21 10:00:00.5 2026] [:trace8] [pid 1] util.c(12): [client ::1:80] (no code) x",
      [
        "time": "2026-11-21T10:00:00.5Z", "level": "trace8", "pid": "1", "source": "util.c(12)",
        "client": "::1", "client_port": "80", "message": "(no code) x",
      ]
    ),
    ("[Sat Nov 21 10:00:00 2026] [-:warn]", ["time": "2026-11-21T10:00:00Z", "level": "warn"]),
    (
      "[Sat Nov 21 10:00:00 2026] [mpm:notice] [pid x] AHx: (1)a [b",
      [
        "time": "2026-11-21T10:00:00Z", "module": "mpm", "level": "notice",
        "message": "[pid x] AHx: (1)a [b",
      ]
    ),
  ])
  func apache(_ line: String, _ expected: [String: String]) throws {
    let parsed = try parse("apache_error", [line])
    #expect(parsed.outcome.rejects.isEmpty)
    try #require(parsed.outcome.rowLines == [1])
    #expect(parsed.row(0) == expected)
  }

  @Test(arguments: [
    ("sh: 1: not found", "time"), ("[Sun Dec 04 04:47:44] [error] x", "time"),
    ("[Sun Dec 04 04:47:44 2005", "time"), ("[Sun Dec 04 04:47:44 2005] error", "level"),
    ("[Sun Dec 04 04:47:44 2005] [eror] x", "level"),
    ("[Sun Dec 34 04:47:44 2005] [error]", "time"),
    ("[Sun Dec 04 04:47:44 2005] [error", "level"), ("[", "time"),
  ])
  func apacheRejects(_ line: String, _ word: String) throws {
    let parsed = try parse("apache_error", [line + "\n[Sun Dec 04 04:47:44 2005] [error] x\n"])
    #expect(parsed.outcome.rejects.map(\.line) == [1])
    #expect(parsed.outcome.rejects.first?.reason.contains(word) == true)
    #expect(parsed.outcome.rowLines == [2])
  }

  @Test func everyChangedLineIsARowOrAReject() throws {
    let lines = [
      (
        "nginx_error",
        "2026/11/21 10:00:00 [error] 12#34: *5 x, client: 1.1.1.1, server: e, request: \"G\""
      ),
      (
        "apache_error",
        "[Fri Sep 09 10:42:29.9 2011] [core:error] [pid 3:tid 4] a.c(1): (2)No: [client 1:4] AH1: x"
      ),
    ]
    for (format, line) in lines {
      let line = Array(line.utf8)
      for count in 1..<line.count {
        for byte in [UInt8(0xFF), 0x5D, 0x22, 0x20, 0x30] {
          var changed = line
          changed[count] = byte
          let parsed = try parse(format, [Array(line.prefix(count)) + [0x0A] + changed])
          #expect(parsed.outcome.rowLines.count + parsed.outcome.rejects.count == 2)
        }
      }
    }
  }
}
