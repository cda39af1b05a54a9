import Base
import Formats
import Records
import Testing

@Suite struct W3CTests {
  private static let header = """
    #Software: Microsoft Internet Information Services 10.0
    #Version: 1.0
    #Date: 2026-11-21 00:00:00
    #Fields: date time s-ip cs-method cs-uri-stem s-port cs(User-Agent) sc-status time-taken

    """

  @Test func readsIISLogs() throws {
    let parsed = try parse(
      "w3c",
      [
        Self.header
          + "2026-11-21 10:00:00 10.0.0.1 GET /a 443 Mozilla/5.0+(X) 200 15\r\n\r\n"
          + "2026-11-21 10:00:01.5 10.0.0.1 GET - 443 \"a b\" 404 0.25\r\n"
      ])
    #expect(parsed.outcome.rejects.isEmpty)
    #expect(parsed.outcome.rowLines == [5, 7])
    #expect(
      parsed.row(0) == [
        "time": "2026-11-21T10:00:00Z", "s_ip": "10.0.0.1", "cs_method": "GET",
        "cs_uri_stem": "/a", "s_port": "443", "cs_user_agent": "Mozilla/5.0+(X)",
        "sc_status": "200", "time_taken": "15.0",
      ])
    #expect(parsed.texts("cs_user_agent")[1] == "a b")
    #expect(parsed.texts("time")[1] == "2026-11-21T10:00:01.5Z")
    #expect(parsed.types["sc_status"] == "int")
    #expect(parsed.types["time_taken"] == "double")
  }

  @Test func fieldsChangeAndAreKept() throws {
    let first = try parse(
      "w3c",
      [
        "#Date: 2026-11-21 00:00:00\n#Fields: time c-ip\n10:00:00 1.1.1.1\n",
        "#Date: 2026-11-22\n#Fields: c-ip\ttime\tx-new(y)\n1.1.1.1\t10:00:00\tq r\n",
      ], options: LineOptions(zone: "Europe/Berlin"))
    #expect(first.texts("time") == ["2026-11-21T09:00:00Z", "2026-11-22T09:00:00Z"])
    #expect(first.texts("x_new_y") == ["null", "q r"])
    let next = try parse(
      "w3c", ["2.2.2.2\t11:00:00\t-\n"], options: LineOptions(zone: "Europe/Berlin"),
      file: file(modified: "2026-11-23", state: first.fileState))
    #expect(
      next.row(0) == ["time": "2026-11-22T10:00:00Z", "c_ip": "2.2.2.2"])
    // Where nothing was kept, the file's head says it.
    let later = TextFile(isAtStart: false, head: Array((Self.header + "2026-11-21 x").utf8))
    let headed = try parse(
      "w3c", ["2026-11-21 10:00:00 10.0.0.1 GET /a 443 M 200 15\n"], file: later)
    #expect(headed.outcome.rejects.isEmpty)
  }

  @Test(arguments: [
    ("2026-11-21 10:00:00 10.0.0.1 GET /a 443 M 200", "9 values"),
    ("2026-11-21 10:00:00 10.0.0.1 GET /a 443 M 200 15 x", "more"),
    ("2026-11-31 10:00:00 10.0.0.1 GET /a 443 M 200 15", "date"),
    ("2026-11-21 10:60:00 10.0.0.1 GET /a 443 M 200 15", "time"),
    ("2026-11-21 10:00:00 10.0.0.1 GET /a x M 200 15", "s-port"),
    ("#Fields:", "names"), ("2026-11-21", "9 values"),
    ("#Fields:" + String(repeating: " x", count: 1001), "names"),
  ])
  func rejectsOtherLines(_ line: String, _ word: String) throws {
    let good = "2026-11-21 10:00:00 10.0.0.1 GET /a 443 M 200 15\n"
    let parsed = try parse("w3c", [Self.header + line + "\n" + good])
    #expect(parsed.outcome.rejects.map(\.line) == [5])
    #expect(parsed.outcome.rejects.first?.reason.contains(word) == true)
    #expect(parsed.outcome.rowLines == [6])
  }

  @Test func entriesNeedAHeader() throws {
    let parsed = try parse(
      "w3c", ["a b c\n#Version: 1.0\n#Fields: x x time_ time\n1 2 3 10:00:00\n"])
    #expect(parsed.outcome.rejects.first?.reason.contains("header") == true)
    #expect(parsed.row(0) == ["x": "1", "x_2": "2", "time_2": "3"])
  }
}
